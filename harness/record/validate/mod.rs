//! What a record and a worker's words can hold (see [`crate::valid`]).

mod experiment;
mod measurement;
mod results;
mod run;
mod trial;

pub use measurement::round;
pub use trial::{epoch, finished, insight, score, started, transformed};
