//! What verbs share: options, sessions, output and exit codes.

pub mod baselines;
pub mod confirm;
pub mod datasets;
pub mod exit;
pub mod options;
pub mod picture;
pub mod progress;
pub mod records;
pub mod results;
pub mod suites;
pub mod tables;
pub mod throughput;
