//! What a report is made of.

use crate::compare::{CaseFinding, SuiteChanges, Terms};
use crate::record::{Measurement, Night};
use crate::report::page::Published;

/// What a run found against a baseline.
#[derive(Clone, Debug)]
pub struct RunFindings {
    /// The name of the run.
    pub run: String,
    /// The baseline, as the user named it.
    pub baseline: String,
    /// What was found of each case.
    pub findings: Vec<CaseFinding>,
    /// What changed in each suite besides results.
    pub changes: Vec<SuiteChanges>,
    /// On what terms the cases were compared.
    pub terms: Terms,
}

/// How a command names the run of some records.
#[derive(Clone, Debug)]
pub struct RecordsOrigin {
    /// The run's name or path, as `tchbench replay` takes it.
    pub run: String,
    /// How many of the records are of this run.
    pub records: usize,
}

/// All that a report shows.
#[derive(Clone, Debug, Default)]
pub struct ReportContent {
    /// Runs, their records in the order of the runs, and what was found in their networks.
    pub published: Published,
    /// Where the records come from: one for each run.
    pub origins: Vec<RecordsOrigin>,
    /// The folder of runs, where commands must name it.
    pub results: Option<String>,
    /// What was measured of the throughput of training steps.
    pub measurements: Vec<Measurement>,
    /// The nights of the suites' cases.
    pub nights: Vec<Night>,
    /// What the runs found against a baseline; empty if none was named.
    pub comparisons: Vec<RunFindings>,
}
