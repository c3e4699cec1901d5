//! Typed results from records: which trials belong together, what they yield, and what follows from it. Tables,
//! charts, exit codes and exported files are views of these.

mod bisection;
mod choose;
mod claims;
mod group;
mod night;
mod paired;
mod pareto;
mod ranks;
mod replay;
mod robustness;
mod series;
mod sweep;
mod throughput;
mod values;

pub use bisection::{Bisection, CommitOutcome, TriedCommit};
pub use choose::{chosen, named};
pub use claims::{Checked, Outcome, check};
pub use group::{Group, group};
pub use night::nights;
pub use paired::{JudgedPair, judged_pairs};
pub use pareto::{CostAndGain, pareto};
pub use ranks::{Measure, Ranked, Ranking, rankings, unrecorded};
pub use replay::Replay;
pub use robustness::{
    RobustnessGroup, RobustnessPanel, TransformedScores, robustness_groups, robustness_panels,
};
pub use series::{CaseHistory, LevelChange, NightlySeries, case_histories};
pub use sweep::{Sweep, SweepError, sweep};
pub use throughput::{MeasuredSpeed, process_speeds};
pub use values::{disturbed, missed, summary, values};
