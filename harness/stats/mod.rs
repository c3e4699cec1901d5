//! Summaries of repeated measurements, how far their mean can be trusted, and tests of whether two
//! samples differ. Pure functions.

mod changepoint;
mod holm;
mod interval;
mod noncentral;
mod permutation;
mod ranks;
mod ratio;
mod seeds;
mod sign_flip;
mod signed_rank;
mod student;
mod summary;
mod tally;
mod welch;

pub use changepoint::{ChangePoint, change_points};
pub use holm::holm;
pub use interval::{Interval, mean_interval};
pub use permutation::{binomial, permutation_test};
pub use ratio::{Ratio, level, location};
pub use seeds::{assurance, first};
pub use sign_flip::sign_flip_test;
pub use signed_rank::{fewest, signed_rank};
pub use student::{normal_quantile, student_cdf, student_quantile};
pub use summary::{Summary, median, quantile};
pub use welch::welch_test;
