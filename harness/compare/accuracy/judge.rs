//! Three hypotheses about a case, and what their p say of it.

use super::AccuracyFigures;
use super::samples::Samples;
use crate::compare::{Finding, Terms, Verdict};
use crate::stats::permutation_test;

const METRICS: [&str; 2] = ["accuracy", "loss"];
/// Of the permutation tests that are drawn.
const SEED: u64 = 1;

/// p of each metric.
pub(super) struct Tests {
    pub(super) beyond_margin: [f64; 2],
    pub(super) worse: [f64; 2],
    pub(super) better: [f64; 2],
}

impl Samples {
    pub(super) fn tests(&self, terms: &Terms) -> Option<Tests> {
        let ([old_accuracy, old_loss], [new_accuracy, new_loss]) = (&self.old, &self.new);
        let [margin_accuracy, margin_loss] = &self.at_margin(terms);
        let one = |low: &[f64], high: &[f64]| permutation_test([(low, high)], SEED).map(|[p]| p);
        Some(Tests {
            beyond_margin: [one(margin_accuracy, new_accuracy)?, one(margin_loss, new_loss)?],
            worse: permutation_test([(new_accuracy, old_accuracy), (new_loss, old_loss)], SEED)?,
            better: permutation_test([(old_accuracy, new_accuracy), (old_loss, new_loss)], SEED)?,
        })
    }

    pub(super) fn judge(
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
}

pub(super) fn largest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(0.0, f64::max)
}

pub(super) fn smallest(p: &[f64; 2]) -> f64 {
    p.iter().copied().fold(1.0, f64::min)
}
