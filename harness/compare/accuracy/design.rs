//! Which test a case gets. It is fixed by the numbers of seeds and cases, before any result counts, so that the
//! choice costs no error rate.

use crate::stats::binomial;

/// How many outcomes of a test by pairs must be significant for it to be chosen. What pairs have in common, they make
/// up for half the degrees of freedom from a correlation of about 0.3 on; with fewer outcomes they would lose more, as only
/// pairs that nearly all go one way would count.
const OUTCOMES: f64 = 4.0;

/// The test of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Design {
    /// Whether the pairs of one seed are compared; else two groups of seeds are.
    pub paired: bool,
    /// The least p that so few seeds can have.
    pub least: f64,
}

impl Design {
    /// Returns the design for so many seeds of the baseline and of the run, which are the `same` or not, at the `level`
    /// of one case.
    pub fn of(seeds: (usize, usize), same: bool, level: f64) -> Self {
        let flip = 0.5f64.powi(seeds.0.min(1_000) as i32);
        if same && OUTCOMES * flip <= level {
            Design { paired: true, least: flip }
        } else {
            Design { paired: false, least: 1.0 / binomial(seeds.0 + seeds.1, seeds.0) as f64 }
        }
    }

    /// Returns whether anything can be significant at this level.
    pub fn reaches(&self, level: f64) -> bool {
        self.least <= level * (1.0 + 1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_seeds_are_paired_and_few_are_not() {
        let paired = |seeds, cases| Design::of((seeds, seeds), true, 0.05 / f64::from(cases)).paired;
        assert!(paired(10, 12) && !paired(9, 12) && paired(7, 1) && !paired(6, 1));
        assert!(!Design::of((10, 10), false, 0.05).paired, "other seeds are no pairs");
        let five = Design::of((5, 5), true, 0.05 / 8.0);
        assert_eq!(five, Design { paired: false, least: 1.0 / 252.0 });
        assert!(five.reaches(0.05 / 12.0) && !five.reaches(0.05 / 13.0));
        assert!(Design::of((3, 3), true, 0.05).reaches(0.05), "1/20 is significant at 5 %");
    }
}
