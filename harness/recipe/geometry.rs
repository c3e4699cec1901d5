//! The shape of a dataset's samples and the number of its classes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::Shape;

/// Datasets have at most so many classes.
pub const MOST_CLASSES: u32 = 1000;

/// The shape of a dataset's samples and the number of its classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    /// The shape of one sample, an image or a sequence.
    pub shape: Shape,
    /// The number of classes, from 1 to [`MOST_CLASSES`].
    pub classes: u32,
}

/// Returns how people are told of a class: by its number, and by its name if `names` has one for it.
pub fn class_label(class: usize, names: &[String]) -> String {
    names.get(class).map_or_else(|| class.to_string(), |name| format!("{class} {name}"))
}

impl Geometry {
    /// The geometry of MNIST: grey images of 28 x 28 pixels in ten classes. Experiments from before there were others
    /// do not name it, so neither do their identities.
    pub const MNIST: Geometry =
        Geometry { shape: Shape::Image { channels: 1, height: 28, width: 28 }, classes: 10 };

    /// Returns whether it is that of MNIST.
    pub fn is_mnist(&self) -> bool {
        *self == Geometry::MNIST
    }

    pub(super) fn mnist() -> Self {
        Geometry::MNIST
    }
}
