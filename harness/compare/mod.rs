//! Two records side by side: whether they are of one experiment, made alike, with the same results;
//! and a run against a baseline: whether anything got worse.

mod accuracy;
mod across;
mod calibration;
mod diff;
mod field;
mod fingerprint;
mod identity;
mod locations;
mod margins;
mod noise;
mod paired;
mod provenance;
mod results;
mod throughput;
mod verdict;
mod whole;

pub use accuracy::{AccuracyFigures, GateFigures, GateFinding, Means};
pub use across::Across;
pub use calibration::{CaseRates, ComparisonCounts, FEWEST, rates};
pub use diff::{ALL_CASES, CaseFinding, diff};
pub use field::{Field, leaves_of};
pub use fingerprint::fingerprint;
pub use identity::identity;
pub use locations::locations;
pub use margins::{CaseMargins, MARGINS, Margins, MarginsError, Quarantine, VerdictKind};
pub use noise::Noise;
pub use paired::{Difference, PairedRatio, fewest_pairs};
pub use provenance::{SuiteChanges, changes, sources};
pub use results::{FirstDifference, first_difference, results};
pub use throughput::ThroughputFigures;
pub use verdict::{Finding, Terms, Verdict};
