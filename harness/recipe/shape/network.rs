//! Walks a network from its input to its logits.

use super::{LARGEST, LayerPlan, Shape, ShapeError};
use crate::recipe::Experiment;
use crate::recipe::convention::Convention;
use crate::recipe::layers::{Layer, LayerKind, Place};

/// Returns the table of an experiment's network: one row a layer, and one for each of a stack of recurrent layers.
///
/// # Errors
/// Returns an error if a layer cannot take its input, or if the last does not hand on a logit for each class (at the
/// end, or at every step).
///
/// # Examples
/// ```
/// use tchbench::recipe::shape::{Shape, parameters, plan_of};
/// use tchbench::suite;
///
/// let smoke = suite::load(std::path::Path::new("suites/smoke.toml"), None)?;
/// let rows = plan_of(&smoke.cases[1].experiment)?;
///
/// assert_eq!(rows[0].output, Shape::Vector { features: 784 });
/// assert_eq!(rows[1].parameters, (784 + 1) * 128);
/// assert_eq!(parameters(&rows), 101_770);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan_of(experiment: &Experiment) -> Result<Vec<LayerPlan>, ShapeError> {
    let Experiment { layers, convention, data, .. } = experiment;
    plan(layers, *convention, data.input(), data.geometry.classes)
}

/// Returns the table of these layers, as [`plan_of`] does, for samples of the shape `input`.
///
/// # Errors
/// As [`plan_of`].
pub fn plan(
    layers: &[Layer],
    convention: Convention,
    input: Shape,
    classes: u32,
) -> Result<Vec<LayerPlan>, ShapeError> {
    let mut rows: Vec<LayerPlan> = Vec::with_capacity(layers.len());
    let mut input = match input.values() {
        1..=LARGEST => input,
        values => return Err(ShapeError::Values { layer: 0, values }),
    };
    for (index, layer) in layers.iter().enumerate() {
        rows.extend(layer.plan(Place { index, kind: layer.word(), input, convention })?);
        input = rows.last().map_or(input, |row| row.output);
    }
    match input {
        Shape::Vector { features } | Shape::Sequence { features, .. } if features == classes => Ok(rows),
        output => Err(ShapeError::End { output, classes }),
    }
}
