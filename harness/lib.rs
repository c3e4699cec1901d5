//! `tchbench` trains small networks under fixed seeds on libtorch, records what happened so that
//! it can be proven, and says against a stored baseline whether anything got worse.
//!
//! The parts of the library, and who may use whom, are in `docs/architecture.md`; `tests/layering.rs` keeps it.
//!
//! Where to begin, each with an example:
//!
//! - [`suite::load`] reads a suite, and [`suite::expand`] makes its trials with their identities.
//! - [`recipe::shape::plan`] returns the shapes and parameter counts of a network.
//! - [`record::Folder::read_trials`] reads the records of a run.
//! - [`compare::diff`] compares a run with a baseline.
//! - [`stats::Summary::of`] and [`stats::sign_flip_test`] summarize repeated measurements and test pairs of them.

#![deny(clippy::print_stdout, clippy::print_stderr)] // `terminal` does that.

pub mod analysis;
mod app;
pub mod cli;
pub mod compare;
pub mod data;
#[cfg(feature = "torch")]
pub mod engine;
pub mod escape;
pub mod event;
pub mod files;
pub mod kernels;
pub mod listing;
pub mod metrics;
pub mod reader;
pub mod recipe;
pub mod record;
pub mod report;
pub mod rng;
pub mod runner;
pub mod stats;
pub mod suite;
pub mod terminal;
pub mod valid;
