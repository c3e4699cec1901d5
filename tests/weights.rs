//! Weights that are kept: which they are, that keeping changes nothing, and that nothing else is believed.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

#[path = "support/interruptible.rs"]
mod interruptible;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use interruptible::interruptible;
use rustix::process::{Pid, Signal, kill_process};
use tchbench::data::{self, Prepared, Roots};
use tchbench::engine::{Error, Trained};
use tchbench::event::Score;
use tchbench::record::{Error as RecordError, Folder, KeptWeights, TrialRecord, Weights, WeightsChoice};

/// The best epoch of `waited` is two before its last, `restored` tests that one, `norm` has buffers, and
/// `diverges` has no weights worth keeping.
const SUITE: &str = "
    schema = 1
    name = 'kept'
    [defaults]
    dataset = 'glyphs'
    validation = { from = 'train', count = 100 }
    train_samples = 300
    test_samples = 100
    epochs = 6
    batch = 64
    optimizer = { kind = 'sgd', lr = 10.0 }
    seeds = [1]
    [[case]]
    name = 'waited'
    epochs = 50
    early_stopping = { patience = 2, restore_best = false }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 16, activation = 'relu' }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'restored'
    epochs = 50
    early_stopping = { patience = 2, restore_best = true }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 16, activation = 'relu' }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'norm'
    optimizer = { kind = 'adam', lr = 1e-2 }
    layers = [
        { kind = 'conv', filters = 4, activation = 'relu' }, { kind = 'batch-norm' }, { kind = 'max-pool' },
        { kind = 'dropout', rate = 0.25 }, { kind = 'flatten' }, { kind = 'dense', units = 10 },
    ]
    [[case]]
    name = 'diverges'
    optimizer = { kind = 'sgd', lr = 1e30 }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 16, activation = 'relu' }, { kind = 'dense', units = 10 }]
";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), SUITE).unwrap();
        Place { folder }
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.arg("run").args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        interruptible(&mut command).spawn().unwrap()
    }

    fn run(&self, name: &str, options: &[&str]) -> i32 {
        let args = ["suite.toml", "--device", "cpu", "--name", name];
        self.start(&[&args, options].concat()).wait().unwrap().code().unwrap()
    }

    fn path(&self, run: &str) -> PathBuf {
        self.folder.path().join("results").join(run)
    }

    fn records(&self, run: &str) -> BTreeMap<String, TrialRecord> {
        let (records, errors) = Folder::open(&self.path(run)).unwrap().read_trials();
        assert!(errors.is_empty(), "{errors:?}");
        records.into_iter().map(|record| (record.trial.case.to_string(), record)).collect()
    }

    fn record_path(&self, run: &str, case: &str) -> PathBuf {
        Folder::open(&self.path(run)).unwrap().record_path("kept", case, 1)
    }

    /// The bytes of each case's file.
    fn weights(&self, run: &str) -> BTreeMap<&'static str, Option<Vec<u8>>> {
        let folder = Folder::open(&self.path(run)).unwrap();
        ["waited", "restored", "norm", "diverges"]
            .into_iter()
            .map(|case| (case, fs::read(folder.weights_path("kept", case, 1)).ok()))
            .collect()
    }
}

fn kept(record: &TrialRecord, path: &Path) -> KeptWeights {
    let Weights::Best(kept) = Weights::of(record, path, WeightsChoice::Best).unwrap() else { unreachable!() };
    kept
}

fn close(score: Score, to: Score) -> bool {
    (score.loss - to.loss).abs() < 1e-5 && (score.accuracy - to.accuracy).abs() < 1e-9
}

/// Keeping changes no bit, and each file holds what its record says: what was tested, and the best
/// epoch's where those are others.
#[test]
fn kept_weights_score_as_recorded() {
    let place = Place::new();
    assert_eq!(place.run("kept", &["--keep-weights"]), 5);
    assert_eq!(place.run("plain", &[]), 5);
    let (records, plain) = (place.records("kept"), place.records("plain"));
    for (case, record) in &records {
        let bits = |record: &TrialRecord| {
            let trajectory: Vec<String> = record.epochs.iter().map(|e| e.trajectory.clone()).collect();
            (record.trial.clone(), trajectory, record.finished.as_ref().unwrap().weights.clone())
        };
        assert_eq!(bits(record), bits(&plain[case]), "{case}");
    }
    assert!(place.weights("plain").values().all(Option::is_none));
    assert!(place.weights("kept")["diverges"].is_none());

    let dataset = data::load("glyphs", &Roots::from_environment(None)).unwrap();
    for case in ["waited", "restored", "norm"] {
        let (record, path) = (&records[case], place.record_path("kept", case));
        let (trial, finished) = (&record.trial, record.finished.as_ref().unwrap());
        let mut prepared = Prepared::new(&dataset, &trial.experiment.data, trial.seed).unwrap();
        let model = |which| Trained::new(trial, &Weights::of(record, &path, which).unwrap()).unwrap();
        let tested = model(WeightsChoice::Tested).score(prepared.test.as_mut().unwrap()).unwrap();
        assert!(close(tested, finished.test.unwrap()), "{case}: {tested:?}");
        let best = model(WeightsChoice::Best).score(prepared.validation.as_mut().unwrap()).unwrap();
        let epoch = &record.epochs[finished.best_epoch.unwrap() as usize - 1];
        assert!(close(best, epoch.validation.unwrap()), "{case}: {best:?}");
        let initial = model(WeightsChoice::Initial).score(prepared.validation.as_mut().unwrap()).unwrap();
        assert_ne!(initial.loss, best.loss, "{case}");
        let others = !finished.restored_best && finished.best_epoch < record.epochs.last().map(|e| e.epoch);
        assert_eq!(kept(record, &path).best.is_some(), others, "{case}");
        assert!(others || case != "waited");
    }
}

/// A run that is stopped again and again remembers to keep weights, and keeps the same ones.
#[test]
fn a_resumed_trial_keeps_the_same_weights() {
    let place = Place::new();
    place.run("whole", &["--keep-weights"]);
    let mut run =
        place.start(&["suite.toml", "--device", "cpu", "--name", "stopped", "--keep-weights", "--jobs", "1"]);
    let mut stops = 0;
    loop {
        let events = || -> usize {
            let case = |case: &str| place.path("stopped").join("trials/kept").join(case).join("1.jsonl");
            let lines = |case| fs::read_to_string(case).map_or(0, |text| text.lines().count());
            ["waited", "restored", "norm"].map(case).map(lines).iter().sum()
        };
        let before = events();
        while events() < before + 3 && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if run.try_wait().unwrap().is_none() {
            let _ = kill_process(Pid::from_child(&run), Signal::INT);
        }
        match run.wait().unwrap().code() {
            Some(130) => stops += 1,
            Some(5) => break,
            code => panic!("ended with {code:?}"),
        }
        assert!(stops < 50, "it never ends");
        run = place.start(&["--resume", "stopped"]);
    }
    assert!(stops > 0, "it ended before it was stopped");
    assert_eq!(place.weights("whole"), place.weights("stopped"));
}

#[test]
fn what_the_record_does_not_say_is_refused() {
    let place = Place::new();
    place.run("kept", &["--keep-weights", "--filter", "waited"]);
    let record = &place.records("kept")["waited"];
    let path = place.record_path("kept", "waited");
    let weights = Weights::of(record, &path, WeightsChoice::Best).unwrap();
    let file = kept(record, &path).path;
    let whole = fs::read(&file).unwrap();
    let refused = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        match Trained::new(&record.trial, &weights) {
            Err(Error::OtherWeights { reason, .. }) => reason,
            other => panic!("{:?}", other.map(|_| ()).err()),
        }
    };
    // The tensors of the best epoch come first, in the order of names.
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for (at, word) in [(header, "digest"), (whole.len() - 1, "digest")] {
        let mut edited = whole.clone();
        edited[at] ^= 1;
        let reason = refused(&edited);
        assert!(reason.contains(word), "{reason}");
    }
    assert!(!refused(&whole[..whole.len() / 2]).is_empty());

    fs::remove_file(&file).unwrap();
    let error = Weights::of(record, &path, WeightsChoice::Tested).unwrap_err();
    assert!(matches!(error, RecordError::NoWeights { .. }), "{error}");
    assert!(matches!(Weights::of(record, &path, WeightsChoice::Initial), Ok(Weights::Initial)));
}
