//! Worker processes: their environment, what is said to them, how they are started, scheduled and
//! watched, and what is recorded of them.

mod ab;
mod cost;
mod datasets;
pub mod environment;
mod fault;
mod host;
mod interrupt;
mod measure;
mod noise;
mod output;
mod plan;
mod process;
mod progress;
pub mod protocol;
mod robustness;
mod run;
mod schedule;
mod shard;
mod summary;
mod survey;
mod timed_worker;
mod transcript;
mod worker;

pub use ab::{PairedSide, SideFault, ab};
pub use cost::{SplitSizes, expected_seconds};
pub use datasets::Datasets;
pub use fault::Fault;
pub use host::{LoadWatch, cores, host};
pub use interrupt::Interrupt;
pub use measure::{Bench, Failed, MeasuredCase, Measurements, measure};
pub use plan::{Error, Plan};
pub use progress::{Observer, Silent, ending, observer};
pub use robustness::{Scores, ScoringTask, score};
pub use run::{repeat, resume, run};
pub use schedule::{default_jobs, side_by_side};
pub use shard::shard;
pub use summary::RunSummary;
pub use worker::Launcher;
