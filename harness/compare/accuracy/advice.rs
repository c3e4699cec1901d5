//! How many seeds would tell.

use super::design::Design;
use super::evidence::least_of_failures;
use super::samples::{SeedValues, well};
use crate::stats::{Summary, assurance, first};

/// So many seeds are never advised.
const MOST: usize = 1_000;
/// With which each of the two metrics is to be shown to be within its margin. As the larger number of both is advised, and
/// the spread of few seeds is often taken for too large, both are in 95 % of comparisons.
const POWER: f64 = 0.9;

impl<const N: usize> SeedValues<N> {
    /// Returns with how many seeds a comparison would show that nothing changed, at the level of one case.
    pub(super) fn advice(&self, level: f64) -> String {
        let (old, new) = self.seeds();
        if self.well().1 == 0 {
            let needed = first(2..MOST, |seeds| least_of_failures(seeds) <= level).unwrap_or(MOST);
            return format!("no seed of the run ended well: at least {needed} seeds tell that from chance");
        }
        if self.well() == (1, 1) {
            let least = first(1..MOST, |seeds| self.design(seeds, level).reaches(level)).unwrap_or(MOST);
            return format!("with one seed on each side no spread is known: at least {least} are needed");
        }
        let range = old.min(new) + 1..MOST + 1;
        // Pairs may need more seeds than two groups where they are few, but never where they are many.
        let first_paired =
            first(range.clone(), |seeds| self.design(seeds, level).paired).unwrap_or(range.end);
        let shows = |seeds: usize| self.shows(seeds, level);
        let needed =
            first(range.start..first_paired, shows).or_else(|| first(first_paired..range.end, shows));
        match needed {
            Some(seeds) => format!("about {seeds} seeds on each side would show that nothing changed"),
            None => "the seeds spread too far for that margin, or are too few to tell how far".to_owned(),
        }
    }

    fn design(&self, seeds: usize, level: f64) -> Design {
        Design::of((seeds, seeds), self.paired, level)
    }

    /// Whether so many seeds on each side show every metric to be within its margin, if they are unchanged.
    fn shows(&self, seeds: usize, level: f64) -> bool {
        let design = self.design(seeds, level);
        let at_margin = self.at_margin();
        let metrics = self.old.iter().zip(&at_margin).zip(&self.new);
        let shown = |((old, shifted), new): ((&Vec<f64>, &Vec<f64>), &Vec<f64>)| {
            let margin = Summary::of(&well(old))?.mean - Summary::of(&well(shifted))?.mean;
            let count = seeds as f64;
            // The standard error of the difference of the means, and the degrees of freedom of a test of it.
            let (spread, error, degrees) = if design.paired {
                (Spread::of_pairs(shifted, new)?, 1.0 / count, count - 1.0)
            } else {
                (Spread::of_groups(shifted, new)?, 2.0 / count, 2.0 * count - 2.0)
            };
            let errors = margin / (spread.deviation * error.sqrt());
            Some(spread.deviation == 0.0 || assurance(errors, spread.degrees, degrees, level) >= POWER)
        };
        design.reaches(level) && metrics.map(shown).all(|shown| shown == Some(true))
    }
}

/// A deviation, and how well it is known.
struct Spread {
    deviation: f64,
    degrees: f64,
}

impl Spread {
    /// Within both groups. Returns `None` if neither has two values.
    fn of_groups(a: &[f64], b: &[f64]) -> Option<Self> {
        let squares = |values: &[f64]| {
            let summary = Summary::of(&well(values))?;
            let degrees = summary.count as f64 - 1.0;
            Some((summary.deviation.unwrap_or(0.0).powi(2) * degrees, degrees))
        };
        let (a, a_degrees) = squares(a)?;
        let (b, b_degrees) = squares(b)?;
        let degrees = a_degrees + b_degrees;
        (degrees > 0.0).then(|| Spread { deviation: ((a + b) / degrees).sqrt(), degrees })
    }

    /// Of the differences of pairs. Returns `None` if fewer than two ended well on both sides.
    fn of_pairs(a: &[f64], b: &[f64]) -> Option<Self> {
        let differences = a.iter().zip(b).map(|(a, b)| b - a);
        let summary =
            Summary::of(&differences.filter(|difference| difference.is_finite()).collect::<Vec<_>>())?;
        Some(Spread { deviation: summary.deviation?, degrees: summary.count as f64 - 1.0 })
    }
}
