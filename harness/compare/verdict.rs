//! What a comparison with a baseline says, and on what terms.

use super::across::Across;
use super::field::Field;
use super::margins::Margins;
use super::noise::Noise;
use crate::recipe::Trial;

/// What a comparison says of a case's accuracy or throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Both sides have the same bits.
    Identical,
    /// Not worse by the margin or more.
    Unchanged,
    /// Better, and not by chance.
    Improved,
    /// Worse, and not by chance.
    Regressed,
    /// Too few or too noisy samples to tell.
    Inconclusive,
    /// No comparison would be fair.
    Incomparable,
    /// The baseline has it, the run was to find it and did not.
    Missing,
    /// The baseline does not have it.
    New,
    /// The run did not set out to find it.
    NotMeasured,
}

impl Verdict {
    /// All verdicts, in the order of their definition.
    pub const ALL: [Verdict; 9] = [
        Verdict::Identical,
        Verdict::Unchanged,
        Verdict::Improved,
        Verdict::Regressed,
        Verdict::Inconclusive,
        Verdict::Incomparable,
        Verdict::Missing,
        Verdict::New,
        Verdict::NotMeasured,
    ];

    /// Returns its name, as tables and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Identical => "identical",
            Verdict::Unchanged => "unchanged",
            Verdict::Improved => "improved",
            Verdict::Regressed => "regressed",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Incomparable => "incomparable",
            Verdict::Missing => "missing",
            Verdict::New => "new",
            Verdict::NotMeasured => "not measured",
        }
    }
}

/// On what terms verdicts are reached.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The error rate of each kind of verdict over all cases together.
    pub alpha: f64,
    /// An accuracy that is less than this below the baseline's is not worse; a fraction.
    pub accuracy_margin: f64,
    /// A loss that is less than this part above the baseline's is not worse.
    pub loss_margin: f64,
    /// A loss that is less than this part above the baseline's over all cases of a suite is not worse.
    pub suite_margin: f64,
    /// A time that is at most this part above the baseline's is not slower.
    pub throughput_margin: f64,
    /// What single cases have instead.
    pub margins: Margins,
    /// What times differ by on this machine without a change.
    pub noise: Noise,
    /// The fields whose change is under test.
    pub across: Across,
}

impl Terms {
    /// Returns the margins of a case: its own, and else those of all.
    pub(super) fn margins_of(&self, Trial { suite, case, .. }: &Trial) -> [f64; 3] {
        let own = self.margins.of(suite, case);
        [
            own.accuracy.unwrap_or(self.accuracy_margin),
            own.loss.unwrap_or(self.loss_margin),
            own.throughput.unwrap_or(self.throughput_margin),
        ]
    }

    /// Returns whether a hypothesis may be rejected, by its p adjusted for the family.
    pub(super) fn rejects(&self, adjusted: f64) -> bool {
        const ROUNDING: f64 = 1e-12;
        adjusted <= self.alpha + ROUNDING
    }
}

/// A verdict and how it was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding<T> {
    /// The verdict that follows.
    pub verdict: Verdict,
    /// The reasons, for people.
    pub reasons: Vec<String>,
    /// The fields that forbid the comparison.
    pub refused: Vec<Field>,
    /// The fields whose change is under test.
    pub under_test: Vec<Field>,
    /// The figures; `None` where nothing was compared.
    pub figures: Option<T>,
}

impl<T> Finding<T> {
    pub(super) fn new(verdict: Verdict, reasons: Vec<String>) -> Self {
        Finding { verdict, reasons, refused: Vec::new(), under_test: Vec::new(), figures: None }
    }

    /// Returns a refusal that names these fields.
    pub(super) fn refusing(refused: Vec<Field>) -> Self {
        Finding { refused, ..Finding::new(Verdict::Incomparable, Vec::new()) }
    }
}
