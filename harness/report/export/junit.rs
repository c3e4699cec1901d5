//! Findings as JUnit XML, which continuous integration shows as tests.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::format::FindingsFormat;
use crate::compare::{CaseFinding, Finding, Verdict};
use crate::escape::xml;
use crate::report::reasons::{quarantined, told};

pub(super) const FINDINGS: FindingsFormat = FindingsFormat {
    name: "junit",
    about: "JUnit XML, for continuous integration",
    for_people: false,
    write: |judged, _| junit(&judged.findings, &judged.fails),
};

/// Returns a test suite for each suite with a test for each case's `accuracy`, `throughput` and metric of a gate. Those that `fails`
/// says fail. Those of which nothing can be said are skipped, and so are quarantined ones that could not pass.
pub fn junit(findings: &[CaseFinding], fails: impl Fn(&str, &CaseFinding) -> bool) -> String {
    let mut report = Report::new("tchbench diff");
    for findings in findings.chunk_by(|a, b| a.suite == b.suite) {
        let name = findings.first().map(|first| xml::text(&first.suite)).unwrap_or_default();
        let mut suite = TestSuite::new(name.as_str());
        for finding in findings {
            let case = format!("{name}.{}", xml::text(&finding.case));
            let outcome = |what: &str| JudgedTest {
                fails: fails(what, finding),
                quarantine: finding.quarantine_of(what).map(quarantined),
            };
            suite.add_test_case(test(&case, "accuracy", &finding.accuracy, outcome("accuracy")));
            suite.add_test_case(test(&case, "throughput", &finding.throughput, outcome("throughput")));
            for gate in &finding.gates {
                let word = gate.gate.metric.word();
                suite.add_test_case(test(&case, &word, &gate.finding, outcome(&word)));
            }
        }
        report.add_test_suite(suite);
    }
    // Memory takes all of it.
    report.to_string().unwrap_or_default()
}

/// Whether a verdict fails, and why it does not though it is none to pass with.
struct JudgedTest {
    fails: bool,
    quarantine: Option<String>,
}

fn test<T>(case: &str, what: &str, finding: &Finding<T>, outcome: JudgedTest) -> TestCase {
    let verdict = finding.verdict.name();
    let reasons = xml::text(&told(finding).join("\n"));
    let mut status = TestCaseStatus::success();
    let mut output = None;
    if outcome.fails {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(verdict).set_message(format!("{what} {verdict}")).set_description(reasons);
    } else if let (Some(quarantine), false) = (&outcome.quarantine, passes(finding.verdict)) {
        status = TestCaseStatus::skipped();
        status.set_message(xml::text(&format!("{verdict}; {quarantine}"))).set_description(reasons);
    } else if matches!(finding.verdict, Verdict::New | Verdict::NotMeasured) {
        status = TestCaseStatus::skipped();
        status.set_message(verdict);
    } else {
        output = Some(format!("{verdict}\n{reasons}"));
    }
    let mut test = TestCase::new(what, status);
    test.set_classname(case);
    if let Some(output) = output {
        test.set_system_out(output);
    }
    test
}

/// Returns whether nothing is wrong with a verdict, or nothing was judged.
fn passes(verdict: Verdict) -> bool {
    use Verdict as V;
    match verdict {
        V::Identical | V::Unchanged | V::Improved | V::New | V::NotMeasured => true,
        V::Regressed | V::Inconclusive | V::Incomparable | V::Missing => false,
    }
}
