//! What to run: TOML into validated cases, profiles, expansion into trials, identity.

pub mod case;
mod claim;
mod each;
mod error;
mod file;
mod layers;
mod name;
pub mod presentation;
mod reader;
mod recipe;
mod select;
pub mod shape;
pub mod transform;
mod trial;
mod values;
mod words;

pub use error::{Error, Problem};
pub use file::{load, load_all, parse, variants};
pub use name::{Name, NotAName};
pub use select::{Selection, expand};
pub use trial::{Device, ENGINE_REVISION, Environment, Numerics, Trial, hex, identity};
