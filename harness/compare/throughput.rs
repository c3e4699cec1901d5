//! Whether training got slower, case by case, from the processes of each measurement.
//!
//! A process gives one time: its fastest slice of steps in units of the fastest run of the calibration
//! kernel beside them, so that a machine that drifts is divided out ([`location`]). The
//! ratio of two sides comes from the faster half of their processes ([`Ratio`]). With the threshold t, the
//! larger of the margin and the machine's noise floor, and each adjusted by Holm over all cases:
//!
//! - a ratio that is significantly above 1 + t is a suspected regression, and a regression where a
//!   later attempt shows it too: wrongly so with probability at most alpha over all cases.
//! - one significantly below 1 / (1 + t) is an improvement.
//! - one significantly below 1 + 2t is unchanged: a case that is slower by 2t or more passes with
//!   probability at most alpha, over all cases.

use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, Throughput};
use crate::stats::{Interval, Ratio, Summary, holm, location, median};

/// The speeds of one case and their ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThroughputFigures {
    /// Samples a second of the baseline, and of the run, in the fastest slice of a process: medians over
    /// processes.
    pub samples_per_second: (f64, f64),
    /// Processes of the baseline, and of the run.
    pub processes: (usize, usize),
    /// The run's time to the baseline's, with the calibration kernel divided out: above 1 is slower.
    pub ratio: f64,
    /// Holds the true ratio of every case at once, each side with probability 1 - alpha.
    pub interval: Interval,
    /// p of `not slower by more than the threshold`, adjusted.
    pub p_slower: f64,
    /// Whether the run may be slower and was not measured again yet.
    pub suspected: bool,
}

/// A case with the ratio of its first attempt.
struct Measured<'a> {
    old: &'a [Throughput],
    new: &'a [Throughput],
    batches: Batches,
    first: &'a Compared,
}

/// Samples in a step on either side: they differ where that is the question.
#[derive(Clone, Copy)]
struct Batches {
    old: f64,
    new: f64,
}

impl Batches {
    fn of(old: &CaseResults, new: &CaseResults) -> Self {
        let batch = |case: &CaseResults| f64::from(case.trial.experiment.training.batch);
        Batches { old: batch(old), new: batch(new) }
    }
}

/// What is said of comparable cases, as one family. Each has a measurement on both sides.
pub(super) fn throughput(
    cases: &[(&CaseResults, &CaseResults)],
    terms: &Terms,
) -> Vec<Finding<ThroughputFigures>> {
    let compared: Vec<Option<Compared>> = cases
        .iter()
        .map(|(old, new)| Compared::of(&old.throughput, new.throughput.get(..1)?, Batches::of(old, new)))
        .collect();
    let threshold = 1.0 + terms.threshold();
    let adjusted = |p: &dyn Fn(&Ratio) -> f64| {
        let known = compared.iter().flatten();
        holm(&known.map(|compared| p(&compared.ratio)).collect::<Vec<_>>()).into_iter()
    };
    let slower = adjusted(&|ratio| ratio.p_above(threshold));
    let faster = adjusted(&|ratio| ratio.p_below(1.0 / threshold));
    let within = adjusted(&|ratio| ratio.p_below(1.0 + 2.0 * terms.threshold()));
    let family = compared.iter().flatten().count();
    let mut p = slower.zip(faster).zip(within);
    let mut findings = Vec::new();
    for ((old, new), compared) in cases.iter().zip(&compared) {
        // There is a p for each that could be compared, in their order.
        let judged = compared.as_ref().and_then(|first| {
            let ((slower, faster), within) = p.next()?;
            let batches = Batches::of(old, new);
            let measured = Measured { old: &old.throughput, new: &new.throughput, batches, first };
            Some(measured.judge(Adjusted { slower, faster, within }, family, terms))
        });
        let unmeasured = || {
            let reason = "at least two processes with rounds are needed on each side";
            Finding::new(Verdict::Inconclusive, vec![reason.to_owned()])
        };
        findings.push(judged.unwrap_or_else(unmeasured));
    }
    findings
}

/// p adjusted for the family.
struct Adjusted {
    slower: f64,
    faster: f64,
    within: f64,
}

impl Measured<'_> {
    fn judge(&self, p: Adjusted, family: usize, terms: &Terms) -> Finding<ThroughputFigures> {
        let threshold = terms.threshold();
        let interval = self.first.ratio.interval(1.0 - 2.0 * terms.alpha / family as f64);
        let mut reasons = Vec::new();
        if !self.first.calibrated {
            reasons
                .push("the calibration kernel was not timed on both sides: it is not divided out".to_owned());
        }
        reasons.extend(
            self.new
                .iter()
                .filter(|attempt| attempt.slowdown != 0.0)
                .map(|attempt| format!("a slowdown of {:.1} % was put in", attempt.slowdown * 100.0)),
        );
        let suspected = terms.rejects(p.slower);
        let later = self.new.get(1..).unwrap_or_default();
        let confirming = Compared::of(self.old, later, self.batches);
        let unconfirmed = suspected && confirming.is_none();
        let verdict = match () {
            () if unconfirmed => {
                reasons.push("suspected to be slower; not confirmed by measuring again yet".to_owned());
                Verdict::Inconclusive
            }
            () if suspected => self.again(confirming, family, terms, &mut reasons),
            () if terms.rejects(p.faster) => Verdict::Improved,
            () if terms.rejects(p.within) => Verdict::Unchanged,
            () => {
                reasons.push(format!(
                    "neither slower by more than {:.1} % nor surely by less than {:.1} %; measure more \
                     processes, or with less beside it",
                    threshold * 100.0,
                    threshold * 200.0
                ));
                Verdict::Inconclusive
            }
        };
        let mut finding = Finding::new(verdict, reasons);
        let first = self.new.get(..1).unwrap_or_default();
        finding.figures = Some(ThroughputFigures {
            samples_per_second: (self.batches.old / seconds(self.old), self.batches.new / seconds(first)),
            processes: (processes(self.old), processes(first)),
            ratio: self.first.ratio.estimate(),
            interval,
            p_slower: p.slower,
            suspected: unconfirmed,
        });
        finding
    }

    /// What later attempts say of a suspected regression. They were made for this case alone, so that
    /// nothing is adjusted; to take the suspicion back, all attempts together must show that there is
    /// none, at the level of the strictest test of the family.
    fn again(
        &self,
        confirming: Option<Compared>,
        family: usize,
        terms: &Terms,
        reasons: &mut Vec<String>,
    ) -> Verdict {
        let threshold = terms.threshold();
        let Some(confirming) = confirming else { return Verdict::Inconclusive };
        let ratio = confirming.ratio.estimate();
        if terms.rejects(confirming.ratio.p_above(1.0 + threshold)) {
            reasons.push(format!("slower when measured again, too: by a factor of {ratio:.3}"));
            return Verdict::Regressed;
        }
        let all = Compared::of(self.old, self.new, self.batches);
        let within = all.map_or(1.0, |all| all.ratio.p_below(1.0 + 2.0 * threshold));
        if terms.rejects(within * family as f64) {
            reasons.push(format!("suspected to be slower, but not when measured again: {ratio:.3}"));
            return Verdict::Unchanged;
        }
        reasons.push(format!("suspected to be slower; measured again, {ratio:.3} does not settle it"));
        Verdict::Inconclusive
    }
}

/// Two sides' processes compared.
struct Compared {
    ratio: Ratio,
    /// Whether the calibration kernel was divided out.
    calibrated: bool,
}

impl Compared {
    /// By the time that a sample takes. None of fewer than two processes with rounds on a side.
    fn of(old: &[Throughput], new: &[Throughput], batches: Batches) -> Option<Self> {
        let scale = batches.old / batches.new;
        let calibrated = |side| locations(side, true);
        let (old_calibrated, new_calibrated) = (calibrated(old), calibrated(new));
        if let Some(ratio) = old_calibrated.zip(new_calibrated).and_then(|(old, new)| Ratio::of(&old, &new)) {
            return Some(Compared { ratio: ratio.scaled(scale), calibrated: true });
        }
        let ratio = Ratio::of(&locations(old, false)?, &locations(new, false)?)?;
        Some(Compared { ratio: ratio.scaled(scale), calibrated: false })
    }
}

/// The ratio of the second side's times to the first's; none of fewer than two processes on a side.
pub(super) fn ratio(old: &[Throughput], new: &[Throughput]) -> Option<Ratio> {
    Compared::of(old, new, Batches { old: 1.0, new: 1.0 }).map(|compared| compared.ratio)
}

/// The relative standard deviation between the processes of a measurement.
pub(super) fn spread(measurement: &Throughput) -> Option<f64> {
    let times = Summary::of(&locations(std::slice::from_ref(measurement), true)?)?;
    Some(times.deviation? / times.mean)
}

/// What each process says its time is: the fastest slice of all its rounds, in units of the fastest run
/// of the calibration kernel. None where one has none.
pub(super) fn locations(attempts: &[Throughput], calibrated: bool) -> Option<Vec<f64>> {
    let process = |(step, calibration): (&Vec<f64>, &Vec<f64>)| {
        let unit = if calibrated { location(calibration)? } else { 1.0 };
        Some(location(step)? / unit).filter(|time| time.is_finite())
    };
    attempts
        .iter()
        .flat_map(|attempt| attempt.step_seconds.iter().zip(&attempt.calibration_seconds))
        .map(process)
        .collect()
}

fn processes(attempts: &[Throughput]) -> usize {
    attempts.iter().map(|attempt| attempt.step_seconds.len()).sum()
}

/// The median over processes of a step's time.
fn seconds(attempts: &[Throughput]) -> f64 {
    locations(attempts, false).and_then(|times| median(&times)).unwrap_or(f64::NAN)
}
