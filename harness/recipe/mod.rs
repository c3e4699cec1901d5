//! What an experiment is, in plain types: the experiment, its layers, optimizer and schedule, the trial, its
//! environment and identity, and the arithmetic of networks.

mod convention;
mod data_plan;
pub mod datasets;
mod experiment;
mod geometry;
pub mod layers;
mod name;
mod numerics;
pub mod optimizers;
mod patience;
pub mod schedules;
pub mod shape;
mod training;
pub mod transform;
mod trial;

pub use convention::Convention;
pub use data_plan::{
    Augmentation, AugmentationTiming, DataPlan, Fill, Normalize, PerChannel, PixelNoise, SplitBy, SplitName,
    Validation,
};
pub use experiment::{Experiment, kernel_of_libtorch};
pub use geometry::{Geometry, MOST_CLASSES, class_label};
pub use layers::Layer;
pub use layers::activation::Activation;
pub use layers::conv::Padding;
pub use layers::recurrent::{Implementation, Output, RecurrentCell, Reset};
pub use layers::sequence::ReadBy;
pub use name::{Name, NameError, name};
pub use numerics::Numerics;
pub use optimizers::Optimizer;
pub use patience::Patience;
pub use schedules::Schedule;
pub use training::{EarlyStopping, MOST_EPOCHS, Monitor, Training};
pub use trial::{Device, ENGINE_REVISION, Environment, Trial, hashed, hex, identity};
