//! Runs with workers that are played by `tests/fake-worker.sh`: real processes, no libtorch.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{Bench, kinds};
use tchbench::event::Event;
use tchbench::record::{Error as RecordError, Status, TrialRecord, read_events};
use tchbench::runner::{Error, Interrupt, Observer, RunSummary, Silent};

#[test]
fn a_trial_is_recorded_as_its_worker_told_it() {
    let bench = Bench::new(&["succeeds"]);
    let summary = bench.run(1, &Interrupt::default(), &mut Silent).unwrap();
    assert_eq!(summary, RunSummary { succeeded: 1, failed: 0, unfinished: 0 });
    let record = bench.record("succeeds");
    assert_eq!(record.trial, bench.plan.trials[0]);
    assert_eq!((record.status, record.error), (Status::Completed, None));
    assert_eq!(record.started.unwrap().parameters, 7850);
    assert_eq!(record.epochs.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(record.finished.unwrap().test.unwrap().accuracy, 0.875);
    assert_eq!(record.fingerprint.engine, bench.plan.engine);
    assert!(record.fingerprint.host.cores >= 1 && record.fingerprint.host.memory > 0);

    let events = read_events(&bench.folder.events_path("fake", "succeeds", 1)).unwrap();
    assert_eq!(kinds(&events), ["started", "epoch", "epoch", "finished"]);
    let run = bench.folder.read_run().unwrap();
    assert_eq!(run.trials.len(), 1);
    assert_eq!(run.trials[0].identity, bench.plan.trials[0].identity);
}

/// Whatever a worker does is an outcome of its trial alone: status and error, of each.
#[test]
fn every_bad_end_is_an_outcome_of_that_trial() {
    let cases = [
        "lingers",
        "succeeds",
        "diverges",
        "diverges-in-the-test",
        "hides-a-training-loss",
        "hides-a-validation-loss",
        "hides-a-test-loss",
        "fails",
        "fills-memory",
        "crashes",
        "is-killed",
        "exits",
        "allocates",
        "is-loud",
        "stops-short",
        "is-torn",
        "babbles",
        "skips",
        "stops-early",
        "dies-at-end",
        "stops-unasked",
        "succeeds-too",
    ];
    let bench = Bench::new(&cases);
    let summary = bench.run(2, &Interrupt::default(), &mut Silent).unwrap();
    assert_eq!(summary, RunSummary { succeeded: 3, failed: 19, unfinished: 0 });
    let mut told = String::new();
    for case in cases {
        let TrialRecord { status, error, epochs, finished, .. } = bench.record(case);
        assert_eq!(finished.is_some(), status.is_success() || status == Status::Diverged, "{case}");
        told += &format!("{case}: {status:?}, {} epochs\n", epochs.len());
        for line in error.iter().flat_map(|error| error.lines()) {
            told += &format!("    {line}\n");
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_loss_that_is_no_number_survives_its_record() {
    let bench = Bench::new(&["diverges"]);
    bench.run(1, &Interrupt::default(), &mut Silent).unwrap();
    assert!(bench.record("diverges").epochs[0].train.loss.is_nan());
}

#[test]
fn a_worker_that_cannot_start_is_an_outcome_too() {
    let bench = Bench::new(&["succeeds"]);
    std::fs::remove_file(bench.worker()).unwrap();
    let summary = bench.run(1, &Interrupt::default(), &mut Silent).unwrap();
    assert_eq!(summary.failed, 1);
    let error = bench.record("succeeds").error.unwrap();
    assert!(error.starts_with("cannot start the worker ") && error.contains("No such file"), "{error}");
}

#[test]
fn never_more_workers_than_jobs() {
    let cases = ["succeeds-a", "succeeds-b", "succeeds-c", "succeeds-d", "succeeds-e", "succeeds-f"];
    for jobs in [1, 2] {
        let bench = Bench::new(&cases);
        bench.run(jobs, &Interrupt::default(), &mut Silent).unwrap();
        let (mut running, mut most) = (0, 0);
        for line in bench.log().lines() {
            match line.starts_with("begin") {
                true => running += 1,
                false => running -= 1,
            }
            most = most.max(running);
        }
        assert!(most <= jobs, "{most} workers for {jobs} jobs");
        assert_eq!(bench.folder.read_trials().0.len(), cases.len());
    }
}

/// Interrupts as soon as a trial has reported an epoch.
struct AfterAnEpoch(Arc<Interrupt>);

impl Observer for AfterAnEpoch {
    fn said(&mut self, _trial: usize, event: &Event) {
        if matches!(event, Event::Epoch(_)) {
            self.0.kill();
        }
    }
}

#[test]
fn an_interrupted_trial_has_events_and_no_record() {
    let bench = Bench::new(&["hangs", "hangs-too"]);
    let interrupt = Arc::new(Interrupt::default());
    let summary = bench.run(1, &interrupt, &mut AfterAnEpoch(Arc::clone(&interrupt))).unwrap();
    assert_eq!(summary, RunSummary { succeeded: 0, failed: 0, unfinished: 2 });
    let (records, errors) = bench.folder.read_trials();
    assert!(records.is_empty() && errors.is_empty());
    assert_eq!(bench.log().matches("begin").count(), 1);
    let events = read_events(&bench.folder.events_path("fake", &bench.begun(), 1)).unwrap();
    assert_eq!(kinds(&events), ["started", "epoch"]);
}

#[test]
fn two_runs_in_one_folder_are_refused() {
    let bench = Bench::new(&["succeeds"]);
    let _lock = bench.folder.lock().unwrap();
    let refused = bench.run(1, &Interrupt::default(), &mut Silent);
    assert!(matches!(refused, Err(Error::Record(RecordError::Locked { .. }))), "{refused:?}");
    assert_eq!(bench.log(), "");
}

#[test]
fn a_trial_that_is_not_what_its_identity_says_is_never_begun() {
    let mut bench = Bench::new(&["succeeds"]);
    bench.plan.trials[0].experiment.training.batch += 1;
    let error = bench.run(1, &Interrupt::default(), &mut Silent).unwrap_err();
    assert!(matches!(error, Error::Identity { .. }), "{error}");

    let mut bench = Bench::new(&["succeeds"]);
    bench.plan.trials[0].experiment.data.dataset = "mnist".to_owned();
    let error = bench.run(1, &Interrupt::default(), &mut Silent).unwrap_err();
    assert_eq!(error.to_string(), "fake/succeeds/1: its dataset `mnist` is not loaded");
    assert_eq!(bench.log(), "");
    assert!(!bench.folder.path().join("run.json").exists());
}

/// Takes the results away while a trial runs.
struct Saboteur<'a>(&'a Bench);

impl Observer for Saboteur<'_> {
    fn began(&mut self, _trial: usize) {
        let trials = self.0.folder.path().join("trials");
        // The other trial may put its own there meanwhile.
        while !trials.is_file() {
            let _ = std::fs::remove_dir_all(&trials);
            let _ = std::fs::write(&trials, "in the way");
        }
    }
}

#[test]
fn a_run_that_cannot_write_ends_with_the_path() {
    let bench = Bench::new(&["succeeds", "hangs"]);
    let error = bench.run(2, &Interrupt::default(), &mut Saboteur(&bench)).unwrap_err();
    assert!(matches!(error, Error::Record(RecordError::Write { .. })), "{error}");
    assert!(error.to_string().contains("trials"), "{error}");
    // The worker that hung was stopped with the run.
    thread::sleep(Duration::from_millis(1));
    assert!(bench.pids().iter().all(|&pid| !common::is_alive(pid)));
}
