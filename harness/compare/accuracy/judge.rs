//! What the evidence says of a case among its family.

use super::agreement::Agreement;
use super::evidence::Evidence;
use super::samples::SeedValues;
use crate::compare::{Terms, Verdict};
use crate::stats::holm;

/// What is said of a case, and on what p, each adjusted for the family.
#[derive(Debug)]
pub(super) struct Judgement {
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub paired: bool,
    pub beyond: f64,
    pub worse: f64,
    pub better: f64,
}

/// Tests cases as one family, each with what is known of an agreement but for rounding. There is no judgement of a case
/// that cannot be tested.
pub(super) fn judged<const N: usize>(
    cases: &[(SeedValues<N>, Option<Agreement>)],
    terms: &Terms,
) -> Vec<Option<Judgement>> {
    let level = terms.alpha / cases.len().max(1) as f64;
    let evidence: Vec<Option<Evidence<N>>> =
        cases.iter().map(|(samples, agreement)| Evidence::of(samples, *agreement, level)).collect();
    let adjusted = |p: fn(&Evidence<N>) -> f64| {
        holm(&evidence.iter().map(|evidence| evidence.as_ref().map_or(1.0, p)).collect::<Vec<_>>())
    };
    let beyond = adjusted(|evidence| largest(&evidence.beyond_margin));
    let worse = adjusted(|evidence| smallest(&evidence.worse));
    let better = adjusted(|evidence| smallest(&evidence.better));
    let adjusted = beyond.into_iter().zip(worse).zip(better);
    let judge = |(((samples, _), evidence), ((beyond, worse), better)): ((&(SeedValues<N>, _), _), _)| {
        Some(TestedCase { samples, evidence: evidence?, beyond, worse, better, level, terms }.judge())
    };
    cases.iter().zip(evidence).zip(adjusted).map(judge).collect()
}

/// A case with its evidence, and the p of the case adjusted for the family.
struct TestedCase<'a, const N: usize> {
    samples: &'a SeedValues<N>,
    evidence: Evidence<N>,
    beyond: f64,
    worse: f64,
    better: f64,
    level: f64,
    terms: &'a Terms,
}

impl<const N: usize> TestedCase<'_, N> {
    fn judge(&self) -> Judgement {
        let mut reasons = Vec::new();
        let verdict = self.verdict(&mut reasons);
        let paired = self.evidence.design.paired;
        let TestedCase { beyond, worse, better, .. } = *self;
        Judgement { verdict, reasons, paired, beyond, worse, better }
    }

    /// The verdict; its reasons are added.
    fn verdict(&self, reasons: &mut Vec<String>) -> Verdict {
        let metrics = |is: &dyn Fn(usize) -> bool| (0..N).filter(|&metric| is(metric)).collect::<Vec<_>>();
        let worse_by_less = metrics(&|metric| self.is_worse(metric) && self.is_within(metric));
        let regressed = metrics(&|metric| self.is_worse(metric) && !self.is_within(metric));
        let open = metrics(&|metric| !self.is_within(metric));
        if !worse_by_less.is_empty() {
            let names = self.named(&worse_by_less);
            reasons.push(format!("{names}: worse, but surely by less than the margin"));
        }
        if !regressed.is_empty() {
            let names = self.named(&regressed);
            let worse = self.worse;
            reasons.push(format!("{names}: worse, p = {worse:.4} after Holm"));
            return Verdict::Regressed;
        }
        if !open.is_empty() {
            let advice = self.samples.advice(self.level);
            let names = self.named(&open);
            reasons.push(format!("{names}: neither worse nor surely within the margin; {advice}"));
            return Verdict::Inconclusive;
        }
        if !worse_by_less.is_empty() {
            return Verdict::Unchanged;
        }
        match self.evidence.agreement {
            Some(agreement) => {
                reasons.push(agreement.reason());
                Verdict::Unchanged
            }
            None if self.terms.rejects(self.better) => Verdict::Improved,
            None => Verdict::Unchanged,
        }
    }

    fn named(&self, metrics: &[usize]) -> String {
        let names: Vec<&str> = metrics.iter().map(|&metric| self.samples.names[metric].as_str()).collect();
        names.join(" and ")
    }

    /// Whether *worse by the margin or more* is rejected of a metric.
    fn is_within(&self, metric: usize) -> bool {
        self.rejects(&self.evidence.beyond_margin, metric, largest, self.beyond)
    }

    /// Whether *not worse* is rejected of a metric.
    fn is_worse(&self, metric: usize) -> bool {
        self.rejects(&self.evidence.worse, metric, smallest, self.worse)
    }

    /// Holm multiplied the p of the `case` by something, with which each of its metrics is multiplied, too. Where the
    /// product was above 1 that is not known any more, and at most the number of cases.
    fn rejects(&self, p: &[f64], metric: usize, case: fn(&[f64]) -> f64, adjusted: f64) -> bool {
        let one = p.get(metric).copied().unwrap_or(1.0);
        let scaled = if adjusted < 1.0 && case(p) > 0.0 {
            one * adjusted / case(p)
        } else {
            one * self.terms.alpha / self.level
        };
        self.terms.rejects(scaled)
    }
}

fn largest(p: &[f64]) -> f64 {
    p.iter().copied().fold(0.0, f64::max)
}

fn smallest(p: &[f64]) -> f64 {
    p.iter().copied().fold(1.0, f64::min)
}
