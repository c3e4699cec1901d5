//! What an experiment is, in plain types: the experiment, the trial, its environment and identity, and the arithmetic of
//! networks.

mod experiment;
mod name;
pub mod shape;
pub mod transform;
mod trial;

pub use experiment::*;
pub use name::{Name, NotAName, name};
pub use trial::{Device, ENGINE_REVISION, Environment, Numerics, Trial, hex, identity};
