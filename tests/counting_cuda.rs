//! What the host asks of a CUDA device, counted by a CUDA that computes nothing: it shows that a training
//! step waits for nothing, copies nothing and warns of nothing, and that every verb gets through. It never
//! shows a number that is computed.
//!
//! `TCHBENCH_FAKE_CUDA` names a folder with a program `with-fake`, which runs a command so that it finds
//! such a CUDA and a libtorch built for CUDA. With `FAKE_LOG=FILE` that CUDA writes to `FILE.PID`, each time
//! that a timed event is recorded, `@@ timed event` and then a line `COUNT<tab>CALL` for each kind of call
//! since the last time; kernels' names begin with `K:`, and `launch` is their sum.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tchbench::recipe::{Device, Numerics};
use tchbench::record::Folder;

/// Every layer, cell, optimizer and schedule, and both ways to hand a sequence on.
const SUITE: &str = r#"
schema = 1
name = "every"
[defaults]
dataset = "glyphs"
validation = { from = "train", count = 100 }
train_samples = 500
test_samples = 300
epochs = 2
batch = 64
optimizer = { kind = "adam", lr = 1e-3 }
seeds = [1]
[[case]]
name = "mlp"
layers = [{ kind = "flatten" }, { kind = "dense", units = 32, activation = "tanh" }, { kind = "dense", units = 10 }]
[[case]]
name = "cnn"
augmentation = { when = "every-epoch", shift = 0.1 }
optimizer = { kind = "sgd", lr = 1e-2, momentum = 0.9, nesterov = true }
schedule = { kind = "inverse-time", decay = 1e-3 }
layers = [
  { kind = "conv", filters = 4, padding = "same", l2 = 1e-3 }, { kind = "batch-norm" },
  { kind = "activation", function = "relu" }, { kind = "max-pool" }, { kind = "dropout", rate = 0.2 },
  { kind = "conv", filters = 4, activation = "sigmoid" }, { kind = "avg-pool" }, { kind = "flatten" },
  { kind = "dense", units = 10, l2 = 1e-3 },
]
[[case]]
name = "sgd"
optimizer = { kind = "sgd", lr = 1e-2 }
weight_decay = 1e-4
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]
[[case]]
name = "lstm"
optimizer = { kind = "rmsprop", lr = 1e-3 }
early_stopping = { patience = 1, restore_best = true }
layers = [{ kind = "sequence", by = "rows" }, { kind = "lstm", units = 16 }, { kind = "dense", units = 10 }]
[[case]]
name = "lstm-both-ways"
layers = [
  { kind = "sequence", by = "columns" }, { kind = "lstm", units = 16, layers = 2, bidirectional = true, output = "every" },
  { kind = "batch-norm" }, { kind = "dense", units = 10 },
]
[[case]]
name = "lstm-keras"
convention = "keras"
layers = [{ kind = "sequence", by = "rows" }, { kind = "lstm", units = 16, implementation = "library" }, { kind = "dense", units = 10 }]
[[case]]
name = "lstm-equations"
layers = [{ kind = "sequence", by = "rows" }, { kind = "lstm", units = 16, implementation = "equations" }, { kind = "dense", units = 10 }]
[[case]]
name = "gru"
layers = [{ kind = "sequence", by = "rows" }, { kind = "gru", units = 16, layers = 2 }, { kind = "dense", units = 10 }]
[[case]]
name = "gru-before"
layers = [{ kind = "sequence", by = "rows" }, { kind = "gru", units = 16, reset = "before" }, { kind = "dense", units = 10 }]
[[case]]
name = "rnn"
layers = [{ kind = "sequence", by = "rows" }, { kind = "rnn", units = 16 }, { kind = "dense", units = 10 }]
"#;

/// A folder with the suite, and a worker whose stderr is kept.
struct Place {
    folder: tempfile::TempDir,
    fake: PathBuf,
}

impl Place {
    /// None where there is no counting CUDA, which is said.
    fn new() -> Option<Self> {
        let Some(fake) = std::env::var_os("TCHBENCH_FAKE_CUDA") else {
            println!("skipped: TCHBENCH_FAKE_CUDA does not name the folder of a CUDA that counts");
            return None;
        };
        let place =
            Place { folder: tempfile::tempdir().unwrap(), fake: PathBuf::from(fake).join("with-fake") };
        fs::write(place.path("every.toml"), SUITE).unwrap();
        let worker = format!("#!/bin/sh\nexec '{}' \"$@\" 2>>stderr\n", env!("CARGO_BIN_EXE_tchbench"));
        fs::write(place.path("worker"), worker).unwrap();
        fs::set_permissions(place.path("worker"), Permissions::from_mode(0o755)).unwrap();
        Some(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.fake);
        command.arg(env!("CARGO_BIN_EXE_tchbench")).args(arguments.split_whitespace());
        command.current_dir(self.folder.path());
        command
    }

    /// Runs to the end, which has to be a good one; its stdout.
    fn tchbench(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What workers wrote to their stderr.
    fn stderr(&self) -> String {
        fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n")
}

/// Calls by kind.
type Calls = BTreeMap<String, u64>;

/// What was called between each two timed events of the processes that wrote these logs: the worker that
/// measures is the only one to record any.
fn between_events(folder: &Path) -> Vec<Calls> {
    let logs = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("calls."));
    let mut found = Vec::new();
    for log in logs.map(|log| fs::read_to_string(log).unwrap()) {
        let sections = log.split("@@ ").filter_map(|section| section.strip_prefix("timed event\n"));
        let count = |line: &str| {
            let (count, call) = line.split_once('\t').unwrap();
            (call.to_owned(), count.parse().unwrap())
        };
        found.extend(sections.map(|section| section.lines().map(count).collect::<Calls>()));
    }
    found
}

fn launches(calls: &Calls) -> u64 {
    calls.get("launch").copied().unwrap_or(0)
}

#[test]
#[ignore = "needs a CUDA that counts: TCHBENCH_FAKE_CUDA"]
fn a_step_waits_for_nothing_copies_nothing_and_warns_of_nothing() {
    let Some(place) = Place::new() else { return };
    let suite = tchbench::suite::parse(SUITE, "every.toml", None).unwrap();
    for case in suite.cases.iter().map(|case| &case.name) {
        let logs = place.path(case);
        fs::create_dir(&logs).unwrap();
        let measure = format!(
            "measure every.toml --filter every/{case} --device cuda --worker ./worker --name {case} --quiet \
             --processes 1 --rounds 2 --round-seconds 0.02"
        );
        let output = place.command(&measure).env("FAKE_LOG", logs.join("calls")).output().unwrap();
        assert!(output.status.success(), "{case}: {}", said(&output));
        assert_eq!(place.stderr(), "", "{case} warns");
        let all = between_events(&logs);
        // A timer begins and ends: what is called between the two stands at odd places. Of these a round
        // has four: one step, the calibration kernel, all steps, the calibration kernel.
        let timed: Vec<&Calls> = all.iter().skip(1).step_by(2).collect();
        assert!(timed.len() >= 8 && timed.len().is_multiple_of(4), "{case}: {}", timed.len());
        for calls in &timed {
            let waits = |call: &str| call.starts_with("SYNC") || call.contains("D2H") || call.contains("H2D");
            let waiting: Vec<_> = calls.keys().filter(|call| waits(call)).collect();
            assert!(waiting.is_empty(), "{case}: {waiting:?}");
            // cuDNN's weights lie as it wants them.
            let copies = calls.keys().any(|call| call.starts_with("copy D2D"));
            assert!(!copies || !calls.contains_key("K:cudnnRNNForward"), "{case}: {calls:?}");
        }
        let round = &timed[timed.len() - 4..];
        let (one, calibration, steps) = (launches(round[0]), launches(round[1]), launches(round[2]));
        assert_eq!(calibration, 1, "{case}");
        assert!(one > 0 && steps >= one && steps.is_multiple_of(one), "{case}: {one} and {steps} launches");
        println!("{case}: {one} launches a step");
    }
}

#[test]
#[ignore = "needs a CUDA that counts: TCHBENCH_FAKE_CUDA"]
fn every_verb_gets_through() {
    let Some(place) = Place::new() else { return };
    let cuda = "--device cuda --worker ./worker";
    place.tchbench(&format!("check every.toml {cuda}"));
    place.tchbench(&format!("run every.toml {cuda} --numerics portable --name run --keep-weights --quiet"));
    let folder = Folder::open(&place.path("results/run")).unwrap();
    let (records, broken) = folder.read_trials();
    assert!(broken.is_empty() && records.len() == 10, "{broken:?}, {} records", records.len());
    for record in &records {
        let environment = &record.trial.environment;
        assert_eq!((environment.device, environment.numerics), (Device::Cuda(0), Numerics::Native));
        assert!(record.status.is_success(), "{}: {:?}", record.trial.case, record.error);
        assert!(record.finished.as_ref().unwrap().device_peak_memory.unwrap() > 0);
    }
    for what in ["steps", "hidden", "gates", "last-steps", "gradients", "mistakes", "confusion", "samples"] {
        place.tchbench(&format!("inspect {what} run/every/lstm/1 --worker ./worker"));
    }
    // Scores that nobody computed need not be those of the record.
    let robustness = place.command("robustness run --worker ./worker --quiet").output().unwrap();
    let told = said(&robustness);
    assert!(robustness.status.success() || told.contains("on unchanged test images it has"), "{told}");
    place.tchbench("baseline save run");
    let short = "--processes 2 --rounds 2 --round-seconds 0.01 --quiet";
    place.tchbench(&format!("calibrate every.toml --filter every/sgd {cuda} --repeats 2 {short}"));
    place.tchbench(&format!("ab every.toml --filter every/sgd {cuda} --seconds 1 --quiet"));
    assert_eq!(place.stderr(), "");
}

/// cuDNN compiles kernels with NVRTC: both of its libraries are there before libtorch's CUDA is.
#[test]
#[ignore = "needs a CUDA that counts: TCHBENCH_FAKE_CUDA"]
fn compilers_are_loaded_before_cuda() {
    let Some(place) = Place::new() else { return };
    let mut command = place.command("env --device cuda");
    command.env("LD_DEBUG", "files").env("LD_DEBUG_OUTPUT", place.path("loaded"));
    assert!(command.output().unwrap().status.success());
    let logs = fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("loaded."));
    let worker =
        logs.map(|log| fs::read_to_string(log).unwrap()).find(|log| log.contains("libtorch_cuda.so"));
    let worker = worker.unwrap();
    let at = |library: &str| {
        let initialised =
            worker.lines().position(|line| line.contains("calling init") && line.ends_with(library));
        initialised.unwrap_or_else(|| panic!("{library} is not loaded"))
    };
    let cuda = at("libtorch_cuda.so");
    assert!(at("libnvrtc.so.13") < cuda && at("libnvrtc-builtins.so.13.0") < cuda);
}
