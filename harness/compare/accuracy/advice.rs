//! How many seeds would tell.

use super::samples::Samples;
use crate::compare::Terms;
use crate::stats::{Summary, seeds_needed};

/// With which a change is to be shown, where it is said how many seeds are needed.
const POWER: f64 = 0.8;

impl Samples {
    /// How many seeds would tell.
    pub(super) fn wanting(&self, open: &[usize], names: &str, level: f64, terms: &Terms) -> String {
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
