//! Which results may take the place of a baseline.

use super::exit::{Exit, Failure};
use super::options::policy::regression;
use crate::compare::{CaseFinding, Verdict};
use crate::record::{Baseline, SeedResult};

/// Checks that nothing is worse than in the baselines, and that nothing they hold would be lost. `pairs` are the
/// baselines, each with what is to take its place.
///
/// # Errors
/// Fails with what is worse or would be lost.
pub fn acceptable(pairs: &[(Baseline, Baseline)], findings: &[CaseFinding]) -> Result<(), Failure> {
    let named = |is: &dyn Fn(&CaseFinding) -> bool| -> Vec<String> {
        let such = findings.iter().filter(|finding| is(finding));
        such.map(|finding| format!("{}/{}", finding.suite, finding.case)).collect()
    };
    let accuracy = named(&|finding| {
        let gates = finding.gates.iter().map(|gate| gate.finding.verdict);
        gates.chain([finding.accuracy.verdict]).any(|verdict| verdict == Verdict::Regressed)
    });
    let throughput = named(&|finding| finding.throughput.verdict == Verdict::Regressed);
    if let Some(exit) = regression(!accuracy.is_empty(), !throughput.is_empty()) {
        let all = [accuracy, throughput].concat().join(", ");
        return Err(Failure::new(exit, format!("not promoted: {all} regressed; accept that with --force")));
    }
    let failed = named(&|finding| finding.accuracy.figures.is_some_and(|figures| figures.newly_failed > 0));
    if !failed.is_empty() {
        let message = format!(
            "not promoted: seeds of {} failed or diverged where the baseline's did not; accept that with --force",
            failed.join(", ")
        );
        return Err(Failure::new(Exit::TrialFailed, message));
    }
    let suspected = named(&CaseFinding::is_suspected);
    if !suspected.is_empty() {
        let message = format!(
            "not promoted: {} may be slower or faster, which was not confirmed; `tchbench diff` measures again, or give \
             --force",
            suspected.join(", ")
        );
        return Err(Failure::new(Exit::Inconclusive, message));
    }
    let other = named(&|finding| finding.accuracy.verdict == Verdict::Incomparable);
    if !other.is_empty() {
        let message = format!(
            "not promoted: {} cannot be compared with what it would replace; accept that with --force",
            other.join(", ")
        );
        return Err(Failure::new(Exit::Incomparable, message));
    }
    let mut lost = Vec::new();
    for (old, new) in pairs {
        for case in &old.cases {
            let name = format!("{}/{}", old.suite, case.trial.case);
            let found = new.case(&case.trial.case);
            let is_lost = |seed: &&SeedResult| found.is_none_or(|found| found.seed(seed.seed).is_none());
            let seeds: Vec<String> =
                case.seeds.iter().filter(is_lost).map(|seed| seed.seed.to_string()).collect();
            if !seeds.is_empty() {
                lost.push(format!("seeds {} of {name}", seeds.join(", ")));
            }
            if !case.throughput.is_empty() && found.is_none_or(|found| found.throughput.is_empty()) {
                lost.push(format!("the throughput of {name}"));
            }
        }
    }
    if lost.is_empty() {
        return Ok(());
    }
    let lost = lost.join(", ");
    let message =
        format!("not promoted: the baseline would lose {lost}; train or measure them too, or give --force");
    Err(Failure::new(Exit::Incomplete, message))
}
