//! Which samples a trial sees, and what is done to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::geometry::Geometry;
use super::shape::Shape;

/// Which samples a trial sees, and what is done to them, in this order: split, subset, label
/// noise, augmentation, resize, pixel noise, binarise, normalise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataPlan {
    /// The name of the dataset.
    pub dataset: String,
    /// The shape of its samples and the number of its classes.
    #[serde(default = "Geometry::mnist", skip_serializing_if = "Geometry::is_mnist")]
    pub geometry: Geometry,
    /// What is held out for validation.
    pub validation: Option<Validation>,
    /// Train on only the first so many, after the validation samples are taken out.
    pub train_samples: Option<u32>,
    /// Test on only the first so many, after the validation samples are taken out.
    pub test_samples: Option<u32>,
    /// Fraction of the training labels, in [0, 1], whose class is drawn anew uniformly from all.
    pub label_noise: f64,
    /// Random shifts, rotations and flips of the training images.
    pub augmentation: Option<Augmentation>,
    /// Bilinear, without antialiasing, to [height, width].
    pub resize: Option<[u32; 2]>,
    /// Gaussian noise on the training pixels.
    pub pixel_noise: Option<PixelNoise>,
    /// A pixel greater than this becomes 1, any other 0.
    pub binarize: Option<f64>,
    /// (value - mean) / std, the same for all channels or for each its own.
    pub normalize: Option<Normalize>,
}

impl DataPlan {
    /// Returns the shape of what the first layer sees: a sample of the dataset, resized if it is an image.
    pub fn input(&self) -> Shape {
        match (self.geometry.shape, self.resize) {
            (Shape::Image { channels, .. }, Some([height, width])) => {
                Shape::Image { channels, height, width }
            }
            (shape, _) => shape,
        }
    }
}

/// The samples that are held out for validation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The split they are taken from. Those from `train` are its last ones, those from `test` its
    /// first; what is left of that split is trained or tested on.
    pub from: SplitName,
    /// The number of samples, at least 1.
    pub count: u32,
    /// In the dataset's order, or in an order shuffled by the trial's seed.
    pub by: SplitBy,
}

/// A split of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SplitName {
    /// The samples to train on.
    Train,
    /// The samples to test on.
    Test,
}

/// How held-out samples are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SplitBy {
    /// In the dataset's own order: the same samples for every seed.
    Order,
    /// After a shuffle by the trial's seed.
    Seed,
}

/// When random changes to the training images are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AugmentationTiming {
    /// Once, before the first epoch.
    Once,
    /// Anew in every epoch.
    EveryEpoch,
    /// Once, and put after the unchanged images: the set doubles.
    Appended,
}

/// What stands outside of an image that is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// The value 0, which is black.
    #[default]
    Zero,
    /// The nearest pixel of the image.
    Nearest,
}

impl Fill {
    fn is_zero(&self) -> bool {
        *self == Fill::Zero
    }
}

/// Random affine changes of the training images; sampling is bilinear.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// When it is drawn.
    pub when: AugmentationTiming,
    /// Largest shift each way, as a fraction of height and width.
    pub shift: f64,
    /// Largest rotation each way, in degrees.
    pub rotate: f64,
    /// Mirror left and right with probability one half.
    pub flip: bool,
    /// What stands outside of the image.
    #[serde(default, skip_serializing_if = "Fill::is_zero")]
    pub fill: Fill,
}

/// Gaussian noise added to the training pixels (in [0, 1] before it; not clipped after).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PixelNoise {
    /// When it is drawn: `once` or `every-epoch`.
    pub when: AugmentationTiming,
    /// The mean of the noise.
    pub mean: f64,
    /// The standard deviation of the noise.
    pub std: f64,
}

/// (value - mean) / std.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Normalize {
    /// The mean, which is subtracted from each value.
    pub mean: PerChannel,
    /// The standard deviation, above 0, by which each value is divided then.
    pub std: PerChannel,
}

/// A number for all channels of an image, or features of a sequence, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerChannel {
    /// The same number for all.
    All(f64),
    /// A number for each, in order.
    Each(Vec<f64>),
}

impl PerChannel {
    /// Returns the number for a channel or feature; of a list that is too short, its last.
    pub fn of(&self, channel: usize) -> f64 {
        match self {
            PerChannel::All(number) => *number,
            PerChannel::Each(numbers) => numbers.get(channel).or(numbers.last()).copied().unwrap_or_default(),
        }
    }

    /// Returns the numbers, in the order of the channels.
    pub fn numbers(&self) -> &[f64] {
        match self {
            PerChannel::All(number) => std::slice::from_ref(number),
            PerChannel::Each(numbers) => numbers,
        }
    }

    /// Returns whether there is one number for all, or exactly one for each of the channels or features of `shape`.
    pub fn fits(&self, shape: Shape) -> bool {
        match self {
            PerChannel::All(_) => true,
            PerChannel::Each(numbers) => numbers.len() == shape.features() as usize,
        }
    }
}
