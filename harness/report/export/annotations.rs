//! Annotations of GitHub Actions: an `::error` for each verdict that fails, a `::warning` for each that could not be
//! reached or is quarantined.

use super::format::FindingsFormat;
use crate::compare::{CaseFinding, Finding, Verdict};
use crate::escape::github;
use crate::report::reasons::{quarantined, told};

pub(super) const FINDINGS: FindingsFormat = FindingsFormat {
    name: "github",
    about: "Annotations of GitHub Actions: errors for what fails, warnings for what is in doubt",
    for_people: true,
    write: |judged, _| {
        let mut lines: Vec<String> =
            judged.findings.iter().flat_map(|finding| of_case(finding, &judged.fails)).collect();
        // GitHub shows the first ten of each kind.
        lines.sort_by_key(|line| !line.starts_with("::error"));
        lines.concat()
    },
};

fn of_case(case: &CaseFinding, fails: &dyn Fn(&str, &CaseFinding) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    let line = |what: &str, verdict: Verdict, reasons: Vec<String>| {
        let quarantine = case.quarantine_of(what).map(quarantined);
        let command = if fails(what, case) {
            "error"
        } else if is_doubtful(verdict) || (quarantine.is_some() && verdict == Verdict::Regressed) {
            "warning"
        } else {
            return None;
        };
        let title = github::property(&format!("{}/{}: {what} {}", case.suite, case.case, verdict.name()));
        let text: Vec<String> = quarantine.into_iter().chain(reasons).collect();
        let text = if text.is_empty() { verdict.name().to_owned() } else { text.join("\n") };
        Some(format!("::{command} title={title}::{}\n", github::message(&text)))
    };
    lines.extend(line("accuracy", case.accuracy.verdict, told(&case.accuracy)));
    lines.extend(line("throughput", case.throughput.verdict, told(&case.throughput)));
    for gate in &case.gates {
        let Finding { verdict, .. } = &gate.finding;
        lines.extend(line(&gate.gate.metric.word(), *verdict, told(&gate.finding)));
    }
    lines
}

fn is_doubtful(verdict: Verdict) -> bool {
    use Verdict as V;
    match verdict {
        V::Regressed | V::Inconclusive | V::Incomparable | V::Missing => true,
        V::Identical | V::Unchanged | V::Improved | V::New | V::NotMeasured => false,
    }
}
