//! Which verdicts fail, and with which exit code.

use crate::app::exit::Exit;
use crate::compare::{CaseFinding, Verdict};

/// Which verdicts make a comparison fail.
#[derive(Clone, Debug, clap::Args)]
pub struct Policy {
    /// Exit with 13 where a case does not have the baseline's bits
    #[arg(long)]
    require_identical: bool,
    /// What fails, in the order of the exit codes 10 to 12, 5, 20, 21, 22, 15
    #[arg(
        long,
        value_name = "LIST",
        value_enum,
        value_delimiter = ',',
        default_value = "regressed,incomparable,inconclusive,missing"
    )]
    fail_on: Vec<FailOn>,
}

/// What makes the exit code another than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Accuracy or throughput regressed.
    Regressed,
    /// The accuracy of a case regressed.
    #[value(help = "Accuracy regressed")]
    Accuracy,
    /// The throughput of a case regressed.
    #[value(help = "Throughput regressed")]
    Throughput,
    /// Seeds failed or diverged where the baseline's did not.
    Failures,
    /// A case cannot be compared fairly.
    #[value(help = "No fair comparison")]
    Incomparable,
    /// Too few or too noisy samples.
    Inconclusive,
    /// A case of the baseline is not in the run, or not whole.
    Missing,
    /// A case is better than the baseline, which may be accepted anew.
    #[value(help = "Accuracy or throughput improved")]
    Improved,
    /// Nothing that a comparison finds.
    #[value(help = "Nothing")]
    None,
}

/// Returns whether the bits are not the baseline's though they were to be.
fn drifted(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Identical | Verdict::New | Verdict::NotMeasured)
}

/// Returns the exit code of regressions in accuracy, in throughput, or in both. Returns `None` if there is neither.
pub fn regression(accuracy: bool, throughput: bool) -> Option<Exit> {
    match (accuracy, throughput) {
        (true, true) => Some(Exit::BothRegressed),
        (true, false) => Some(Exit::AccuracyRegressed),
        (false, true) => Some(Exit::ThroughputRegressed),
        (false, false) => None,
    }
}

impl Policy {
    /// Returns whether what is found of a case's `accuracy`, `throughput` or metric of a gate fails. A metric fails where
    /// accuracy would. What is quarantined does not fail.
    pub fn fails(&self, what: &str, finding: &CaseFinding) -> bool {
        if finding.quarantine_of(what).is_some() {
            return false;
        }
        match what {
            "accuracy" => self.fails_on(what, finding.accuracy.verdict) || self.fails_for_seeds(finding),
            "throughput" => self.fails_on(what, finding.throughput.verdict),
            metric => {
                let of_metric = finding.gates.iter().find(|found| found.gate.metric.word() == metric);
                of_metric.is_some_and(|found| self.is_listed("accuracy", found.finding.verdict))
            }
        }
    }

    /// Returns whether a verdict on `accuracy` or `throughput` fails.
    pub fn fails_on(&self, what: &str, verdict: Verdict) -> bool {
        self.is_listed(what, verdict) || self.require_identical && what == "accuracy" && drifted(verdict)
    }

    /// Returns whether `--fail-on` names failures, and a case has seeds that failed where the baseline's did not.
    fn fails_for_seeds(&self, finding: &CaseFinding) -> bool {
        let newly_failed = finding.accuracy.figures.map_or(0, |figures| figures.newly_failed);
        let is_judged = finding.quarantine_of("accuracy").is_none();
        self.fail_on.contains(&FailOn::Failures) && newly_failed > 0 && is_judged
    }

    /// Returns whether `--fail-on` names the verdict.
    fn is_listed(&self, what: &str, verdict: Verdict) -> bool {
        let on = |fail_on| self.fail_on.contains(&fail_on);
        match verdict {
            Verdict::Regressed if what == "accuracy" => on(FailOn::Regressed) || on(FailOn::Accuracy),
            Verdict::Regressed => on(FailOn::Regressed) || on(FailOn::Throughput),
            Verdict::Incomparable => on(FailOn::Incomparable),
            Verdict::Inconclusive => on(FailOn::Inconclusive),
            Verdict::Missing => on(FailOn::Missing),
            Verdict::Improved => on(FailOn::Improved),
            Verdict::Identical | Verdict::Unchanged | Verdict::New | Verdict::NotMeasured => false,
        }
    }

    /// Returns the exit code of the worst verdict that is not quarantined.
    pub fn exit(&self, findings: &[CaseFinding]) -> Exit {
        let judged =
            |what: &'static str| findings.iter().filter(move |one| one.quarantine_of(what).is_none());
        let accuracy = |verdict| {
            let is = |one: &CaseFinding| {
                one.accuracy.verdict == verdict
                    || one.gates.iter().any(|gate| gate.finding.verdict == verdict)
            };
            self.is_listed("accuracy", verdict) && judged("accuracy").any(is)
        };
        let throughput = |verdict| {
            self.is_listed("throughput", verdict)
                && judged("throughput").any(|one| one.throughput.verdict == verdict)
        };
        let any = |verdict| accuracy(verdict) || throughput(verdict);
        let drift = self.require_identical && judged("accuracy").any(|one| drifted(one.accuracy.verdict));
        if let Some(exit) = regression(accuracy(Verdict::Regressed), throughput(Verdict::Regressed)) {
            return exit;
        }
        if drift {
            Exit::BitsDrifted
        } else if findings.iter().any(|one| self.fails_for_seeds(one)) {
            Exit::TrialFailed
        } else if any(Verdict::Incomparable) {
            Exit::Incomparable
        } else if any(Verdict::Inconclusive) {
            Exit::Inconclusive
        } else if any(Verdict::Missing) {
            Exit::Incomplete
        } else if any(Verdict::Improved) {
            Exit::Improved
        } else {
            Exit::Success
        }
    }
}
