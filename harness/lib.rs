//! `tchbench` trains small networks under fixed seeds on libtorch, records what happened so that
//! it can be proven, and says against a stored baseline whether anything got worse.
//!
//! The map of the house: `suite`, `data`, `rng`, `files`, `listing`, `record`, `stats` and `terminal` know no sibling
//! above them;
//! `engine` (the only place that names tch) uses `suite`, `data` and `rng`; `runner` starts worker
//! processes and writes records; `compare`, `analysis` and `report` read records; `app` holds what verbs share; `cli`
//! sees all.

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
pub mod record;
pub mod report;
pub mod rng;
pub mod runner;
pub mod stats;
pub mod suite;
pub mod terminal;
