//! What two measurements of one program differ by on a machine, case by case.
//!
//! The processes of one measurement share a moment of the machine. How far the next measurement will be
//! from this one they do not tell: that is known from a calibration alone, which repeats measurements. It
//! differs from case to case, by what a case strains of the machine.

use std::collections::BTreeMap;

use super::locations::locations;
use crate::recipe::{Name, Trial};
use crate::record::{CalibratedCase, Throughput};
use crate::stats::{Ratio, Summary, level, student_quantile};

/// Where a machine was not calibrated, in parts of the time.
const UNCALIBRATED_FLOOR: f64 = 0.05;

/// So much of the differences between two measurements of one program lies below a noise floor.
const BELOW: f64 = 0.95;

/// The noise of every case on a machine.
#[derive(Clone, Debug)]
pub struct Noise {
    cases: BTreeMap<(Name, Name), CaseNoise>,
    /// Of a case that was not calibrated.
    other: CaseNoise,
    calibrated: bool,
}

/// The noise of one case.
#[derive(Clone, Copy, Debug)]
pub(super) enum CaseNoise {
    /// Differences stay below this part; how they are distributed is not known.
    Below(f64),
    /// One measurement's logarithm has this variance, estimated with so many degrees of freedom.
    Normal { variance: f64, degrees: f64 },
}

impl Default for Noise {
    /// Of a machine that was not calibrated: 5 % for every case.
    fn default() -> Self {
        Noise { calibrated: false, ..Noise::below(UNCALIBRATED_FLOOR) }
    }
}

impl Noise {
    /// Returns the same noise floor for every case, in parts of the time, with no more known of the differences between
    /// measurements.
    pub fn below(floor: f64) -> Self {
        Noise { cases: BTreeMap::new(), other: CaseNoise::Below(floor), calibrated: true }
    }

    /// Returns the noise that a calibration's measurements show. A case that is not in it is taken to be as noisy as
    /// the noisiest that is. Returns `None` where no case was measured twice.
    pub fn of(cases: &[CalibratedCase]) -> Option<Self> {
        let all = cases
            .iter()
            .map(|case| (&case.trial, [case.plain.iter().collect(), case.slowed.iter().collect()]));
        Noise::of_groups(all)
    }

    /// Of measurements that are alike within each group, by their case.
    pub(super) fn of_groups<'a>(
        cases: impl IntoIterator<Item = (&'a Trial, [Vec<&'a Throughput>; 2])>,
    ) -> Option<Self> {
        let known = |(trial, groups): (&Trial, [Vec<&Throughput>; 2])| {
            Some(((trial.suite.clone(), trial.case.clone()), CaseNoise::of(&groups)?))
        };
        let cases: BTreeMap<_, _> = cases.into_iter().filter_map(known).collect();
        let other = cases.values().copied().max_by(|a, b| a.floor().total_cmp(&b.floor()))?;
        Some(Noise { cases, other, calibrated: true })
    }

    /// Returns the noise of one case.
    pub(super) fn of_case(&self, trial: &Trial) -> CaseNoise {
        let key = (trial.suite.clone(), trial.case.clone());
        self.cases.get(&key).copied().unwrap_or(self.other)
    }

    /// Returns the noise floor of the noisiest case, in parts of the time.
    pub fn largest_floor(&self) -> f64 {
        self.other.floor()
    }

    /// Returns whether it was measured on the machine.
    pub fn is_calibrated(&self) -> bool {
        self.calibrated
    }
}

impl CaseNoise {
    /// The variance within both groups. Returns `None` where neither has two measurements.
    fn of(groups: &[Vec<&Throughput>]) -> Option<Self> {
        let mut squares = 0.0;
        let mut degrees = 0.0;
        for group in groups.iter().filter(|group| group.len() > 1) {
            let own = (group.len() - 1) as f64;
            squares += Summary::of(&levels(group)?)?.deviation?.powi(2) * own;
            degrees += own;
        }
        (degrees > 0.0).then(|| CaseNoise::Normal { variance: squares / degrees, degrees })
    }

    /// Returns what 95 % of the differences between two measurements of one program stay below, in parts of the time.
    pub(super) fn floor(self) -> f64 {
        self.half_width(BELOW).exp_m1()
    }

    /// Returns what this part of the differences between two measurements' logarithms stays below: by Student's t, as
    /// their variance is estimated.
    pub(super) fn half_width(self, level: f64) -> f64 {
        match self {
            CaseNoise::Below(floor) => floor.ln_1p(),
            CaseNoise::Normal { variance, degrees } => {
                student_quantile(0.5 + level / 2.0, degrees) * (2.0 * variance).sqrt()
            }
        }
    }

    /// As it were with so many times as many processes, whose own part of the variance of a difference is `own`.
    pub(super) fn with_processes(self, own: f64, times: f64) -> Self {
        match self {
            CaseNoise::Below(_) => self,
            CaseNoise::Normal { variance, degrees } => {
                let less = own / 2.0 * (1.0 - 1.0 / times);
                CaseNoise::Normal { variance: (variance - less).max(own / 2.0 / times), degrees }
            }
        }
    }

    /// Returns the ratio with the error that measurements have, of which each side is the mean of so many; `None` where
    /// that is not known.
    pub(super) fn error_of(self, ratio: Ratio, (old, new): (usize, usize)) -> Option<Ratio> {
        match self {
            CaseNoise::Below(_) => None,
            CaseNoise::Normal { variance, degrees } => {
                let of_mean = variance * (1.0 / old as f64 + 1.0 / new as f64);
                Some(ratio.with_variance(of_mean, degrees))
            }
        }
    }
}

/// The logarithm of each measurement's time, with the calibration kernel divided out where all have it.
fn levels(measurements: &[&Throughput]) -> Option<Vec<f64>> {
    let of = |calibrated| {
        let level = |one: &&Throughput| level(&locations(std::slice::from_ref(*one), calibrated)?);
        measurements.iter().map(level).collect::<Option<Vec<f64>>>()
    };
    of(true).or_else(|| of(false))
}
