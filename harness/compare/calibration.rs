//! What verdicts on throughput are worth on a machine, from measuring it against itself.

use super::throughput::throughput;
use super::verdict::{Terms, Verdict};
use crate::record::{CalibratedCase, CaseResults, Throughput};
use crate::stats::{Ratio, median, quantile};

/// So much of the differences between two measurements of one program lies below the noise floor.
const BELOW: f64 = 0.975;

/// So many measurements of each kind it takes to count verdicts: three are in a comparison, and two more
/// tell the noise floor that judges it.
pub const FEWEST: usize = 5;

/// The noise floor: the 97.5 % quantile of the relative differences between every two plain
/// measurements of a case, all cases together. None of fewer than two measurements.
pub fn noise_floor(cases: &[CalibratedCase]) -> Option<f64> {
    floor_without(cases, &[])
}

/// As if the measurements of these indices had not been made: what is judged by a floor must not
/// have helped to find it.
fn floor_without(cases: &[CalibratedCase], left_out: &[usize]) -> Option<f64> {
    let mut differences = Vec::new();
    for case in cases {
        let kept: Vec<&Throughput> = case
            .plain
            .iter()
            .enumerate()
            .filter(|(i, _)| !left_out.contains(i))
            .map(|(_, one)| one)
            .collect();
        for (index, old) in kept.iter().enumerate() {
            for new in kept.iter().skip(index + 1) {
                differences.extend(ratio(old, new).map(|ratio| ratio.estimate().ln().abs()));
            }
        }
    }
    Some(quantile(&differences, BELOW)?.exp() - 1.0)
}

fn ratio(old: &Throughput, new: &Throughput) -> Option<Ratio> {
    super::throughput::ratio(std::slice::from_ref(old), std::slice::from_ref(new))
}

/// What was said of how many comparisons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub comparisons: usize,
    /// `regressed`, confirmed by another measurement.
    pub regressed: usize,
    /// `improved`.
    pub improved: usize,
    /// `inconclusive`.
    pub inconclusive: usize,
}

impl Counts {
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
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub case: String,
    /// The standard deviation between processes of one measurement, relative; the median.
    pub spread: Option<f64>,
    /// The largest relative difference between a measurement and the next.
    pub largest: Option<f64>,
    /// Of the program against itself.
    pub plain: Counts,
    /// Of the slowed case among others that are as they were.
    pub slowed: Counts,
    /// The smallest slowdown that is found with probability 0.95, with this method; and with four
    /// times as many processes, were they as noisy.
    pub smallest: Option<(f64, f64)>,
}

/// Reaches the verdicts of [`diff`](super::diff()) on measurements whose truth is known. A plain one is
/// the baseline of the next and of the one after it, and of each slowed case among the plain others;
/// the measurement that follows confirms. Each comparison is judged by the noise floor of the
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
            let found = |case: &CalibratedCase| plain(case, [at(base + ahead), at(base + ahead + 1)]);
            let terms = terms_without(cases, &[base, at(base + ahead), at(base + ahead + 1)], terms);
            for (rates, verdict) in all.iter_mut().zip(verdicts(cases, base, found, &terms)) {
                rates.plain.add(verdict);
            }
        }
        let terms = terms_without(cases, &[base, at(base + 1), at(base + 2)], terms);
        for slowed in 0..cases.len() {
            let is_slowed = |case: &CalibratedCase| std::ptr::eq(case, &cases[slowed]);
            let found = |case: &CalibratedCase| match is_slowed(case) {
                true => vec![case.slowed[base].clone(), case.slowed[at(base + 1)].clone()],
                false => plain(case, [at(base + 1), at(base + 2)]),
            };
            if let Some(verdict) = verdicts(cases, base, found, &terms).into_iter().nth(slowed) {
                all[slowed].slowed.add(verdict);
            }
        }
    }
    all
}

fn terms_without(cases: &[CalibratedCase], left_out: &[usize], terms: &Terms) -> Terms {
    Terms { noise_floor: floor_without(cases, left_out).or(terms.noise_floor), ..terms.clone() }
}

fn plain(case: &CalibratedCase, attempts: [usize; 2]) -> Vec<Throughput> {
    attempts.iter().map(|&index| case.plain[index].clone()).collect()
}

/// What is said of every case against its plain measurement `base`.
fn verdicts(
    cases: &[CalibratedCase],
    base: usize,
    found: impl Fn(&CalibratedCase) -> Vec<Throughput>,
    terms: &Terms,
) -> Vec<Verdict> {
    let results = |case: &CalibratedCase, throughput| CaseResults {
        trial: case.trial.clone(),
        seeds: Vec::new(),
        throughput,
    };
    let pairs: Vec<(CaseResults, CaseResults)> = cases
        .iter()
        .map(|case| (results(case, vec![case.plain[base].clone()]), results(case, found(case))))
        .collect();
    let pairs: Vec<(&CaseResults, &CaseResults)> = pairs.iter().map(|(old, new)| (old, new)).collect();
    throughput(&pairs, terms).into_iter().map(|finding| finding.verdict).collect()
}

fn empty(case: &CalibratedCase, terms: &Terms, family: usize) -> CaseRates {
    let next: Vec<Ratio> =
        case.plain.windows(2).filter_map(|pair| ratio(pair.first()?, pair.get(1)?)).collect();
    let spreads: Vec<f64> = case.plain.iter().filter_map(super::throughput::spread).collect();
    let largest = next.iter().map(|ratio| ratio.estimate().ln().abs().exp() - 1.0).reduce(f64::max);
    let half = |level: f64| {
        let halves: Vec<f64> = next.iter().map(|ratio| ratio.half_width(level)).collect();
        median(&halves)
    };
    let smallest = half(1.0 - 2.0 * terms.alpha / family as f64).zip(half(0.9)).map(|(strict, power)| {
        let at = |width: f64| (terms.threshold().ln_1p() + width).exp() - 1.0;
        (at(strict + power), at((strict + power) / 2.0))
    });
    CaseRates {
        suite: case.trial.suite.to_string(),
        case: case.trial.case.to_string(),
        spread: median(&spreads),
        largest,
        plain: Counts::default(),
        slowed: Counts::default(),
        smallest,
    }
}
