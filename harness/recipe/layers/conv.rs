//! `conv`: a convolution over an image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::activation::Activation;
use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Within, count, flag, number, sides, word};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};
use crate::valid::{Valid, not_negative};

/// Padding of a convolution (stride 1 for `same`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// Height and width stay; the kernel's are odd.
    Same,
    /// No padding: the image shrinks by the kernel's size less 1.
    Valid,
}

/// 2-D convolution over an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conv {
    /// The number of output channels.
    pub filters: u32,
    /// The height and width of the kernel.
    pub kernel: [u32; 2],
    /// The steps between kernels, down and across.
    pub stride: [u32; 2],
    /// What stands beyond the borders of the image.
    pub padding: Padding,
    /// The function that is applied to the convolution.
    pub activation: Activation,
    /// With a bias vector.
    pub bias: bool,
    /// L2 penalty l: l times the sum of the squared kernel is added to the loss.
    pub l2: f64,
}

impl LayerKind for Conv {
    const WORDS: &'static [&'static str] = &["conv"];

    fn read(_: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        let filters = table.required("filters", count(WIDEST));
        let kernel = table.or("kernel", [3, 3], sides(WIDEST));
        let stride = table.or("stride", [1, 1], sides(WIDEST));
        let padding = table.or("padding", Padding::Valid, word);
        let activation = table.or("activation", Activation::Linear, word);
        let bias = table.or("bias", true, flag);
        let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
        Some(Conv {
            filters: filters?,
            kernel: kernel?,
            stride: stride?,
            padding: padding?,
            activation: activation?,
            bias: bias?,
            l2: l2?,
        })
    }

    fn label(&self) -> String {
        let [height, width] = self.kernel;
        let padding = match self.padding {
            Padding::Same => ", same",
            Padding::Valid => "",
        };
        format!("{} {}, {height} x {width}{padding}{}", self.word(), self.filters, self.activation.suffix())
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let Conv { kernel, stride, .. } = *self;
        let [channels, height, width] = place.image()?;
        let area = place.size("kernel", kernel[0])? * place.size("kernel", kernel[1])?;
        let [height, width] = match self.padding {
            Padding::Valid => place.slide(kernel, stride)?,
            Padding::Same if stride == [1, 1] && kernel.iter().all(|side| side % 2 == 1) => [height, width],
            Padding::Same => return Err(ShapeError::Same { layer: place.index, kernel, stride }),
        };
        let fan_in = area * u64::from(channels);
        let parameters = place.size("filters", self.filters)?.saturating_mul(fan_in + u64::from(self.bias));
        let output = Shape::Image { channels: self.filters, height, width };
        place.only(self.label(), output, parameters)
    }

    fn validate(&self) -> Valid {
        not_negative("l2", self.l2)
    }

    fn l2(&self) -> f64 {
        self.l2
    }

    fn kernels(&self) -> Vec<&'static str> {
        ["conv", "conv-deep", "conv-stride-2"].into_iter().chain(self.activation.kernel()).collect()
    }
}
