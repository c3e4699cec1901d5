//! Whether the metrics of a suite's gates got worse.
//!
//! They are tested as accuracy and loss are, each by itself. All metrics of all cases are one family, apart from that of
//! accuracy, so that a gate makes no verdict on accuracy weaker: without any change, a metric is called regressed in at
//! most alpha of comparisons, besides the alpha of accuracy.

use super::judge::{Judgement, judged};
use super::samples::{SeedValues, mean, sign};
use super::seeds::ended_well;
use super::{AccuracyComparison, compared};
use crate::compare::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult};
use crate::suite::gate::Gate;

/// What is found of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct GateFinding {
    /// The metric and its margin.
    pub gate: Gate,
    /// The verdict and its reasons.
    pub finding: Finding<GateFigures>,
}

/// The figures on which a verdict on one metric rests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateFigures {
    /// The number of seeds of the baseline, and of the run.
    pub seeds: (usize, usize),
    /// How many of them failed, or never reached the target that the metric asks for.
    pub failed: (usize, usize),
    /// The mean over the other seeds of the baseline.
    pub old: Option<f64>,
    /// The mean over the other seeds of the run.
    pub new: Option<f64>,
    /// Whether pairs of one seed were tested.
    pub paired: bool,
    /// p of `worse by the margin or more`, adjusted.
    pub p_beyond_margin: f64,
    /// p of `not worse`, adjusted.
    pub p_worse: f64,
    /// p of `not better`, adjusted.
    pub p_better: f64,
}

/// A case with what is known of its accuracy, what both sides found, and its suite's gates.
type Gated<'a> = (&'a AccuracyComparison, Option<(&'a CaseResults, &'a CaseResults)>, &'a [Gate]);

/// Returns what is found of each gate of each case.
pub(in crate::compare) fn gates(cases: &[Gated<'_>], terms: &Terms) -> Vec<Vec<GateFinding>> {
    let mut tested = Vec::new();
    let mut prepare = |(step, pair, gates): &Gated<'_>| -> Vec<(Gate, Option<Finding<GateFigures>>)> {
        let mut prepared = Vec::new();
        for gate in *gates {
            let settled = match samples(step, *pair, gate, terms) {
                Ok(samples) => {
                    tested.push((samples, None));
                    None
                }
                Err((verdict, reasons)) => Some(Finding::new(verdict, reasons)),
            };
            prepared.push((*gate, settled));
        }
        prepared
    };
    let prepared: Vec<_> = cases.iter().map(&mut prepare).collect();
    let mut judged = tested.iter().map(|(samples, _)| samples).zip(judged(&tested, terms));
    let mut finish = |(gate, settled): (Gate, Option<Finding<GateFigures>>)| {
        let finding = settled.or_else(|| {
            let (samples, judgement) = judged.next()?;
            Some(found(&gate, samples, judgement?))
        });
        let untested =
            || Finding::new(Verdict::Inconclusive, vec![format!("{}: cannot be tested", gate.metric)]);
        GateFinding { gate, finding: finding.unwrap_or_else(untested) }
    };
    prepared.into_iter().map(|gates| gates.into_iter().map(&mut finish).collect()).collect()
}

/// The values of a metric on both sides.
///
/// # Errors
/// Returns the verdict and its reasons if there is nothing to test.
fn samples(
    step: &AccuracyComparison,
    pair: Option<(&CaseResults, &CaseResults)>,
    gate: &Gate,
    terms: &Terms,
) -> Result<SeedValues<1>, (Verdict, Vec<String>)> {
    let settled = |verdict, reason: &str| Err((verdict, vec![format!("{}: {reason}", gate.metric)]));
    // What settles accuracy settles all metrics, and tells why; but a case without a score may have one.
    if let AccuracyComparison::Settled(finding) = step
        && finding.verdict != Verdict::Inconclusive
    {
        return Err((finding.verdict, Vec::new()));
    }
    let Some((old, new)) = pair else { return Err((Verdict::NotMeasured, Vec::new())) };
    let (old_seeds, new_seeds) = compared(old, new, terms);
    if !has_all(&old_seeds, gate) {
        let reason = "the baseline does not hold it; accept a run with `tchbench baseline save`";
        return settled(Verdict::New, reason);
    }
    let no_value = || settled(Verdict::NotMeasured, "a seed of the run has no value of it");
    let Some(samples) = SeedValues::of_gate(&old_seeds, &new_seeds, gate) else { return no_value() };
    match samples.well().0 {
        0 => settled(Verdict::NotMeasured, "no seed of the baseline has a value of it"),
        _ => Ok(samples),
    }
}

/// Whether a side has the metric of every seed that ended well.
fn has_all(seeds: &[SeedResult], gate: &Gate) -> bool {
    let word = gate.metric.word();
    seeds.iter().filter(|seed| ended_well(seed)).all(|seed| seed.metrics.contains_key(&word))
}

fn found(gate: &Gate, samples: &SeedValues<1>, judgement: Judgement) -> Finding<GateFigures> {
    let seeds = samples.seeds();
    let well = samples.well();
    let sign = sign(gate);
    let mut finding = Finding::new(judgement.verdict, judgement.reasons);
    finding.figures = Some(GateFigures {
        seeds,
        failed: (seeds.0 - well.0, seeds.1 - well.1),
        old: mean(&samples.old[0]).map(|value| sign * value),
        new: mean(&samples.new[0]).map(|value| sign * value),
        paired: judgement.paired,
        p_beyond_margin: judgement.beyond,
        p_worse: judgement.worse,
        p_better: judgement.better,
    });
    finding
}
