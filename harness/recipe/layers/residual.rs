//! `residual`: a chain of layers beside a shortcut (He et al. 2016).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::activation::Activation;
use super::conv::{Conv, Padding};
use super::dense::Dense;
use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Value, Within, flag, number, sides, word};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};
use crate::valid::{Valid, each, not_negative};

/// Adds to what a chain of layers makes of the input the input itself, or a projection of it where the shapes differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Residual<L> {
    /// The chain, at least one layer.
    pub layers: Vec<L>,
    /// What stands in the shortcut; the input itself if it is `None`.
    pub projection: Option<Projection>,
    /// The function that is applied to the sum.
    pub activation: Activation,
}

/// A linear layer in the shortcut: a 1 x 1 convolution of an image, a dense layer of a vector or a sequence. Its width
/// follows from what the chain hands on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// Down and across; 1 for a vector or a sequence.
    pub stride: [u32; 2],
    /// With a bias vector.
    pub bias: bool,
    /// L2 penalty l: l times the sum of the squared kernel is added to the loss.
    pub l2: f64,
}

/// The layer that a [`Projection`] is.
pub enum Projected {
    /// A 1 x 1 convolution, for an image.
    Conv(Conv),
    /// For a vector or a sequence.
    Dense(Dense),
}

impl Projection {
    /// Returns the layer that projects `input` to the width of `output`.
    pub fn layer(&self, input: Shape, output: Shape) -> Projected {
        let Projection { stride, bias, l2 } = *self;
        let activation = Activation::Linear;
        let width = output.features();
        match input {
            Shape::Image { .. } => Projected::Conv(Conv {
                filters: width,
                kernel: [1, 1],
                stride,
                padding: Padding::Valid,
                activation,
                bias,
                l2,
            }),
            _ => Projected::Dense(Dense { units: width, activation, bias, l2 }),
        }
    }

    fn read(value: &Value<'_>, inherited: LayerDefaults) -> Option<Self> {
        let mut table = value.table()?;
        table.explain::<Self>();
        let stride = table.or("stride", [1, 1], sides(WIDEST));
        let bias = table.or("bias", true, flag);
        let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
        table.finish();
        Some(Projection { stride: stride?, bias: bias?, l2: l2? })
    }

    fn plan(&self, place: Place, output: Shape) -> Result<Vec<LayerPlan>, ShapeError> {
        match self.layer(place.input, output) {
            Projected::Conv(layer) => layer.plan(place),
            Projected::Dense(_) if self.stride != [1, 1] => {
                place.refuse("leave out the projection's stride, which is for images")
            }
            Projected::Dense(layer) => layer.plan(place),
        }
    }
}

impl<L: LayerKind> LayerKind for Residual<L> {
    const WORDS: &'static [&'static str] = &["residual"];

    fn read(_: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        let layers = table.required("layers", |value| {
            value.says(|| json!({ "minItems": 1 }));
            match L::read_values(value, inherited)? {
                layers if layers.is_empty() => value.report("give at least one layer"),
                layers => Some(layers),
            }
        });
        let projection = table.optional("projection", |value| Projection::read(value, inherited));
        let activation = table.or("activation", Activation::Linear, word);
        Some(Residual { layers: layers?, projection: projection?, activation: activation? })
    }

    /// The rows of the chain, then that of the projection.
    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let mut rows: Vec<LayerPlan> = Vec::new();
        let mut output = place.input;
        for layer in &self.layers {
            rows.extend(layer.plan(Place { kind: layer.word(), input: output, ..place })?);
            output = rows.last().map_or(output, |row| row.output);
        }
        let mut shortcut = place.input;
        if let Some(projection) = self.projection {
            rows.extend(projection.plan(place, output)?.into_iter().map(|row| {
                shortcut = row.output;
                LayerPlan { label: format!("projection, {}", row.label), ..row }
            }));
        }
        if shortcut != output {
            return Err(ShapeError::Shortcut { layer: place.index, shortcut, output });
        }
        Ok(rows
            .into_iter()
            .map(|row| LayerPlan { label: format!("{}: {}", self.word(), row.label), ..row })
            .collect())
    }

    fn validate(&self) -> Valid {
        each("layers", &self.layers, L::validate)?;
        self.projection.map_or(Ok(()), |projection| not_negative("projection.l2", projection.l2))
    }

    fn l2(&self) -> f64 {
        let own = self.projection.map_or(0.0, |projection| projection.l2);
        self.layers.iter().map(L::l2).fold(own, f64::max)
    }

    fn kernels(&self) -> Vec<&'static str> {
        let mut kernels: Vec<&str> = self.layers.iter().flat_map(L::kernels).collect();
        kernels.extend(self.activation.kernel());
        if let Some(projection) = self.projection {
            for input in [Shape::Image { channels: 1, height: 1, width: 1 }, Shape::Vector { features: 1 }] {
                kernels.extend(match projection.layer(input, input) {
                    Projected::Conv(layer) => layer.kernels(),
                    Projected::Dense(layer) => layer.kernels(),
                });
            }
        }
        kernels
    }

    fn is_of_libtorch(&self) -> bool {
        self.layers.iter().any(L::is_of_libtorch)
    }

    fn normalizes_batches(&self) -> bool {
        self.layers.iter().any(L::normalizes_batches)
    }
}
