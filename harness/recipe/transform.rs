//! Fixed changes of test images, by which it is found how well a trained model bears them.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// A fixed change of an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// The kind of change.
    pub kind: TransformKind,
    /// How much, in the kind's unit and within its [`range`](TransformKind::range).
    pub strength: f64,
}

/// A kind of change. One with several directions is done in each of them, so that none is favoured
/// and nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransformKind {
    /// So many times as large, about the centre.
    Scale,
    /// By so many degrees about the centre: counter-clockwise, clockwise.
    Rotate,
    /// By so many pixels of the dataset's images: up, down, left, right.
    Translate,
}

impl TransformKind {
    /// In the order of tables.
    pub const ALL: [TransformKind; 3] =
        [TransformKind::Scale, TransformKind::Rotate, TransformKind::Translate];

    /// Returns its name as JSON spells it.
    pub fn name(self) -> &'static str {
        match self {
            TransformKind::Scale => "scale",
            TransformKind::Rotate => "rotate",
            TransformKind::Translate => "translate",
        }
    }

    /// Returns the strength that changes nothing.
    pub fn neutral(self) -> f64 {
        if self == TransformKind::Scale { 1.0 } else { 0.0 }
    }

    /// Returns the strengths that are possible.
    pub fn range(self) -> RangeInclusive<f64> {
        match self {
            TransformKind::Scale => 0.1..=10.0,
            TransformKind::Rotate => 0.0..=180.0,
            TransformKind::Translate => 0.0..=1024.0,
        }
    }

    /// Returns the strengths where nothing else is asked for.
    pub fn default_strengths(self) -> &'static [f64] {
        match self {
            TransformKind::Scale => &[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5],
            TransformKind::Rotate => &[0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0],
            TransformKind::Translate => &[0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0],
        }
    }

    /// Returns what has been done to an image.
    pub fn participle(self) -> &'static str {
        match self {
            TransformKind::Scale => "scaled",
            TransformKind::Rotate => "rotated",
            TransformKind::Translate => "translated",
        }
    }

    /// Returns what its strength says.
    pub fn quantity(self) -> &'static str {
        match self {
            TransformKind::Scale => "scale factor",
            TransformKind::Rotate => "angle in degrees",
            TransformKind::Translate => "distance in pixels",
        }
    }
}

impl Transform {
    /// Returns a change of this strength.
    ///
    /// # Errors
    /// What strengths are possible, where this is none of them.
    pub fn new(kind: TransformKind, strength: f64) -> Result<Self, String> {
        let range = kind.range();
        if range.contains(&strength) {
            Ok(Transform { kind, strength })
        } else {
            let least = range.start();
            let most = range.end();
            let quantity = kind.quantity();
            Err(format!("{strength} is no {quantity}: give from {least} to {most}"))
        }
    }

    /// Returns the number of directions in which it is done, each of which is scored.
    pub fn directions(&self) -> usize {
        match self.kind {
            _ if self.is_neutral() => 1,
            TransformKind::Scale => 1,
            TransformKind::Rotate => 2,
            TransformKind::Translate => 4,
        }
    }

    /// Returns whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        self.strength == self.kind.neutral()
    }
}
