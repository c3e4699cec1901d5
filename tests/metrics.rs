//! Metrics that count classes, against scikit-learn's values of the same samples (tests/reference/metrics.py).

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::process::Command;

use records::record;
use tchbench::event::{Counts, Score};
use tchbench::metrics::Metric;
use tchbench::record::{Folder, TrialRecord};
use tchbench::valid::Validate;

const TRUTH: [usize; 40] = [
    0, 4, 5, 3, 9, 8, 6, 1, 2, 0, 4, 5, 3, 9, 8, 6, 1, 2, 0, 4, 5, 3, 9, 8, 6, 1, 2, 0, 4, 5, 3, 9, 8, 6, 1,
    2, 0, 4, 5, 3,
];
const PREDICTED: [usize; 40] = [
    9, 6, 6, 3, 3, 1, 6, 6, 6, 9, 2, 2, 3, 0, 2, 6, 1, 2, 0, 0, 3, 6, 9, 3, 6, 1, 2, 6, 4, 4, 3, 9, 4, 4, 1,
    1, 0, 3, 5, 0,
];
const RANKS: [usize; 40] = [
    3, 5, 4, 0, 1, 8, 0, 2, 3, 3, 1, 3, 0, 6, 8, 0, 0, 0, 0, 6, 3, 4, 0, 8, 0, 0, 0, 5, 0, 7, 0, 0, 8, 3, 0,
    5, 0, 5, 0, 2,
];

fn classified() -> TrialRecord {
    let mut record = record("mlp", 16, 1, 0.425);
    let samples = TRUTH.into_iter().zip(PREDICTED).zip(RANKS);
    let counts = Counts::of(10, samples.map(|((truth, predicted), rank)| (truth, predicted, rank)));
    let finished = record.finished.as_mut().unwrap();
    finished.test = Some(Score { loss: 1.5, accuracy: 17.0 / 40.0 });
    finished.counts = Some(counts);
    record.started.as_mut().unwrap().test_samples = 40;
    record
}

fn value(record: &TrialRecord, word: &str) -> Option<f64> {
    word.parse::<Metric>().unwrap().value(&record.results())
}

#[test]
fn classes_count_as_in_scikit_learn() {
    let record = classified();
    record.validate().unwrap();
    let near = |word: &str, expected: f64| {
        let value = value(&record, word).unwrap();
        assert!((value - expected).abs() < 1e-15, "{word}: {value}, not {expected}");
    };
    near("macro-f1", 0.392022792022792);
    for (classes, expected) in [(1, 0.425), (2, 0.475), (3, 0.525), (5, 0.725), (10, 1.0)] {
        near(&format!("top-{classes}-accuracy"), expected);
    }
    let recalls = [
        Some(0.4),
        Some(0.75),
        Some(0.5),
        Some(0.6),
        Some(0.2),
        Some(0.2),
        Some(0.75),
        None,
        Some(0.0),
        Some(0.5),
    ];
    for (class, expected) in recalls.into_iter().enumerate() {
        let recall = value(&record, &format!("recall-of-class-{class}"));
        assert_eq!(recall, expected, "class {class}");
    }
}

#[test]
fn a_record_without_counts_has_no_such_value() {
    let record = record("mlp", 16, 1, 0.9);
    for word in ["macro-f1", "top-3-accuracy", "recall-of-class-0"] {
        assert_eq!(value(&record, word), None);
    }
    let json = serde_json::to_string(&record).unwrap();
    assert!(!json.contains("counts"), "what was not counted is left out, as before");
}

#[test]
fn an_argument_has_a_range() {
    let advice = |word: &str| word.parse::<Metric>().unwrap_err();
    assert_eq!(advice("recall-of-class-1000"), "write a class from 0 to 999, as in `recall-of-class-3`");
    assert_eq!(advice("top-0-accuracy"), "write a number of classes from 1 to 1000, as in `top-3-accuracy`");
}

#[test]
fn forged_counts_contradict_the_score() {
    let refused = |forge: fn(&mut Counts)| {
        let mut record = classified();
        forge(record.finished.as_mut().unwrap().counts.as_mut().unwrap());
        record.validate().unwrap_err().to_string()
    };
    let right = |counts: &mut Counts| {
        counts.ranks[0] -= 1;
        counts.ranks[1] += 1;
    };
    let expected = [
        (refused(|counts| counts.confusion[1].truncate(9)), "confusion` is no table of 10 by 10 classes"),
        (refused(|counts| counts.ranks.push(0)), "ranks` are not of 10 classes"),
        (refused(|counts| counts.ranks[4] += 1), "ranks` are of 41 samples, but 40 were tested"),
        (refused(|counts| counts.confusion[0][1] += 1), "confusion` is of 41 samples, but 40 were tested"),
        (refused(right), "ranks` say that 16 samples were right, but the confusion says 17"),
        (
            refused(|counts| {
                counts.confusion[0][0] -= 1;
                counts.confusion[0][1] += 1;
                counts.ranks[0] -= 1;
                counts.ranks[1] += 1;
            }),
            "confusion` gives an accuracy of 0.4, which is not that of `test`",
        ),
    ];
    for (refusal, reason) in expected {
        assert_eq!(refusal, format!("`finished.counts.{reason}"));
    }
}

/// Two cases with two seeds: one whose samples were counted, and one of an older program.
fn run_folder(root: &std::path::Path) {
    let mut records = vec![classified(), record("mlp", 16, 2, 0.5), record("old", 32, 1, 0.9)];
    let counts = records[0].finished.clone().unwrap();
    records[1].finished.as_mut().unwrap().test = counts.test;
    records[1].finished.as_mut().unwrap().counts = counts.counts;
    records[1].started.as_mut().unwrap().test_samples = 40;
    let run = records::run(&records, 0.9);
    let folder = Folder::create(&root.join("results"), &run.name).unwrap();
    folder.write_run(&run).unwrap();
    records.iter().for_each(|record| folder.write_trial(record).unwrap());
}

fn shown(arguments: &[&str]) -> String {
    let root = tempfile::tempdir().unwrap();
    run_folder(root.path());
    let program =
        Command::new(env!("CARGO_BIN_EXE_tchbench")).args(arguments).current_dir(root.path()).output();
    let output = program.unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_table_of_chosen_metrics() {
    let asked = ["table", "--metric", "macro-f1", "--metric", "recall-of-class-4", "--metric", "throughput"];
    insta::assert_snapshot!(shown(&asked));
    let twice = ["--metric", "top-3-accuracy", "--metric", "top-03-accuracy"];
    let csv = shown(&[&["table", "--format", "csv"][..], &twice[..]].concat());
    assert_eq!(csv.lines().next(), Some("suite,case,succeeded,top-3-accuracy,top-3-accuracy-sd"));
}

#[test]
fn a_table_of_a_confusion_over_seeds() {
    insta::assert_snapshot!(shown(&["table", "--confusion"]));
}
