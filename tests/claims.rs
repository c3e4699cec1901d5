//! Published figures against measured ones, and what `tchbench claims` says of them.
#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::process::{Command, Output};

use records::{record, run, unsuccessful};
use tchbench::analysis::{Outcome, check};
use tchbench::event::Score;
use tchbench::metrics::{METRICS, Metric};
use tchbench::record::{Folder, Run, Status, TrialRecord};
use tchbench::suite::case::Claim;

/// A case of two seeds that just keeps 0.935, one of which a seed has failed, and one without records.
fn results() -> (Run, Vec<TrialRecord>) {
    let mut all = vec![
        record("mlp", 16, 1, 0.93),
        record("mlp", 16, 2, 0.94),
        record("late", 8, 1, 0.9),
        unsuccessful(record("late", 8, 2, 0.9), Status::Failed, 0, "worker killed by signal 9"),
        record("never", 8, 1, 0.9),
    ];
    let run = run(&all, 0.935);
    all.truncate(4);
    (run, all)
}

#[test]
fn a_claim_needs_every_seed_and_its_bound() {
    let (run, records) = results();
    let checked = check(&[run.clone(), run], &records);
    let outcomes: Vec<(&str, Outcome)> = checked.iter().map(|c| (c.case.as_str(), c.outcome)).collect();
    assert_eq!(
        outcomes,
        [("mlp", Outcome::Met), ("late", Outcome::Unmeasured), ("never", Outcome::Unmeasured)]
    );
}

/// A trial with these validation losses and accuracies, epoch by epoch.
fn validated(scores: &[(f64, f64)]) -> TrialRecord {
    let mut record = record("mlp", 16, 1, 0.9);
    let epoch = record.epochs[0].clone();
    let epochs = scores.iter().zip(1..).map(|(&(loss, accuracy), number)| {
        let mut epoch = epoch.clone();
        epoch.epoch = number;
        epoch.validation = Some(Score { loss, accuracy });
        epoch
    });
    record.epochs = epochs.collect();
    record
}

/// What is measured for a claim on this metric.
fn measured(record: &TrialRecord, metric: Metric, by_epoch: Option<u32>) -> Option<f64> {
    let records = [record.clone()];
    let mut run = run(&records, 0.9);
    let claim = Claim { metric, at_least: Some(0.0), at_most: None, by_epoch, source: "x".to_owned() };
    run.suites[0].cases[0].claims = vec![claim];
    Some(check(&[run], &records)[0].measured?.mean)
}

#[test]
fn a_metric_of_every_epoch_is_the_best_up_to_one() {
    let record = record("mlp", 16, 1, 0.93);
    let of = |metric, by_epoch| measured(&record, metric, by_epoch).unwrap();
    assert_eq!(of(Metric::TRAIN_ACCURACY, None), 0.93 + 0.01);
    assert_eq!(of(Metric::TRAIN_ACCURACY, Some(1)), 0.93 - 0.05);
    assert_eq!(of(Metric::TRAIN_LOSS, Some(1)), 1.0 - (0.93 - 0.05));
    assert_eq!(measured(&record, Metric::VALIDATION_LOSS, None), None);
}

#[test]
fn metrics_that_watch_a_whole_training() {
    let scores = [(0.9, 0.7), (0.5, 0.846), (0.4, 0.844), (0.45, 0.85), (0.6, 0.82), (f64::NAN, 0.8)];
    let record = validated(&scores);
    let of = |metric| measured(&record, metric, None).unwrap();
    assert_eq!(of(Metric::VALIDATION_ACCURACY), 0.85);
    assert_eq!(of(Metric::VALIDATION_LOSS), 0.4);
    assert_eq!(of(Metric::FINAL_VALIDATION_ACCURACY), 0.8);
    assert_eq!(of(Metric::BEST_EPOCH), 3.0);
    assert_eq!(of(Metric::PLATEAU_EPOCH), 2.0);
    // Exactly 0.005 below, as decimal fractions have it.
    let record = validated(&[(0.9, 0.845), (0.8, 0.85)]);
    assert_eq!(measured(&record, Metric::PLATEAU_EPOCH, None), Some(1.0));
}

/// The program, in a folder of its own that holds one run.
fn program(arguments: &[&str], run: &Run, records: &[TrialRecord]) -> Output {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::create(&root.path().join("results"), &run.name).unwrap();
    folder.write_run(run).unwrap();
    records.iter().for_each(|record| folder.write_trial(record).unwrap());
    Command::new(env!("CARGO_BIN_EXE_tchbench")).args(arguments).current_dir(root.path()).output().unwrap()
}

#[test]
fn claims_decide_the_exit_code() {
    let (mut run, records) = results();
    let code = |run: &Run, records: &[TrialRecord]| program(&["claims"], run, records).status.code();
    assert_eq!(code(&run, &records), Some(22));
    let missed = [record("mlp", 16, 1, 0.2), record("mlp", 16, 2, 0.3)];
    assert_eq!(code(&run, &missed), Some(14));
    run.suites[0].cases.truncate(1);
    run.trials.retain(|key| key.case == "mlp");
    assert_eq!(code(&run, &records), Some(0));
    run.suites[0].cases[0].claims.clear();
    let none = program(&["claims"], &run, &records);
    assert_eq!((none.status.code(), none.stdout.as_slice()), (Some(0), &b""[..]));
    assert_eq!(none.stderr, b"nothing to show: no case states a claim\n");
}

#[test]
fn the_authors_word_stands_below_claims_that_are_not_met() {
    let (mut run, mut records) = results();
    run.suites[0].analysis = "The published runs took another split.".to_owned();
    let shown = |run: &Run, records: &[TrialRecord]| {
        String::from_utf8(program(&["claims", "latest", &run.name], run, records).stdout).unwrap()
    };
    assert!(!shown(&run, &records).contains("another split"));
    records[1] = record("mlp", 16, 2, 0.5);
    insta::assert_snapshot!(shown(&run, &records));
}

#[test]
fn a_target_is_reached_in_an_epoch_or_never() {
    let mut record = validated(&[(0.9, 0.7), (0.5, 0.95), (0.4, 0.9), (0.3, 0.97)]);
    for epoch in &mut record.epochs {
        epoch.train_seconds = 2.5;
    }
    let value = |word: &str| word.parse::<Metric>().unwrap().value(&record.results());
    assert_eq!(value("epochs-to-0.7"), Some(1.0));
    assert_eq!(value("epochs-to-0.95"), Some(2.0));
    assert_eq!(value("seconds-to-0.96"), Some(4.0 * 2.5));
    assert_eq!(value("seconds-to-0.98"), Some(f64::INFINITY));
    record.epochs.iter_mut().for_each(|epoch| epoch.validation = None);
    let none = "epochs-to-0.7".parse::<Metric>().unwrap().value(&record.results());
    assert_eq!(none, None, "nothing was held out");
}

#[test]
fn a_target_that_a_seed_never_reached_is_not_met() {
    let outcome = |accuracies: &[f64]| {
        let scores: Vec<(f64, f64)> = accuracies.iter().map(|accuracy| (0.5, *accuracy)).collect();
        let records = [validated(&scores)];
        let mut run = run(&records, 0.9);
        let metric = "epochs-to-0.9".parse().unwrap();
        let source = "x".to_owned();
        run.suites[0].cases[0].claims =
            vec![Claim { metric, at_least: None, at_most: Some(2.0), by_epoch: None, source }];
        check(&[run], &records)[0].outcome
    };
    assert_eq!(outcome(&[0.8, 0.9]), Outcome::Met);
    assert_eq!(outcome(&[0.8, 0.8, 0.9]), Outcome::NotMet);
    assert_eq!(outcome(&[0.8, 0.8]), Outcome::NotMet);
}

#[test]
fn a_metric_is_spelled_in_one_way() {
    for metric in METRICS {
        assert_eq!(metric.word().parse(), Ok(*metric));
        let json = serde_json::to_string(metric).unwrap();
        assert_eq!(serde_json::from_str::<Metric>(&json).unwrap(), *metric);
    }
    let target: Metric = "epochs-to-0.5".parse().unwrap();
    assert_eq!(
        (target.word().as_str(), target.heading().as_str()),
        ("epochs-to-0.5", "epochs to 50 % validation accuracy")
    );
    let advice = |word: &str| word.parse::<Metric>().unwrap_err();
    assert_eq!(advice("epochs-to-95"), "write a fraction above 0 and at most 1, as in `epochs-to-0.95`");
    assert_eq!(advice("test-acuracy"), "did you mean `test-accuracy`?");
}

/// A misspelled metric is suggested with the argument that was given, where that is one.
#[test]
fn advice_keeps_the_argument() {
    let meant = [
        ("epoch-to-0.95", "epochs-to-0.95"),
        ("epoch-to-0.9", "epochs-to-0.9"),
        ("second-to-0.125", "seconds-to-0.125"),
        ("top-5-acuracy", "top-5-accuracy"),
        ("recal-of-class-7", "recall-of-class-7"),
        ("recal-of-class-10", "recall-of-class-10"),
        ("recal-of-class-1000", "recall-of-class-3"),
        ("epoch-to-95", "epochs-to-0.95"),
    ];
    for (given, word) in meant {
        assert_eq!(given.parse::<Metric>().unwrap_err(), format!("did you mean `{word}`?"), "{given}");
    }
}
