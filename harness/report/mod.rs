//! Tables, made from records alone.

mod architectures;
mod calibration;
mod claims;
mod diff;
mod epochs;
mod group;
mod junit;
mod table;
mod throughput;
mod units;

pub use architectures::architectures;
pub use calibration::calibration;
pub use claims::{Checked, Outcome, check, claims};
pub use diff::diff;
pub use epochs::epochs;
pub use junit::junit;
pub use table::{Cell, Column, Format, Table, render, terminal_width};
pub use throughput::throughput;
pub use units::{bytes, count, seconds};
