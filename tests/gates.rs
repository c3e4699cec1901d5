//! Metrics that a suite holds against its baseline, besides accuracy and loss.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use sides::{case, side, terms};
use tchbench::compare::{CaseFinding, GateFinding, Verdict, diff};
use tchbench::recipe::datasets::Catalogue;
use tchbench::record::{Baseline, CaseResults};
use tchbench::report;
use tchbench::rng::{Purpose, Stream};
use tchbench::suite::gate::Gate;
use tchbench::suite::{Setting, parse, parse_with};

const SUITE: &str = r#"
schema = 1
name = "s"

[[case]]
name = "linear"
dataset = "glyphs"
convention = "torch"
epochs = 1
batch = 10
seeds = [1]
optimizer = { kind = "sgd", lr = 0.1 }
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]

"#;

fn gate(word: &str, margin: f64) -> Gate {
    Gate { metric: word.parse().unwrap(), margin }
}

/// A case whose seeds have these values of a metric, with accuracies that say nothing.
fn with_metric(name: &str, word: &str, values: &[Option<f64>], trajectory: &str) -> CaseResults {
    let mut case = case(name, &vec![(0.9, 0.3); values.len()]);
    for (seed, value) in case.seeds.iter_mut().zip(values) {
        seed.trajectory = Some(trajectory.to_owned());
        seed.metrics.insert(word.to_owned(), *value);
    }
    case
}

fn compared(old: Vec<CaseResults>, new: Vec<CaseResults>, gates: &[Gate]) -> Vec<CaseFinding> {
    let new = Baseline { gates: gates.to_vec(), ..side(new) };
    diff(&[(side(old), new)], &terms())
}

fn only(findings: &[CaseFinding]) -> &GateFinding {
    assert_eq!(findings[0].gates.len(), 1, "{findings:?}");
    &findings[0].gates[0]
}

fn verdict(word: &str, margin: f64, old: &[Option<f64>], new: &[Option<f64>]) -> Verdict {
    let old = with_metric("mlp", word, old, "old");
    let new = with_metric("mlp", word, new, "new");
    only(&compared(vec![old], vec![new], &[gate(word, margin)])).finding.verdict
}

#[test]
fn a_metric_regresses_by_more_than_its_margin_in_its_own_direction() {
    let values = |base: f64| (0..10).map(|seed| Some(base + f64::from(seed) * 1e-4)).collect::<Vec<_>>();
    assert_eq!(verdict("macro-f1", 0.01, &values(0.9), &values(0.85)), Verdict::Regressed);
    assert_eq!(verdict("macro-f1", 0.1, &values(0.9), &values(0.85)), Verdict::Unchanged);
    assert_eq!(verdict("macro-f1", 0.01, &values(0.85), &values(0.9)), Verdict::Improved);
    // Of epochs, fewer are better.
    assert_eq!(verdict("best-epoch", 1.0, &values(5.0), &values(9.0)), Verdict::Regressed);
    assert_eq!(verdict("best-epoch", 1.0, &values(9.0), &values(5.0)), Verdict::Improved);
}

#[test]
fn a_target_that_is_not_reached_any_more_is_a_regression() {
    let word = "epochs-to-0.95";
    let reached: Vec<Option<f64>> = (0..10).map(|seed| Some(f64::from(seed % 3))).collect();
    assert_eq!(verdict(word, 1.0, &reached, &[None; 10]), Verdict::Regressed);
    let old = with_metric("mlp", word, &reached, "old");
    let new = with_metric("mlp", word, &[None; 10], "new");
    let findings = compared(vec![old], vec![new], &[gate(word, 1.0)]);
    let figures = only(&findings).finding.figures.unwrap();
    assert_eq!((figures.failed, figures.old, figures.new), ((0, 10), Some(0.9), None));
}

#[test]
fn the_same_bits_need_no_test_and_an_older_baseline_has_no_metric() {
    let values = [Some(0.9); 5];
    let same = || with_metric("mlp", "macro-f1", &values, "same");
    let gates = [gate("macro-f1", 0.01)];
    assert_eq!(only(&compared(vec![same()], vec![same()], &gates)).finding.verdict, Verdict::Identical);
    let mut old = with_metric("mlp", "macro-f1", &values, "old");
    old.seeds.iter_mut().for_each(|seed| seed.metrics.clear());
    let findings = compared(vec![old.clone()], vec![same()], &gates);
    let finding = &only(&findings).finding;
    assert_eq!(finding.verdict, Verdict::New);
    assert_eq!(
        finding.reasons,
        ["macro-f1: the baseline does not hold it; accept a run with `tchbench baseline save`"]
    );
    let findings = compared(vec![same()], vec![old], &gates);
    assert_eq!(only(&findings).finding.verdict, Verdict::NotMeasured);
}

#[test]
fn gates_leave_the_verdict_on_accuracy_as_it_is() {
    let (old, new) = ([Some(0.9); 5], [Some(0.5); 5]);
    let old = with_metric("mlp", "macro-f1", &old, "old");
    let new = with_metric("mlp", "macro-f1", &new, "new");
    let without = compared(vec![old.clone()], vec![new.clone()], &[]);
    let with = compared(vec![old], vec![new], &[gate("macro-f1", 0.01)]);
    assert_eq!(with[0].accuracy, without[0].accuracy);
    assert_eq!(only(&with).finding.verdict, Verdict::Regressed);
}

/// 300 comparisons of 8 cases with 2 gates and 5 seeds each, of a program that did not change: at most alpha of them call
/// a metric regressed, and at most so many of one that is worse by the margin call it unchanged.
#[test]
fn all_gates_of_all_cases_are_one_family() {
    let mut stream = Stream::new(1, Purpose::Probe, 0);
    let words = ["macro-f1", "recall-of-class-3"];
    let gates = words.map(|word| gate(word, 0.02));
    let comparisons = 300;
    let mut wrong = [0; 2];
    for (shift, wrong) in [0.0, 0.02].into_iter().zip(&mut wrong) {
        for _ in 0..comparisons {
            let mut cases = |trajectory: &str, shift: f64| -> Vec<CaseResults> {
                let mut one = |number: usize| {
                    let mut values =
                        || (0..5).map(|_| Some(0.8 - shift + 0.01 * stream.normal())).collect::<Vec<_>>();
                    let mut case = with_metric(&format!("c{number}"), words[0], &values(), trajectory);
                    for (seed, value) in case.seeds.iter_mut().zip(values()) {
                        seed.metrics.insert(words[1].to_owned(), value);
                    }
                    case
                };
                (0..8).map(&mut one).collect()
            };
            let findings = compared(cases("old", 0.0), cases("new", shift), &gates);
            let wrongly = if shift > 0.0 { Verdict::Unchanged } else { Verdict::Regressed };
            let any = findings.iter().flat_map(|one| &one.gates).any(|gate| gate.finding.verdict == wrongly);
            *wrong += usize::from(any);
        }
    }
    // 5 % and three standard errors of that.
    let most = (comparisons as f64 * 0.05 + 3.0 * (comparisons as f64 * 0.05 * 0.95).sqrt()) as usize;
    assert!(wrong.iter().all(|&wrong| wrong <= most), "{wrong:?} of {comparisons}");
}

#[test]
fn gates_that_make_no_sense() {
    let refused = |gates: &str| parse(&format!("{SUITE}{gates}"), "s.toml", None).unwrap_err().to_string();
    let gate = |keys: &str| refused(&format!("[[gate]]\n{keys}\n"));
    let told = [
        gate("metric = \"macro-f2\"\nmargin = 0.01"),
        gate("metric = \"macro-f1\""),
        gate("metric = \"macro-f1\"\nmargin = 2"),
        gate("metric = \"training-time\"\nmargin = 2"),
        gate("metric = \"validation-accuracy\"\nmargin = 0.01"),
        refused(
            "[[gate]]\nmetric = \"macro-f1\"\nmargin = 0\n[[gate]]\nmetric = \"macro-f1\"\nmargin = 0.1\n",
        ),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

/// A margin is about the recipe as it stands, whatever is shortened for a trial of it.
#[test]
fn a_margin_in_epochs_is_within_the_epochs_of_a_case() {
    let held_out = "epochs = 3\nvalidation = { from = \"train\", count = 100 }";
    let suite = SUITE.replace("epochs = 1", held_out);
    let gated = |margin: &str| {
        let gate = |metric: &str| format!("[[gate]]\nmetric = \"{metric}\"\nmargin = {margin}\n");
        let gates = ["epochs-to-0.95", "best-epoch"].map(gate).concat();
        format!("{suite}{gates}[profiles.quick]\nepochs = 1\n")
    };
    for margin in ["0", "3"] {
        assert!(parse(&gated(margin), "s.toml", None).is_ok(), "{margin}");
        assert!(parse(&gated(margin), "s.toml", Some("quick")).is_ok(), "{margin}");
    }
    let shorter: Setting = "epochs=1".parse().unwrap();
    assert!(parse_with(&gated("3"), "s.toml", None, &[shorter], &Catalogue::default()).is_ok());
    let told = parse(&gated("4"), "s.toml", Some("quick")).unwrap_err().to_string();
    let why = "4 given; no trial can be worse by so many; write a number up to 3, the most epochs of a case";
    let expected =
        [(18, 1), (21, 2)].map(|(line, gate)| format!("s.toml:{line}:10: gate[{gate}].margin: {why}"));
    assert_eq!(told, expected.join("\n"));
}

#[test]
fn a_list_of_suites_shows_gates() {
    let held_out = "epochs = 3\nvalidation = { from = \"train\", count = 100 }";
    let gates = "[[gate]]\nmetric = \"macro-f1\"\nmargin = 0.01\n\
                 [[gate]]\nmetric = \"best-epoch\"\nmargin = 2\n";
    let listed = |gates: &str| {
        let suite = parse(&(SUITE.replace("epochs = 1", held_out) + gates), "s.toml", None).unwrap();
        report::render(&[report::cases(&[suite]).unwrap()], report::TableFormat::TEXT, None)
    };
    let text = listed(gates);
    assert!(
        text.ends_with("  gates: macro-f1 (margin 1.00 points), best-epoch (margin 2 epochs)\n"),
        "{text}"
    );
    assert!(!listed("").contains("gates"));
}

#[test]
fn a_wrong_gate_hides_no_mistake_of_a_case() {
    let suite = SUITE.replace("batch = 10", "batch = 0");
    let told =
        parse(&format!("{suite}[[gate]]\nmetric = \"macro-f2\"\n"), "s.toml", None).unwrap_err().to_string();
    assert!(told.contains("macro-f2") && told.contains("batch"), "{told}");
}

#[test]
fn a_suite_says_what_it_gates() {
    let suite =
        parse(&format!("{SUITE}[[gate]]\nmetric = \"recall-of-class-3\"\nmargin = 0.05\n"), "s.toml", None);
    assert_eq!(suite.unwrap().gates, [gate("recall-of-class-3", 0.05)]);
}

#[test]
fn a_gate_has_a_table_and_a_test_of_its_own() {
    let values = |base: f64| (0..10).map(|seed| Some(base + f64::from(seed) * 1e-4)).collect::<Vec<_>>();
    let old = with_metric("mlp", "macro-f1", &values(0.9), "old");
    let new = with_metric("mlp", "macro-f1", &values(0.85), "new");
    let gates = [gate("macro-f1", 0.01), gate("recall-of-class-3", 0.02)];
    let findings = compared(vec![old], vec![new], &gates);
    let tables = report::diff(&findings, &[], &terms());
    insta::assert_snapshot!("gates_as_text", report::render(&tables, report::TableFormat::TEXT, None));
    insta::assert_snapshot!("gates_as_junit", report::junit(&findings, |what, _| what == "macro-f1"));
}
