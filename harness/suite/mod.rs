//! What to run: TOML into validated cases, profiles, expansion into trials, identity.

pub mod case;
pub mod shape;
mod trial;

pub use trial::{Device, ENGINE_REVISION, Environment, Numerics, Trial, hex, identity};
