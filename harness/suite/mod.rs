//! What to run: TOML into validated cases, profiles, expansion into trials, identity.

pub mod case;
mod claim;
mod data_plan;
mod each;
mod error;
mod expand;
mod file;
pub mod gate;
mod metric;
pub mod presentation;
mod schema;
mod select;
mod set;
mod shown;
mod training;

pub use error::{Error, RefusedSetting};
pub use expand::expand;
pub use file::{load, load_all, load_all_with, load_with, parse, parse_with, variants};
pub use schema::schema;
pub use select::{Selection, means};
pub use set::Setting;
