//! What a run found against a baseline, in a few sentences and then case by case.

use super::cases::time_ratios;
use super::content::RunFindings;
use super::document::Document;
use crate::compare::{ALL_CASES, CaseFinding, Verdict};
use crate::report::diff::{diff_by_suite, error_rates};

/// In the order of their weight for a reader.
const VERDICTS: [Verdict; 9] = [
    Verdict::Regressed,
    Verdict::Incomparable,
    Verdict::Inconclusive,
    Verdict::Missing,
    Verdict::Improved,
    Verdict::New,
    Verdict::Unchanged,
    Verdict::Identical,
    Verdict::NotMeasured,
];

/// So many cases are named in a sentence.
const NAMED: usize = 8;

/// A section of one comparison: the verdict, its error rates, and the table behind it.
pub(super) fn verdict(page: &mut Document, found: &RunFindings) {
    let (class, headline) = headline(&found.findings);
    page.verdict(headline, class);
    page.paragraph(&format!("Run {} against the baseline {}.", found.run, found.baseline));
    page.list("verdicts", sentences(&found.findings));
    let error_rates = error_rates(&found.findings, &found.terms);
    if !error_rates.is_empty() {
        page.subheading("How sure this is");
        page.list("notes", error_rates);
    }
    diff_by_suite(&found.findings, &found.changes).iter().for_each(|table| page.table(table));
    page.figure(&time_ratios(&found.findings));
}

/// What is judged of a case: the name of it, and its verdict. What is quarantined does not count.
fn judged(finding: &CaseFinding) -> Vec<(String, Verdict)> {
    let mut all = Vec::new();
    if finding.quarantine_of("accuracy").is_none() {
        all.push(("accuracy".to_owned(), finding.accuracy.verdict));
        let gates = finding.gates.iter().map(|gate| (gate.gate.metric.word(), gate.finding.verdict));
        all.extend(gates);
    }
    if finding.quarantine_of("throughput").is_none() {
        all.push(("throughput".to_owned(), finding.throughput.verdict));
    }
    all
}

/// Returns the class of the section, and what all verdicts together say.
fn headline(findings: &[CaseFinding]) -> (&'static str, &'static str) {
    let verdicts: Vec<Verdict> = findings.iter().flat_map(judged).map(|(_, verdict)| verdict).collect();
    let any = |wanted: &[Verdict]| verdicts.iter().any(|verdict| wanted.contains(verdict));
    let open = [Verdict::Inconclusive, Verdict::Incomparable, Verdict::Missing];
    if any(&[Verdict::Regressed]) {
        ("bad", "Worse than the baseline")
    } else if any(&open) && !any(&[Verdict::Improved, Verdict::Unchanged, Verdict::Identical]) {
        ("open", "Nothing can be told of the baseline")
    } else if any(&open) {
        ("open", "Nothing is shown to be worse, but not all could be told")
    } else if any(&[Verdict::Improved]) {
        ("good", "Better than the baseline, and nothing is worse")
    } else if any(&[Verdict::Unchanged]) {
        ("good", "No worse than the baseline")
    } else if any(&[Verdict::Identical]) {
        ("good", "Identical to the baseline")
    } else {
        ("open", "Nothing was compared with the baseline")
    }
}

/// A sentence for each subject and verdict that there is.
fn sentences(findings: &[CaseFinding]) -> Vec<String> {
    let (together, findings): (Vec<&CaseFinding>, Vec<&CaseFinding>) =
        findings.iter().partition(|finding| finding.case == ALL_CASES);
    let several = findings.windows(2).any(|pair| pair[0].suite != pair[1].suite);
    let name = |finding: &CaseFinding| {
        if several { format!("{}/{}", finding.suite, finding.case) } else { finding.case.clone() }
    };
    let mut subjects: Vec<String> = Vec::new();
    for (subject, _) in findings.iter().flat_map(|finding| judged(finding)) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let mut sentences = Vec::new();
    for subject in &subjects {
        let all: Vec<(&CaseFinding, Verdict)> = findings
            .iter()
            .copied()
            .flat_map(|finding| judged(finding).into_iter().map(move |judged| (finding, judged)))
            .filter(|(_, (other, _))| other == subject)
            .map(|(finding, (_, verdict))| (finding, verdict))
            .collect();
        for verdict in VERDICTS {
            let cases: Vec<String> =
                all.iter().filter(|(_, found)| *found == verdict).map(|(finding, _)| name(finding)).collect();
            if !cases.is_empty() {
                let whose = if cases.len() == all.len() { String::new() } else { named(&cases) };
                sentences.push(format!(
                    "{subject}: {} of {} {}{whose}",
                    cases.len(),
                    all.len(),
                    verdict.name()
                ));
            }
        }
    }
    sentences.extend(together.iter().map(|finding| {
        format!("accuracy: {} of {} together {}", ALL_CASES, finding.suite, finding.accuracy.verdict.name())
    }));
    let quarantined = findings.iter().filter(|finding| finding.quarantine.is_some()).count();
    if quarantined > 0 {
        sentences.push(format!("{quarantined} quarantined: what is found of them does not count here"));
    }
    sentences
}

fn named(cases: &[String]) -> String {
    let shown = cases.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match cases.len().saturating_sub(NAMED) {
        0 => format!(": {shown}"),
        others => format!(": {shown} and {others} more"),
    }
}
