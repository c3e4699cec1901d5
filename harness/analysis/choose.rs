//! Which groups a picture or table shows, and in which order.

use super::group::{Group, group};
use crate::record::{Run, TrialRecord};
use crate::suite::means;

/// Returns the groups whose case a pattern means, in the order of the patterns and then of their suites, or all
/// groups if there is no pattern.
pub fn chosen<'a>(runs: &[Run], records: &'a [TrialRecord], patterns: &[String]) -> Vec<Group<'a>> {
    let planned: Vec<(&str, &str)> = runs
        .iter()
        .flat_map(|run| &run.suites)
        .flat_map(|suite| suite.cases.iter().map(|case| (suite.name.as_str(), case.name.as_str())))
        .collect();
    let mut groups: Vec<(usize, usize, Group)> = Vec::new();
    for group in group(runs, records) {
        let Some(case) = group.trials.first().map(|record| record.trial.case.as_str()) else { continue };
        let wanted = patterns.iter().position(|pattern| means(pattern, case));
        let Some(wanted) = wanted.or_else(|| patterns.is_empty().then_some(0)) else { continue };
        let place = planned.iter().position(|known| *known == (group.suite, case)).unwrap_or(usize::MAX);
        groups.push((wanted, place, group));
    }
    // Stable: groups of one case stay in their order.
    groups.sort_by_key(|(wanted, place, _)| (*wanted, *place));
    groups.into_iter().map(|(.., group)| group).collect()
}

/// Returns a group's name among `groups`: its case, with its suite before it where they are of several suites.
pub fn named(group: &Group, groups: &[Group]) -> String {
    if groups.iter().all(|other| other.suite == group.suite) {
        group.label.clone()
    } else {
        format!("{}/{}", group.suite, group.label)
    }
}
