//! `tchbench` trains small networks under fixed seeds on libtorch, records what happened so that
//! it can be proven, and says against a stored baseline whether anything got worse.
//!
//! The map of the house is in `docs/architecture.md`, and `tests/layering.rs` keeps it.

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
