//! `portable` gives the same bits on any number of threads and on other CPU models, and trains as
//! `native` does; a network with a layer of libtorch's is `native` whatever is asked for.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tchbench::recipe::{Layer, Numerics};
use tchbench::record::{Folder, TrialRecord};

/// Every architecture of the smoke suite, on few samples; and what it has not.
const MORE: &str = r#"
[profiles.tiny]
epochs = 1
train_samples = 200
test_samples = 100
validation = { from = "train", count = 50 }
seeds = [1]

[profiles.emulated]
epochs = 1
train_samples = 40
test_samples = 10
validation = { from = "train", count = 8 }
seeds = [1]

[[case]]
name = "residual"
optimizer = { kind = "adamw", lr = 1e-3 }
schedule = { kind = "cosine", warmup = 0.5 }
gradient_clip = 0.5
layers = [
  { kind = "residual", activation = "relu", projection = { stride = 2 }, layers = [
    { kind = "conv", filters = 6, kernel = 2, stride = 2, activation = "relu" },
    { kind = "conv", filters = 6, padding = "same" },
  ] },
  { kind = "global-avg-pool" },
  { kind = "layer-norm" },
  { kind = "dense", units = 10 },
]

[[case]]
name = "strided"
layers = [
  { kind = "conv", filters = 6, kernel = [5, 3], stride = [2, 3], activation = "tanh" },
  { kind = "batch-norm" },
  { kind = "conv", filters = 40, kernel = [3, 3], padding = "same", activation = "sigmoid" },
  { kind = "avg-pool", size = [2, 2] },
  { kind = "flatten" },
  { kind = "dense", units = 300, activation = "tanh", bias = false },
  { kind = "dense", units = 10 },
]

[[case]]
name = "gru-before"
convention = "keras"
optimizer = { kind = "rmsprop", lr = 1e-3 }
layers = [
  { kind = "sequence", by = "rows" },
  { kind = "gru", units = 20, reset = "before" },
  { kind = "dense", units = 10 },
]

[[case]]
name = "lstm-by-equations"
layers = [
  { kind = "sequence", by = "rows" },
  { kind = "lstm", units = 16, implementation = "equations" },
  { kind = "dense", units = 10 },
]
"#;

/// Trains the suite on the CPU with these options; the records by case.
fn run(folder: &Path, name: &str, options: &[&str]) -> BTreeMap<String, TrialRecord> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = folder.join("suite.toml");
    fs::write(&suite, fs::read_to_string(root.join("suites/smoke.toml")).unwrap() + MORE).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(["run", "suite.toml", "--device", "cpu", "--jobs", "1", "--name", name])
        .args(options)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let (records, errors) = Folder::open(&folder.join("results").join(name)).unwrap().read_trials();
    assert!(errors.is_empty(), "{errors:?}");
    records.into_iter().map(|record| (record.trial.case.to_string(), record)).collect()
}

fn class(record: &TrialRecord) -> String {
    record.fingerprint.engine.class_of(&record.trial.experiment)
}

fn trajectory(record: &TrialRecord) -> (&str, &str, Option<u64>) {
    let finished = record.finished.as_ref().unwrap();
    (&record.epochs[0].trajectory, &finished.weights, finished.test.map(|score| score.loss.to_bits()))
}

#[test]
fn threads_change_no_bit_and_no_identity_and_native_differs_by_rounding_only() {
    let folder = tempfile::tempdir().unwrap();
    let portable = run(folder.path(), "one", &["--profile", "tiny", "--numerics", "portable"]);
    let shared =
        run(folder.path(), "two", &["--profile", "tiny", "--numerics", "portable", "--threads", "2"]);
    let native = run(folder.path(), "native", &["--profile", "tiny", "--numerics", "native"]);
    let equations =
        ["--profile", "tiny", "--numerics", "native", "--threads", "2", "--filter", "lstm-by-equations"];
    let native_shared = run(folder.path(), "native-two", &equations);
    assert_eq!(portable.len(), 16);
    for (case, record) in &portable {
        if case == "lstm-by-equations" {
            assert_eq!(record.trial.environment.numerics, Numerics::Native);
            assert_eq!(record.trial.identity, native[case].trial.identity);
            assert_eq!(trajectory(record), trajectory(&native[case]));
            assert_eq!(class(record), class(&native[case]));
            assert_ne!(record.trial.identity, shared[case].trial.identity, "on two threads");
            assert_eq!(shared[case].trial.identity, native_shared[case].trial.identity);
            assert_eq!(trajectory(&shared[case]), trajectory(&native_shared[case]));
            assert_eq!(class(&shared[case]), class(&native_shared[case]));
            continue;
        }
        assert_eq!(record.trial.environment.numerics, Numerics::Portable, "{case}");
        assert_eq!(trajectory(record), trajectory(&shared[case]), "{case}");
        assert_eq!(class(record), class(&shared[case]));
        assert_ne!(class(record), class(&native[case]));
        assert_eq!(record.trial.identity, shared[case].trial.identity, "{case}");
        assert_ne!(record.trial.identity, native[case].trial.identity, "{case}");
        let loss = |record: &TrialRecord| record.finished.as_ref().unwrap().test.unwrap().loss;
        let (ours, theirs) = (loss(record), loss(&native[case]));
        // Only dropout draws other masks.
        let has_dropout =
            record.trial.experiment.layers.iter().any(|layer| matches!(layer, Layer::Dropout(_)));
        let bound = if has_dropout { 1e-2 } else { 1e-5 };
        assert!((ours / theirs - 1.0).abs() < bound, "{case}: {ours}, and {theirs} with native kernels");
    }
}

/// Trains these cases here and on emulated models of processors: same bits. Needs qemu-user.
fn assert_models_agree(models: &[&str], filters: &[&str], expected: usize) {
    if !Command::new("qemu-x86_64").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: qemu-x86_64 is not installed (Debian, Ubuntu: apt-get install qemu-user)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = [&["--profile", "emulated", "--numerics", "portable"], filters].concat();
    let mut here = run(folder.path(), "here", &options);
    here.retain(|_, record| record.trial.environment.numerics == Numerics::Portable);
    assert_eq!(here.len(), expected);
    for model in models {
        let worker = folder.path().join(model);
        let text = format!(
            "#!/bin/sh\nexec qemu-x86_64 -cpu {model} '{}' \"$@\" 2>/dev/null\n",
            env!("CARGO_BIN_EXE_tchbench")
        );
        fs::write(&worker, text).unwrap();
        fs::set_permissions(&worker, fs::Permissions::from_mode(0o755)).unwrap();
        let there =
            run(folder.path(), model, &[&options[..], &["--worker", worker.to_str().unwrap()]].concat());
        for (case, record) in &here {
            assert_eq!(trajectory(record), trajectory(&there[case]), "{case} on {model}");
            assert_eq!(class(record), class(&there[case]), "{model}");
            eprintln!("{model} {case}: same bits");
        }
    }
}

#[test]
fn other_processors_change_no_bit() {
    assert_models_agree(&["Haswell", "EPYC-Rome"], &["--filter", "linear", "--filter", "cnn-lstm"], 2);
}

/// `cargo test --release --test portable -- --ignored --nocapture`
#[test]
#[ignore = "emulates every architecture on every model, which takes many minutes"]
fn other_processors_change_no_bit_of_any_architecture() {
    assert_models_agree(&["Haswell", "Icelake-Server", "EPYC-Rome", "EPYC-Milan"], &[], 15);
}
