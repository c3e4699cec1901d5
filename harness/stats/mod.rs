//! Summaries of repeated measurements, and how far their mean can be trusted. Pure functions.

mod interval;
mod summary;

pub use interval::{Interval, mean_interval};
pub use summary::{Summary, median, quantile};
