//! What verdicts on throughput are worth on a machine, from measuring it against itself.

use super::noise::{CaseNoise, Noise};
use super::throughput::{ratio, throughput};
use super::verdict::{Terms, Verdict};
use crate::record::{CalibratedCase, CaseResults, Throughput};
use crate::stats::{Ratio, median};

/// So many measurements of each kind it takes to count verdicts: three are in a comparison, and two more
/// tell the noise that judges it.
pub const FEWEST: usize = 5;

/// What was said of how many comparisons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComparisonCounts {
    /// The number of comparisons.
    pub comparisons: usize,
    /// `regressed`, confirmed by another measurement.
    pub regressed: usize,
    /// The number that ended in `improved`.
    pub improved: usize,
    /// The number that ended in `inconclusive`.
    pub inconclusive: usize,
}

impl ComparisonCounts {
    fn add(&mut self, verdict: Verdict) {
        self.comparisons += 1;
        match verdict {
            Verdict::Regressed => self.regressed += 1,
            Verdict::Improved => self.improved += 1,
            Verdict::Inconclusive => self.inconclusive += 1,
            _ => {}
        }
    }
}

/// What verdicts on a case were worth.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRates {
    /// The name of the suite.
    pub suite: String,
    /// The name of the case.
    pub case: String,
    /// The standard deviation between processes of one measurement, relative; the median.
    pub spread: Option<f64>,
    /// The case's noise floor, in parts of the time.
    pub floor: f64,
    /// The largest relative difference between a measurement and the next.
    pub largest: Option<f64>,
    /// Of the program against itself.
    pub plain: ComparisonCounts,
    /// Of the slowed case among others that are as they were.
    pub slowed: ComparisonCounts,
    /// The smallest slowdown that is found with probability 0.95, with this method; and with four
    /// times as many processes, were they as noisy.
    pub smallest: Option<(f64, f64)>,
}

/// Reaches the verdicts of [`diff`](super::diff()) on measurements whose truth is known. A plain one is
/// the baseline of the next and of the one after it, and of each slowed case among the plain others;
/// the measurement that follows confirms. Each comparison is judged by the noise of the
/// measurements that are not in it. The cases are one family.
pub fn rates(cases: &[CalibratedCase], terms: &Terms) -> Vec<CaseRates> {
    let repeats = cases.iter().map(|case| case.plain.len().min(case.slowed.len())).min().unwrap_or(0);
    let mut all: Vec<CaseRates> = cases.iter().map(|case| empty(case, terms, cases.len())).collect();
    if repeats < FEWEST {
        return all;
    }
    let at = |index: usize| index % repeats;
    for base in 0..repeats {
        for ahead in [1, 2] {
            let attempts = [at(base + ahead), at(base + ahead + 1)];
            let comparisons: Vec<_> =
                cases.iter().map(|case| Comparison { case, base, attempts, slowed: false }).collect();
            for (rates, verdict) in all.iter_mut().zip(verdicts(&comparisons, terms)) {
                rates.plain.add(verdict);
            }
        }
        for (slowed, rates) in all.iter_mut().enumerate() {
            let comparison = |(index, case)| {
                if index == slowed {
                    Comparison { case, base, attempts: [base, at(base + 1)], slowed: true }
                } else {
                    Comparison { case, base, attempts: [at(base + 1), at(base + 2)], slowed: false }
                }
            };
            let comparisons: Vec<_> = cases.iter().enumerate().map(comparison).collect();
            if let Some(verdict) = verdicts(&comparisons, terms).into_iter().nth(slowed) {
                rates.slowed.add(verdict);
            }
        }
    }
    all
}

/// Two measurements of a case, by their indices, against the plain one `base`.
struct Comparison<'a> {
    case: &'a CalibratedCase,
    base: usize,
    attempts: [usize; 2],
    slowed: bool,
}

impl Comparison<'_> {
    fn sides(&self) -> (CaseResults, CaseResults) {
        let results =
            |throughput| CaseResults { trial: self.case.trial.clone(), seeds: Vec::new(), throughput };
        let found = if self.slowed { &self.case.slowed } else { &self.case.plain };
        let found = self.attempts.iter().map(|&index| found[index].clone()).collect();
        (results(vec![self.case.plain[self.base].clone()]), results(found))
    }

    /// The plain and the slowed measurements that are not compared.
    fn others(&self) -> [Vec<&Throughput>; 2] {
        let CalibratedCase { plain, slowed, .. } = self.case;
        let [first, second] = self.attempts;
        if self.slowed {
            [without(plain, &[self.base]), without(slowed, &self.attempts)]
        } else {
            [without(plain, &[self.base, first, second]), without(slowed, &[])]
        }
    }
}

fn without<'a>(all: &'a [Throughput], used: &[usize]) -> Vec<&'a Throughput> {
    all.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, one)| one).collect()
}

/// What is said of each.
fn verdicts(comparisons: &[Comparison<'_>], terms: &Terms) -> Vec<Verdict> {
    let noise = Noise::of_groups(comparisons.iter().map(|one| (&one.case.trial, one.others())));
    let terms = Terms { noise: noise.unwrap_or_default(), ..terms.clone() };
    let pairs: Vec<(CaseResults, CaseResults)> = comparisons.iter().map(Comparison::sides).collect();
    let pairs: Vec<(&CaseResults, &CaseResults)> = pairs.iter().map(|(old, new)| (old, new)).collect();
    throughput(&pairs, &terms).into_iter().map(|finding| finding.verdict).collect()
}

fn empty(case: &CalibratedCase, terms: &Terms, family: usize) -> CaseRates {
    let next: Vec<Ratio> =
        case.plain.windows(2).filter_map(|pair| ratio(pair.first()?, pair.get(1)?)).collect();
    let spreads: Vec<f64> = case.plain.iter().filter_map(super::throughput::spread).collect();
    let largest = next.iter().map(|ratio| ratio.estimate().ln().abs().exp() - 1.0).reduce(f64::max);
    let noise = terms.noise.of_case(&case.trial);
    let level = 1.0 - 2.0 * terms.alpha / family as f64;
    let smallest = |times| smallest(&next, noise, level, terms.throughput_margin, times);
    CaseRates {
        suite: case.trial.suite.to_string(),
        case: case.trial.case.to_string(),
        spread: median(&spreads),
        floor: noise.floor(),
        largest,
        plain: ComparisonCounts::default(),
        slowed: ComparisonCounts::default(),
        smallest: smallest(1.0).zip(smallest(4.0)),
    }
}

/// The slowdown that is suspected with probability 0.95 by tests at this two-sided level, with so many times as many
/// processes; `next` compares measurements of the program with itself.
fn smallest(next: &[Ratio], noise: CaseNoise, level: f64, margin: f64, times: f64) -> Option<f64> {
    let typical = |value: &dyn Fn(&Ratio) -> f64| median(&next.iter().map(value).collect::<Vec<_>>());
    let noise = noise.with_processes(typical(&Ratio::variance)?, times);
    let by_processes =
        margin.max(noise.floor()).ln_1p() + typical(&|ratio| ratio.half_width(level))? / times.sqrt();
    let found_in_half = by_processes.max(noise.half_width(level));
    Some((found_in_half + noise.half_width(0.9)).exp_m1())
}
