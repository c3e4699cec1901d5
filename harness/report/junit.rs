//! Findings as JUnit XML, which continuous integration shows as tests.

use super::diff::told;
use crate::compare::{CaseFinding, Finding, Verdict};
use crate::escape::xml;

/// A test suite for each suite with two tests a case, `accuracy` and `throughput`; those that
/// `fails` says fail, and those that say nothing are skipped.
pub fn junit(findings: &[CaseFinding], fails: impl Fn(&str, &CaseFinding) -> bool) -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tchbench diff\">\n".to_owned();
    for suite in findings.chunk_by(|a, b| a.suite == b.suite) {
        let name = suite.first().map(|first| xml::attribute(&first.suite)).unwrap_or_default();
        let mut tests = Vec::new();
        for finding in suite {
            let case = format!("{name}.{}", xml::attribute(&finding.case));
            let fails = |what| fails(what, finding);
            tests.push(test(&case, "accuracy", &finding.accuracy, fails("accuracy")));
            tests.push(test(&case, "throughput", &finding.throughput, fails("throughput")));
        }
        let count = |outcome: Outcome| tests.iter().filter(|(of, _)| *of == outcome).count();
        text.push_str(&format!(
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            tests.len(),
            count(Outcome::Failed),
            count(Outcome::Skipped),
        ));
        text.extend(tests.into_iter().map(|(_, test)| test));
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

fn test<T>(case: &str, what: &str, finding: &Finding<T>, fails: bool) -> (Outcome, String) {
    let verdict = finding.verdict.name();
    let reasons = xml::content(&told(finding).join("\n"));
    let (outcome, content) = match finding.verdict {
        _ if fails => (
            Outcome::Failed,
            format!("<failure type=\"{verdict}\" message=\"{what} {verdict}\">{reasons}</failure>"),
        ),
        Verdict::New | Verdict::NotMeasured => {
            (Outcome::Skipped, format!("<skipped message=\"{verdict}\"/>"))
        }
        _ => (Outcome::Passed, format!("<system-out>{verdict}\n{reasons}</system-out>")),
    };
    (outcome, format!("    <testcase classname=\"{case}\" name=\"{what}\">{content}</testcase>\n"))
}
