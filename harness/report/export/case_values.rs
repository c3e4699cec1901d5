//! The values of each case that tools for benchmarks are given.

use super::run_format::ExportedRuns;
use crate::analysis::{Group, group, summary};
use crate::metrics::{METRICS, Metric};
use crate::stats::{Interval, Summary, mean_interval};

/// A metric of a case.
pub(super) struct CaseValue {
    /// Which metric it is.
    pub metric: Metric,
    /// The values over the seeds.
    pub summary: Summary,
    /// The interval of the mean; `None` for one seed.
    pub interval: Option<Interval>,
}

/// Returns the cases of runs: records that differ in nothing but the seed together, ordered by suite and case.
pub(super) fn cases(exported: &ExportedRuns) -> Vec<Group<'_>> {
    group(&exported.runs, &exported.records)
}

/// Returns every metric without a parameter that all of a case's trials that ended well yield.
pub(super) fn values_of(case: &Group) -> Vec<CaseValue> {
    let of = |metric: &Metric| {
        let summary = summary(*metric, case)?;
        Some(CaseValue { metric: *metric, summary, interval: mean_interval(&summary) })
    };
    METRICS.iter().filter(|metric| !metric.has_parameter()).filter_map(of).collect()
}
