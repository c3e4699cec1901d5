//! Whether accuracy and loss got worse, over the seeds of each case.
//!
//! Per case three hypotheses are tested, each by an exact permutation test over the seeds
//! ([`permutation_test`]) and each adjusted by Holm over all cases ([`holm`]):
//!
//! - *worse by the margin or more*. Where it is rejected for accuracy and for loss (each at the full
//!   level, as both must be rejected: Berger, "Multiparameter hypothesis testing and acceptance
//!   sampling", Technometrics 24:4, 1982), the case is unchanged: it is wrongly so with probability
//!   at most alpha over all cases.
//! - *not worse*, against worse in accuracy or loss. Where it is rejected and the metric was not
//!   shown to be within its margin, the case is regressed: without any change one is so with
//!   probability at most alpha over all cases. A drop that is sure but smaller than the margin is
//!   what the margin allows: unchanged, and told.
//! - *not better*. Where it is rejected, what is unchanged is improved.
//!
//! Else there are too few seeds to tell. The margin is a shift of the accuracies and a factor of the
//! losses, so that both hypotheses at their boundary say that all seeds are of one distribution,
//! which is what makes the test exact.

use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult, Status};
use crate::stats::{Summary, holm, permutation_test, seeds_needed};

/// Means over the seeds compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccuracyFigures {
    /// How many seeds of the baseline, and of the run.
    pub seeds: (usize, usize),
    /// Mean accuracy of the baseline, and of the run.
    pub accuracy: (f64, f64),
    /// Mean loss of the baseline, and of the run.
    pub loss: (f64, f64),
    /// p of `worse by the margin or more`, adjusted; none where no test was needed.
    pub p_beyond_margin: Option<f64>,
    /// p of `not worse`, adjusted.
    pub p_worse: Option<f64>,
    /// p of `not better`, adjusted.
    pub p_better: Option<f64>,
}

/// The metrics of two sides over their seeds, such that more is better.
#[derive(Debug)]
pub(super) struct Samples {
    old: [Vec<f64>; 2],
    new: [Vec<f64>; 2],
}

const METRICS: [&str; 2] = ["accuracy", "loss"];
/// Of the permutation tests that are drawn.
const SEED: u64 = 1;
/// With which a change is to be shown, where it is said how many seeds are needed.
const POWER: f64 = 0.8;

/// A comparison of one case: settled without a test, or to be tested in the family of all.
#[derive(Debug)]
pub(super) enum Step {
    Settled(Finding<AccuracyFigures>),
    Test(Samples, Finding<AccuracyFigures>),
}

/// What can be said of comparable cases without a test. The seeds that both have are compared; with
/// `every_seed`, all.
pub(super) fn first_step(old: &CaseResults, new: &CaseResults, every_seed: bool) -> Step {
    let chosen = |side: &CaseResults, other: &CaseResults| -> Vec<SeedResult> {
        let both = |result: &&SeedResult| every_seed || other.seed(result.seed).is_some();
        side.seeds.iter().filter(both).cloned().collect()
    };
    let (old_seeds, new_seeds) = (chosen(old, new), chosen(new, old));
    let mut reasons = Vec::new();
    if let Some(left) = left_out(&old.seeds, &old_seeds) {
        reasons.push(format!("{left} of the baseline: not in the run"));
    }
    if let Some(left) = left_out(&new.seeds, &new_seeds) {
        reasons.push(format!("{left} of the run: not in the baseline"));
    }
    if let Some(failed) = failures(&old_seeds, &new_seeds, old) {
        reasons.extend(failed);
        return Step::Settled(Finding::new(Verdict::Regressed, reasons));
    }
    let unfinished: Vec<&SeedResult> = new_seeds.iter().filter(|seed| seed.status.is_none()).collect();
    if !unfinished.is_empty() {
        reasons.push(format!("{} left no record; go on with `tchbench run --resume`", names(&unfinished)));
        return Step::Settled(Finding::new(Verdict::Missing, reasons));
    }
    let both = || new_seeds.iter().filter_map(|new| old.seed(new.seed).map(|old| (old, new)));
    let retraced = both().filter(|(old, new)| is_retraced(old, new)).count();
    let identical = both().filter(|(old, new)| is_identical(old, new)).count();
    let samples = Samples { old: metrics(&old_seeds), new: metrics(&new_seeds) };
    let mut finding = Finding::new(Verdict::Inconclusive, reasons);
    finding.figures = samples.figures();
    if identical == new_seeds.len() && identical > 0 {
        finding.verdict = Verdict::Identical;
        return Step::Settled(finding);
    }
    if retraced > 0 {
        finding.reasons.push(format!("{retraced} of {} seeds have the same trajectory", new_seeds.len()));
    }
    if retraced > identical {
        let other = retraced - identical;
        finding.reasons.push(format!("{other} of them ended with another status, loss or accuracy"));
    }
    if finding.figures.is_none() {
        finding.reasons.push(unscored(&old_seeds, &new_seeds).to_owned());
        return Step::Settled(finding);
    }
    Step::Test(samples, finding)
}

/// Whether the same was trained to the same end, bit by bit.
pub(super) fn is_identical(old: &SeedResult, new: &SeedResult) -> bool {
    is_retraced(old, new) && is_scored_alike(old, new)
}

/// Whether training went through the same bits.
fn is_retraced(old: &SeedResult, new: &SeedResult) -> bool {
    old.trajectory.is_some() && old.trajectory == new.trajectory
}

/// Whether the same came out, to the bit.
fn is_scored_alike(old: &SeedResult, new: &SeedResult) -> bool {
    let outcome =
        |seed: &SeedResult| (seed.status, seed.loss.map(f64::to_bits), seed.accuracy.map(f64::to_bits));
    outcome(old) == outcome(new)
}

/// Why there are no figures, though the bits differ.
fn unscored(old_seeds: &[SeedResult], new_seeds: &[SeedResult]) -> &'static str {
    let none_well = |seeds: &[SeedResult]| seeds.iter().all(|seed| !ended_well(seed));
    match (none_well(old_seeds), none_well(new_seeds)) {
        (true, true) => "no seed ended well, neither the baseline's nor the run's, and the bits differ",
        (true, false) => "no seed of the baseline ended well, so there is nothing to compare with",
        (false, true) => "no seed of the run ended well, so there is nothing to compare",
        (false, false) => "nothing was held out to test or validate, and the bits differ",
    }
}

fn ended_well(seed: &SeedResult) -> bool {
    seed.status.is_some_and(Status::is_success)
}

/// Tests what was not settled, as one family.
pub(super) fn second_step(steps: Vec<Step>, terms: &Terms) -> Vec<Finding<AccuracyFigures>> {
    let tested: Vec<Tests> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Test(samples, _) => samples.tests(terms),
            Step::Settled(_) => None,
        })
        .collect();
    let adjusted = |p: fn(&Tests) -> f64| holm(&tested.iter().map(p).collect::<Vec<_>>());
    let beyond = adjusted(|tests| largest(&tests.beyond_margin));
    let worse = adjusted(|tests| smallest(&tests.worse));
    let better = adjusted(|tests| smallest(&tests.better));
    let family = tested.len();
    let mut results = tested.into_iter().zip(beyond.into_iter().zip(worse.into_iter().zip(better)));
    let finish = |step| match step {
        Step::Settled(finding) => finding,
        Step::Test(samples, finding) => match results.next() {
            Some((tests, (beyond, (worse, better)))) => {
                samples.judge(finding, &tests, [beyond, worse, better], family, terms)
            }
            None => finding,
        },
    };
    steps.into_iter().map(finish).collect()
}

/// p of each metric.
struct Tests {
    beyond_margin: [f64; 2],
    worse: [f64; 2],
    better: [f64; 2],
}

impl Samples {
    fn figures(&self) -> Option<AccuracyFigures> {
        let mean = |values: &Vec<f64>| Summary::of(values).map(|summary| summary.mean);
        let ([old_accuracy, old_loss], [new_accuracy, new_loss]) = (&self.old, &self.new);
        Some(AccuracyFigures {
            seeds: (old_accuracy.len(), new_accuracy.len()),
            accuracy: (mean(old_accuracy)?, mean(new_accuracy)?),
            loss: (-mean(old_loss)?, -mean(new_loss)?),
            p_beyond_margin: None,
            p_worse: None,
            p_better: None,
        })
    }

    /// The baseline's values, worse by the margin.
    fn at_margin(&self, terms: &Terms) -> [Vec<f64>; 2] {
        let [accuracy, loss] = &self.old;
        [
            accuracy.iter().map(|value| value - terms.accuracy_margin).collect(),
            loss.iter().map(|value| value * (1.0 + terms.loss_margin)).collect(),
        ]
    }

    fn tests(&self, terms: &Terms) -> Option<Tests> {
        let ([old_accuracy, old_loss], [new_accuracy, new_loss]) = (&self.old, &self.new);
        let [margin_accuracy, margin_loss] = &self.at_margin(terms);
        let one = |low: &[f64], high: &[f64]| permutation_test([(low, high)], SEED).map(|[p]| p);
        Some(Tests {
            beyond_margin: [one(margin_accuracy, new_accuracy)?, one(margin_loss, new_loss)?],
            worse: permutation_test([(new_accuracy, old_accuracy), (new_loss, old_loss)], SEED)?,
            better: permutation_test([(old_accuracy, new_accuracy), (old_loss, new_loss)], SEED)?,
        })
    }

    fn judge(
        &self,
        mut finding: Finding<AccuracyFigures>,
        tests: &Tests,
        [beyond, worse, better]: [f64; 3],
        family: usize,
        terms: &Terms,
    ) -> Finding<AccuracyFigures> {
        if let Some(figures) = &mut finding.figures {
            figures.p_beyond_margin = Some(beyond);
            figures.p_worse = Some(worse);
            figures.p_better = Some(better);
        }
        // What Holm multiplied a case's p by, for each of its metrics. Where that went above 1, it is
        // not known any more, and at most the number of cases.
        let scaled = |p: f64, case: f64, adjusted: f64| match adjusted < 1.0 {
            true => p * adjusted / case,
            false => p * family as f64,
        };
        let within = |metric: usize| {
            let p = tests.beyond_margin.get(metric).copied().unwrap_or(1.0);
            terms.rejects(scaled(p, largest(&tests.beyond_margin), beyond))
        };
        let is_worse = |metric: usize| {
            let p = tests.worse.get(metric).copied().unwrap_or(1.0);
            terms.rejects(scaled(p, smallest(&tests.worse), worse))
        };
        let named = |metrics: &[usize]| {
            let names: Vec<&str> =
                metrics.iter().filter_map(|&metric| METRICS.get(metric).copied()).collect();
            names.join(" and ")
        };
        let worse_by_less: Vec<usize> = [0, 1].into_iter().filter(|&m| is_worse(m) && within(m)).collect();
        let regressed: Vec<usize> = [0, 1].into_iter().filter(|&m| is_worse(m) && !within(m)).collect();
        if !worse_by_less.is_empty() {
            let names = named(&worse_by_less);
            finding.reasons.push(format!("{names}: worse, but surely by less than the margin"));
        }
        finding.verdict = match () {
            () if !regressed.is_empty() => {
                finding.reasons.push(format!("{}: worse, p = {worse:.4} after Holm", named(&regressed)));
                Verdict::Regressed
            }
            () if within(0) && within(1) && terms.rejects(better) && worse_by_less.is_empty() => {
                Verdict::Improved
            }
            () if within(0) && within(1) => Verdict::Unchanged,
            () => {
                let open: Vec<usize> = [0, 1].into_iter().filter(|&metric| !within(metric)).collect();
                finding.reasons.push(self.wanting(&open, &named(&open), terms.alpha / family as f64, terms));
                Verdict::Inconclusive
            }
        };
        finding
    }

    /// How many seeds would tell.
    fn wanting(&self, open: &[usize], names: &str, level: f64, terms: &Terms) -> String {
        let at_margin = self.at_margin(terms);
        let needed = |&metric: &usize| {
            let (old, shifted, new) = (self.old.get(metric)?, at_margin.get(metric)?, self.new.get(metric)?);
            let margin = Summary::of(old)?.mean - Summary::of(shifted)?.mean;
            seeds_needed(pooled_deviation(old, new)?, margin, level, POWER)
        };
        let found = format!("{names}: neither worse nor surely within the margin");
        let most = open.iter().map(needed).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
        let [old, _] = &self.old;
        let [new, _] = &self.new;
        let have = old.len().min(new.len());
        if old.len() + new.len() <= 2 {
            let least = seeds_needed(0.0, 1.0, level, POWER).unwrap_or_default();
            return format!(
                "{found}; with one seed on each side no spread is known: at least {least} are needed"
            );
        }
        match most {
            Some(needed) => {
                let needed = needed.max(have + 1);
                format!("{found}; about {needed} seeds on each side would show that nothing changed")
            }
            None => format!("{found}; the seeds spread too far for that margin"),
        }
    }
}

/// The deviation within both sides: none where neither has two values.
fn pooled_deviation(a: &[f64], b: &[f64]) -> Option<f64> {
    let squares = |values: &[f64]| {
        let summary = Summary::of(values)?;
        let degrees = summary.count as f64 - 1.0;
        Some((summary.deviation.unwrap_or(0.0).powi(2) * degrees, degrees))
    };
    let ((a, a_degrees), (b, b_degrees)) = (squares(a)?, squares(b)?);
    let degrees = a_degrees + b_degrees;
    (degrees > 0.0).then(|| ((a + b) / degrees).sqrt())
}

fn largest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(0.0, f64::max)
}

fn smallest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(1.0, f64::min)
}

fn metrics(seeds: &[SeedResult]) -> [Vec<f64>; 2] {
    let scored = || seeds.iter().filter_map(|seed| seed.accuracy.zip(seed.loss));
    [scored().map(|(accuracy, _)| accuracy).collect(), scored().map(|(_, loss)| -loss).collect()]
}

/// The seeds that ended badly where the baseline's ended well; with other seeds, where all of the
/// baseline's did.
fn failures(old_seeds: &[SeedResult], new_seeds: &[SeedResult], old: &CaseResults) -> Option<Vec<String>> {
    let was_well = |seed: u64| match old.seed(seed) {
        Some(old) => ended_well(old),
        None => old_seeds.iter().all(ended_well),
    };
    let told: Vec<String> = new_seeds
        .iter()
        .filter(|new| was_well(new.seed))
        .filter_map(|new| {
            let status = new.status.filter(|status| !status.is_success())?;
            Some(format!("seed {} {}, the baseline's did not", new.seed, ended(status)))
        })
        .collect();
    (!told.is_empty()).then_some(told)
}

fn ended(status: Status) -> &'static str {
    match status {
        Status::Completed | Status::StoppedEarly => "ended well",
        Status::Diverged => "diverged",
        Status::OutOfMemory => "ran out of memory",
        Status::Failed => "failed",
    }
}

fn left_out(all: &[SeedResult], chosen: &[SeedResult]) -> Option<String> {
    let left: Vec<&SeedResult> = all.iter().filter(|seed| !chosen.contains(seed)).collect();
    (!left.is_empty()).then(|| names(&left))
}

/// `seed 3`, or `seeds 3, 5`.
fn names(seeds: &[&SeedResult]) -> String {
    let numbers: Vec<String> = seeds.iter().map(|seed| seed.seed.to_string()).collect();
    format!("seed{} {}", if seeds.len() == 1 { "" } else { "s" }, numbers.join(", "))
}
