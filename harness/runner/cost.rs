//! How long trials are expected to take: decided by their recipes alone, so that every machine expects the same.
//!
//! The constants were fitted to one epoch of every case of `suites/` on the CPU with portable numerics (26 November
//! 2026, one core of an AVX-512 server). Of two trials, they tell which takes longer on most machines; they promise no time.

use crate::recipe::layers::recurrent::{Implementation, Recurrent, gates};
use crate::recipe::layers::{Layer, LayerKind};
use crate::recipe::shape::{LayerPlan, Shape, plan_of};
use crate::recipe::{AugmentationTiming, Experiment, SplitName, Trial};

/// The numbers of samples in the splits of a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitSizes {
    /// The number of samples to train on, those that are held out among them.
    pub train: u64,
    /// The number of samples to test on, those that are held out among them.
    pub test: u64,
}

/// Seconds to start a worker and to prepare its samples.
const START: f64 = 0.1;
/// Seconds for each sample, whatever the network.
const SAMPLE: f64 = 8e-7;
/// Seconds for each weight at each position of a sample: of dense layers, over images, and in recurrent layers.
const DENSE: f64 = 3e-11;
const CONVOLUTION: f64 = 4.5e-11;
const RECURRENT: f64 = 5e-11;
/// Seconds for each value of a gate, and for each step of a recurrent layer.
const GATE: f64 = 1.8e-9;
const STEP: f64 = 5e-8;
/// Seconds for each value that a layer hands on.
const VALUE: f64 = 2.7e-9;
/// Seconds for each weight at each step of the optimizer.
const UPDATE: f64 = 7e-10;
/// A forward pass alone, as a part of a training step.
const FORWARD: f64 = 1.0 / 3.0;
/// How much slower a whole network is with a layer that libtorch computes, by its kernel or by the equations.
const LIBRARY: f64 = 3.0;
const EQUATIONS: f64 = 4.5;

/// Returns the seconds that each trial is expected to take, where no epoch is saved by stopping early. `sizes` returns
/// those of a dataset by its name.
pub fn expected_seconds(trials: &[Trial], sizes: impl Fn(&str) -> SplitSizes) -> Vec<f64> {
    let of = |trial: &Trial| seconds(&trial.experiment, sizes(&trial.experiment.data.dataset));
    trials.iter().map(of).collect()
}

/// Returns the order to start in: the longest expected first, so that none is left alone at the end.
pub(super) fn longest_first(costs: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|&a, &b| costs[b].total_cmp(&costs[a]));
    order
}

fn seconds(experiment: &Experiment, sizes: SplitSizes) -> f64 {
    let data = &experiment.data;
    let held = |split| data.validation.filter(|held| held.from == split).map_or(0, |held| held.count.into());
    let left = |wanted: Option<u32>, size: u64, split| {
        wanted.map_or_else(|| size.saturating_sub(held(split)), u64::from) as f64
    };
    let copies = match data.augmentation {
        Some(augmentation) if augmentation.when == AugmentationTiming::Appended => 2.0,
        _ => 1.0,
    };
    let train = left(data.train_samples, sizes.train, SplitName::Train) * copies;
    let test = left(data.test_samples, sizes.test, SplitName::Test);
    let validation = data.validation.map_or(0.0, |held| held.count.into());
    let forward_and_back = sample_seconds(experiment);
    let epochs = f64::from(experiment.training.epochs);
    START + forward_and_back * (epochs * (train + validation * FORWARD) + test * FORWARD)
}

/// A sample's part of a training step.
fn sample_seconds(experiment: &Experiment) -> f64 {
    let batch = f64::from(experiment.training.batch.max(1));
    let row = |row: &LayerPlan| {
        let weights = row.parameters as f64;
        let uses = positions(row.input).max(positions(row.output));
        let layer = experiment.layers.get(row.layer);
        let computed = match (layer, row.input) {
            (Some(Layer::Recurrent(layer)), _) => {
                weights * uses * RECURRENT + uses * (STEP + gate_values(layer) * GATE)
            }
            (_, Shape::Image { .. }) => weights * uses * CONVOLUTION,
            _ => weights * uses * DENSE,
        };
        let is_view = layer.is_some_and(|layer| matches!(layer.word(), "flatten" | "sequence"));
        let values = if is_view { 0.0 } else { row.output.values() as f64 };
        computed + values * VALUE + weights / batch * UPDATE
    };
    let rows = plan_of(experiment).unwrap_or_default();
    (SAMPLE + rows.iter().map(row).sum::<f64>()) * slowest_implementation(experiment)
}

/// How many values the gates of one step have.
fn gate_values(layer: &Recurrent) -> f64 {
    let directions = if layer.bidirectional { 2.0 } else { 1.0 };
    f64::from(gates(layer.cell)) * directions * f64::from(layer.units)
}

fn slowest_implementation(experiment: &Experiment) -> f64 {
    let factor = |layer: &Layer| match layer {
        Layer::Recurrent(layer) => match layer.implementation {
            Implementation::Fused => 1.0,
            Implementation::Library => LIBRARY,
            Implementation::Equations => EQUATIONS,
        },
        _ => 1.0,
    };
    experiment.layers.iter().map(factor).fold(1.0, f64::max)
}

fn positions(shape: Shape) -> f64 {
    match shape {
        Shape::Image { height, width, .. } => f64::from(height) * f64::from(width),
        Shape::Sequence { steps, .. } => steps.into(),
        Shape::Vector { .. } => 1.0,
    }
}
