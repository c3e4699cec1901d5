//! What to run: TOML into validated cases, profiles, expansion into trials, identity.

pub mod case;
mod claim;
mod each;
mod error;
mod expand;
mod file;
mod layers;
pub mod presentation;
mod recipe;
mod select;
mod shown;

pub use error::Error;
pub use expand::expand;
pub use file::{load, load_all, parse, variants};
pub use select::{Selection, means};
