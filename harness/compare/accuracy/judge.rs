//! What the evidence says of a case among its family.

use super::evidence::Evidence;
use super::figures::AccuracyFigures;
use super::samples::Samples;
use crate::compare::{Finding, Terms, Verdict};
use crate::stats::holm;

const METRICS: [&str; 2] = ["accuracy", "loss"];

/// Tests cases as one family, and finishes what is known of each.
pub(super) fn judged(
    cases: Vec<(Samples, Finding<AccuracyFigures>)>,
    terms: &Terms,
) -> Vec<Finding<AccuracyFigures>> {
    let level = terms.alpha / cases.len().max(1) as f64;
    let evidence: Vec<Option<Evidence>> =
        cases.iter().map(|(samples, _)| Evidence::of(samples, terms, level)).collect();
    let adjusted = |p: fn(&Evidence) -> f64| {
        holm(&evidence.iter().map(|evidence| evidence.as_ref().map_or(1.0, p)).collect::<Vec<_>>())
    };
    let beyond = adjusted(|evidence| largest(&evidence.beyond_margin));
    let worse = adjusted(|evidence| smallest(&evidence.worse));
    let better = adjusted(|evidence| smallest(&evidence.better));
    let adjusted = beyond.into_iter().zip(worse).zip(better);
    let finish = |(((samples, finding), evidence), ((beyond, worse), better))| match evidence {
        Some(evidence) => Case { samples, evidence, beyond, worse, better, level, terms }.judge(finding),
        None => finding,
    };
    cases.into_iter().zip(evidence).zip(adjusted).map(finish).collect()
}

/// A case with its evidence, and the p of the case adjusted for the family.
struct Case<'a> {
    samples: Samples,
    evidence: Evidence,
    beyond: f64,
    worse: f64,
    better: f64,
    level: f64,
    terms: &'a Terms,
}

impl Case<'_> {
    fn judge(&self, mut finding: Finding<AccuracyFigures>) -> Finding<AccuracyFigures> {
        if let Some(figures) = &mut finding.figures {
            figures.paired = self.evidence.design.paired;
            figures.p_beyond_margin = Some(self.beyond);
            figures.p_worse = Some(self.worse);
            figures.p_better = Some(self.better);
        }
        let worse_by_less: Vec<usize> =
            [0, 1].into_iter().filter(|&m| self.is_worse(m) && self.is_within(m)).collect();
        let regressed: Vec<usize> =
            [0, 1].into_iter().filter(|&m| self.is_worse(m) && !self.is_within(m)).collect();
        let all_within = self.is_within(0) && self.is_within(1);
        if !worse_by_less.is_empty() {
            let names = named(&worse_by_less);
            finding.reasons.push(format!("{names}: worse, but surely by less than the margin"));
        }
        finding.verdict = match () {
            () if !regressed.is_empty() => {
                let (names, worse) = (named(&regressed), self.worse);
                finding.reasons.push(format!("{names}: worse, p = {worse:.4} after Holm"));
                Verdict::Regressed
            }
            () if all_within && !worse_by_less.is_empty() => Verdict::Unchanged,
            () if all_within => match self.evidence.agreement {
                Some(agreement) => {
                    finding.reasons.push(agreement.reason());
                    Verdict::Unchanged
                }
                None if self.terms.rejects(self.better) => Verdict::Improved,
                None => Verdict::Unchanged,
            },
            () => {
                let open: Vec<usize> = [0, 1].into_iter().filter(|&metric| !self.is_within(metric)).collect();
                let advice = self.samples.advice(self.level, self.terms);
                finding
                    .reasons
                    .push(format!("{}: neither worse nor surely within the margin; {advice}", named(&open)));
                Verdict::Inconclusive
            }
        };
        finding
    }

    /// Whether *worse by the margin or more* is rejected of a metric.
    fn is_within(&self, metric: usize) -> bool {
        self.rejects(self.evidence.beyond_margin, metric, largest, self.beyond)
    }

    /// Whether *not worse* is rejected of a metric.
    fn is_worse(&self, metric: usize) -> bool {
        self.rejects(self.evidence.worse, metric, smallest, self.worse)
    }

    /// Holm multiplied the p of the `case` by something, with which each of its metrics is multiplied, too. Where the
    /// product was above 1 that is not known any more, and at most the number of cases.
    fn rejects(&self, p: [f64; 2], metric: usize, case: fn(&[f64; 2]) -> f64, adjusted: f64) -> bool {
        let one = p.get(metric).copied().unwrap_or(1.0);
        let scaled = match adjusted < 1.0 && case(&p) > 0.0 {
            true => one * adjusted / case(&p),
            false => one * self.terms.alpha / self.level,
        };
        self.terms.rejects(scaled)
    }
}

fn named(metrics: &[usize]) -> String {
    let names: Vec<&str> = metrics.iter().filter_map(|&metric| METRICS.get(metric).copied()).collect();
    names.join(" and ")
}

fn largest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(0.0, f64::max)
}

fn smallest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(1.0, f64::min)
}
