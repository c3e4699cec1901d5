//! Summaries of repeated measurements, and how far their mean can be trusted. Pure functions.

mod changepoint;
mod interval;
mod summary;

pub use changepoint::{ALPHA, ChangePoint, SHORTEST, change_points};
pub use interval::{Interval, mean_interval};
pub use summary::{Summary, median, quantile};
