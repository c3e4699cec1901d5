//! Whether training got slower, case by case, from the processes of each measurement.
//!
//! A process gives one time: its fastest slice of steps in units of the fastest run of the calibration
//! kernel beside them, so that a machine that drifts is divided out ([`location`]). The
//! ratio of two sides comes from the faster half of their processes ([`Ratio`]).
//!
//! It has two errors: that of the spread of these processes, and that of measurements, which a calibration
//! tells for each case ([`CaseNoise`]). What is said must be sure by both, each p being the larger of the
//! two (Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24:4, 1982) and
//! adjusted by Holm over all cases. With the threshold t, the larger of the margin and the case's noise floor:
//!
//! - a ratio that is significantly above 1 + t by its processes, and above 1 by its measurements, is a suspected
//!   regression, and a regression where a later attempt shows it too: wrongly so of a program that did not
//!   change with probability at most alpha over all cases.
//! - one significantly below 1 / (1 + t), and below 1, is a suspected improvement, and an improvement where a later attempt shows
//!   it too; else it is unchanged.
//! - one significantly below 1 + 2t, by both, is unchanged: a case that is slower by 2t or more passes with
//!   probability at most alpha, over all cases.

use super::locations::locations;
use super::noise::CaseNoise;
use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, Throughput};
use crate::stats::{Interval, Ratio, Summary, holm, median};

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
    /// The change of a time beyond which the case is slower or faster, in parts of it.
    pub threshold: f64,
    /// Whether the run may be slower or faster and was not measured again yet.
    pub suspected: bool,
}

/// Two measured sides of a case, and what is known of the case.
struct Measured<'a> {
    old: &'a [Throughput],
    new: &'a [Throughput],
    batches: Batches,
    noise: CaseNoise,
    /// The larger of the margin and the case's noise floor.
    threshold: f64,
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

/// Returns what is said of comparable cases, as one family. Each has a measurement on both sides.
pub(super) fn throughput(
    cases: &[(&CaseResults, &CaseResults)],
    terms: &Terms,
) -> Vec<Finding<ThroughputFigures>> {
    let measured: Vec<Measured> = cases.iter().map(|(old, new)| Measured::of(old, new, terms)).collect();
    let compared: Vec<Option<Compared>> = measured.iter().map(Measured::first).collect();
    let adjusted = |p: fn(&Compared, f64) -> f64| {
        let known = compared.iter().zip(&measured);
        let p = known.filter_map(|(compared, measured)| Some(p(compared.as_ref()?, measured.threshold)));
        holm(&p.collect::<Vec<_>>()).into_iter()
    };
    let slower = adjusted(Compared::p_slower);
    let faster = adjusted(Compared::p_faster);
    let within = adjusted(Compared::p_within);
    let family = compared.iter().flatten().count();
    let mut p = slower.zip(faster).zip(within);
    let mut findings = Vec::new();
    for (measured, compared) in measured.iter().zip(&compared) {
        // There is a p for each that could be compared, in their order.
        let judged = compared.as_ref().and_then(|first| {
            let ((slower, faster), within) = p.next()?;
            Some(measured.judge(first, AdjustedP { slower, faster, within }, family, terms))
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
struct AdjustedP {
    slower: f64,
    faster: f64,
    within: f64,
}

impl<'a> Measured<'a> {
    fn of(old: &'a CaseResults, new: &'a CaseResults, terms: &Terms) -> Self {
        let noise = terms.noise.of_case(&new.trial);
        let [.., margin] = terms.margins_of(&new.trial);
        Measured {
            old: &old.throughput,
            new: &new.throughput,
            batches: Batches::of(old, new),
            noise,
            threshold: margin.max(noise.floor()),
        }
    }

    /// With these attempts of the run.
    fn with(&self, new: &[Throughput]) -> Option<Compared> {
        Compared::of(self.old, new, self.batches, self.noise)
    }

    fn first(&self) -> Option<Compared> {
        self.with(self.new.get(..1)?)
    }

    fn judge(
        &self,
        first: &Compared,
        p: AdjustedP,
        family: usize,
        terms: &Terms,
    ) -> Finding<ThroughputFigures> {
        let mut reasons = Vec::new();
        if !first.calibrated {
            reasons
                .push("the calibration kernel was not timed on both sides: it is not divided out".to_owned());
        }
        reasons.extend(
            self.new
                .iter()
                .filter(|attempt| attempt.slowdown != 0.0)
                .map(|attempt| format!("a slowdown of {:.1} % was put in", attempt.slowdown * 100.0)),
        );
        let confirming = self.with(self.new.get(1..).unwrap_or_default());
        let slower = terms.rejects(p.slower);
        let faster = terms.rejects(p.faster);
        let suspected = (slower || faster) && confirming.is_none();
        let verdict = match confirming {
            Some(again) if slower => self.is_slower_again(&again, family, terms, &mut reasons),
            Some(again) if faster => self.is_faster_again(&again, terms, &mut reasons),
            _ if slower => {
                reasons.push("suspected to be slower; not confirmed by measuring again yet".to_owned());
                Verdict::Inconclusive
            }
            _ if faster => {
                reasons.push("suspected to be faster; not confirmed by measuring again yet".to_owned());
                Verdict::Unchanged
            }
            _ if terms.rejects(p.within) => Verdict::Unchanged,
            _ => {
                reasons.push(format!(
                    "neither slower by more than {:.1} % nor surely by less than {:.1} %; measure more \
                     processes, or with less beside it",
                    self.threshold * 100.0,
                    self.threshold * 200.0
                ));
                Verdict::Inconclusive
            }
        };
        let mut finding = Finding::new(verdict, reasons);
        let attempt = self.new.get(..1).unwrap_or_default();
        finding.figures = Some(ThroughputFigures {
            samples_per_second: (self.batches.old / seconds(self.old), self.batches.new / seconds(attempt)),
            processes: (processes(self.old), processes(attempt)),
            ratio: first.ratio.estimate(),
            interval: first.interval(1.0 - 2.0 * terms.alpha / family as f64),
            p_slower: p.slower,
            threshold: self.threshold,
            suspected,
        });
        finding
    }

    /// What later attempts say of a suspected regression. They were made for this case alone, so that
    /// nothing is adjusted; to take the suspicion back, all attempts together must show that there is
    /// none, at the level of the strictest test of the family.
    fn is_slower_again(
        &self,
        again: &Compared,
        family: usize,
        terms: &Terms,
        reasons: &mut Vec<String>,
    ) -> Verdict {
        let ratio = again.ratio.estimate();
        if terms.rejects(again.p_slower(self.threshold)) {
            reasons.push(format!("slower when measured again, too: by a factor of {ratio:.3}"));
            return Verdict::Regressed;
        }
        let within = self.with(self.new).map_or(1.0, |all| all.p_within(self.threshold));
        if terms.rejects(within * family as f64) {
            reasons.push(format!("suspected to be slower, but not when measured again: {ratio:.3}"));
            return Verdict::Unchanged;
        }
        reasons.push(format!("suspected to be slower; measured again, {ratio:.3} does not settle it"));
        Verdict::Inconclusive
    }

    /// What later attempts say of a suspected improvement: that it is not slower is sure already.
    fn is_faster_again(&self, again: &Compared, terms: &Terms, reasons: &mut Vec<String>) -> Verdict {
        let ratio = again.ratio.estimate();
        if terms.rejects(again.p_faster(self.threshold)) {
            reasons.push(format!("faster when measured again, too: by a factor of {ratio:.3}"));
            return Verdict::Improved;
        }
        reasons.push(format!("suspected to be faster, but not surely so when measured again: {ratio:.3}"));
        Verdict::Unchanged
    }
}

/// Two sides' processes compared.
struct Compared {
    /// With the error of these processes.
    ratio: Ratio,
    /// The same with the error of measurements, where that is known.
    between: Option<Ratio>,
    /// Whether the calibration kernel was divided out.
    calibrated: bool,
}

impl Compared {
    /// By the time that a sample takes. None of fewer than two processes with rounds on a side.
    fn of(old: &[Throughput], new: &[Throughput], batches: Batches, noise: CaseNoise) -> Option<Self> {
        let (ratio, calibrated) = processes_compared(old, new)?;
        let ratio = ratio.scaled(batches.old / batches.new);
        let between = noise.error_of(ratio, (old.len(), new.len()));
        Some(Compared { ratio, between, calibrated })
    }

    /// The larger p of both errors.
    fn by_both(&self, processes: impl Fn(&Ratio) -> f64, between: impl Fn(&Ratio) -> f64) -> f64 {
        processes(&self.ratio).max(self.between.as_ref().map_or(0.0, between))
    }

    /// The p of the hypothesis that it is not slower by more than the threshold, or not slower than chance has it.
    fn p_slower(&self, threshold: f64) -> f64 {
        self.by_both(|ratio| ratio.p_above(1.0 + threshold), |ratio| ratio.p_above(1.0))
    }

    /// The p of the hypothesis that it is not faster by more than the threshold, or not faster than chance has it.
    fn p_faster(&self, threshold: f64) -> f64 {
        self.by_both(|ratio| ratio.p_below(1.0 / (1.0 + threshold)), |ratio| ratio.p_below(1.0))
    }

    /// The p of the hypothesis that it is slower by twice the threshold or more.
    fn p_within(&self, threshold: f64) -> f64 {
        let p = |ratio: &Ratio| ratio.p_below(1.0 + 2.0 * threshold);
        self.by_both(p, p)
    }

    /// The longer of the intervals of both errors at this level.
    fn interval(&self, level: f64) -> Interval {
        let own = self.ratio.interval(level);
        let between = self.between.map_or(own, |between| between.interval(level));
        Interval { low: own.low.min(between.low), high: own.high.max(between.high) }
    }
}

/// The ratio of the second side's times to the first's, and whether the calibration kernel was divided
/// out; `None` for fewer than two processes with rounds on a side.
fn processes_compared(old: &[Throughput], new: &[Throughput]) -> Option<(Ratio, bool)> {
    let of = |calibrated| Ratio::of(&locations(old, calibrated)?, &locations(new, calibrated)?);
    of(true).map(|ratio| (ratio, true)).or_else(|| Some((of(false)?, false)))
}

/// Returns the ratio of the second measurement's times to the first's; `None` of fewer than two processes on a side.
pub(super) fn ratio(old: &Throughput, new: &Throughput) -> Option<Ratio> {
    processes_compared(std::slice::from_ref(old), std::slice::from_ref(new)).map(|(ratio, _)| ratio)
}

/// Returns the relative standard deviation between the processes of a measurement.
pub(super) fn spread(measurement: &Throughput) -> Option<f64> {
    let times = Summary::of(&locations(std::slice::from_ref(measurement), true)?)?;
    Some(times.deviation? / times.mean)
}

fn processes(attempts: &[Throughput]) -> usize {
    attempts.iter().map(|attempt| attempt.step_seconds.len()).sum()
}

/// The median over processes of a step's time.
fn seconds(attempts: &[Throughput]) -> f64 {
    locations(attempts, false).and_then(|times| median(&times)).unwrap_or(f64::NAN)
}
