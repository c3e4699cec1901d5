//! Training through the program itself: every architecture and recipe, and every way a run ends.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

#[path = "support/interruptible.rs"]
mod interruptible;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use interruptible::interruptible;
use rustix::process::{Pid, Signal, kill_process};
use tchbench::record::{Folder, Status, TrialRecord};

/// A profile for the smoke suite: a few hundred glyphs.
const TINY: &str = r#"
[profiles.tiny]
epochs = 1
train_samples = 300
test_samples = 100
validation = { from = "train", count = 100 }
seeds = [1]
"#;

/// Cases by name, each with what it changes of [`recipes`].
const RECIPES: [(&str, &str); 19] = [
    ("augmented-appended", "augmentation = { when = 'appended', shift = 0.1, rotate = 15, flip = true }"),
    ("augmented-every-epoch", "augmentation = { when = 'every-epoch', shift = 0.1 }"),
    ("augmented-once", "augmentation = { when = 'once', rotate = 15 }"),
    ("binarized", "binarize = 0.1"),
    (
        "dropout-and-batch-norm",
        "layers = [
            { kind = 'conv', filters = 4, activation = 'relu' },
            { kind = 'batch-norm' },
            { kind = 'max-pool' },
            { kind = 'dropout', rate = 0.25 },
            { kind = 'flatten' },
            { kind = 'dense', units = 10 },
        ]",
    ),
    (
        "clipped-adamw-by-cosine",
        "optimizer = { kind = 'adamw', lr = 1e-2 }
        gradient_clip = 0.5
        schedule = { kind = 'cosine', warmup = 0.5, min_lr = 1e-4 }",
    ),
    ("inverse-time", "schedule = { kind = 'inverse-time', decay = 0.1 }"),
    (
        "keras-gru-reset-before",
        "convention = 'keras'
        layers = [{ kind = 'sequence' }, { kind = 'gru', units = 8, reset = 'before' }, { kind = 'dense', units = 10 }]",
    ),
    ("l2", "l2 = 0.01"),
    ("label-noise", "label_noise = 0.5"),
    ("nesterov", "optimizer = { kind = 'sgd', lr = 0.01, momentum = 0.9, nesterov = true }"),
    ("pixel-noise", "pixel_noise = { when = 'every-epoch', std = 0.1 }"),
    // With so high a rate, not every epoch is the best.
    (
        "plateau",
        "optimizer = { kind = 'sgd', lr = 10.0 }
        epochs = 6
        schedule = { kind = 'reduce-on-plateau', factor = 0.5, patience = 1 }",
    ),
    (
        "residual",
        "layers = [
            { kind = 'residual', activation = 'relu', projection = { stride = 2 }, layers = [
                { kind = 'conv', filters = 4, kernel = 2, stride = 2, activation = 'relu' },
                { kind = 'conv', filters = 4, padding = 'same' },
            ] },
            { kind = 'global-avg-pool' },
            { kind = 'layer-norm' },
            { kind = 'dense', units = 10 },
        ]",
    ),
    ("resized-and-normalized", "resize = [14, 14]\nnormalize = { mean = 0.5, std = 0.5 }"),
    ("rmsprop", "optimizer = { kind = 'rmsprop', lr = 1e-3 }"),
    ("steps", "schedule = { kind = 'steps', after = [1, 2], factor = 0.5 }"),
    (
        "stopped-early",
        "optimizer = { kind = 'sgd', lr = 10.0 }
        epochs = 50
        early_stopping = { patience = 2, restore_best = true }",
    ),
    ("weight-decay", "weight_decay = 0.01"),
];

/// A suite of these cases: a small dense network, where nothing else is said, on a few hundred glyphs.
fn recipes(cases: &[(&str, &str)]) -> String {
    let head = "
        schema = 1
        name = 'recipes'
        [defaults]
        dataset = 'glyphs'
        validation = { from = 'train', count = 100, by = 'seed' }
        train_samples = 300
        test_samples = 100
        epochs = 3
        batch = 64
        optimizer = { kind = 'adam', lr = 1e-2 }
        seeds = [1]
    ";
    let layers = "layers = [
        { kind = 'flatten' },
        { kind = 'dense', units = 16, activation = 'relu' },
        { kind = 'dense', units = 10 },
    ]";
    let case = |(name, changes): &(&str, &str)| {
        let layers = if changes.contains("layers") { "" } else { layers };
        format!("\n[[case]]\nname = '{name}'\n{changes}\n{layers}\n")
    };
    head.to_owned() + &cases.iter().map(case).collect::<String>()
}

/// A folder with a suite, in which the program is called.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(suite: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        Place { folder }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        interruptible(&mut command);
        command
    }

    fn call(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs the suite on the CPU with these options besides, and gives the exit code and the records by case.
    fn run(&self, name: &str, options: &[&str]) -> (i32, BTreeMap<String, TrialRecord>) {
        let args = [&["run", "suite.toml", "--device", "cpu", "--name", name], options].concat();
        let output = self.call(&args);
        assert!(self.path(name).exists(), "{}", stderr(&output));
        let (records, errors) = self.run_folder(name).read_trials();
        assert!(errors.is_empty(), "{errors:?}\n{}", stderr(&output));
        let records = records.into_iter().map(|record| (record.trial.case.to_string(), record)).collect();
        (output.status.code().unwrap(), records)
    }

    fn run_folder(&self, name: &str) -> Folder {
        Folder::open(&self.path(name)).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("results").join(name)
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn smoke() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/smoke.toml");
    fs::read_to_string(path).unwrap() + TINY
}

/// All of a record that must repeat: after each epoch the trajectory and the scores, then the tested weights.
fn bits(record: &TrialRecord) -> Vec<String> {
    let finished = record.finished.as_ref().unwrap();
    let epochs = record.epochs.iter().map(|e| format!("{} {:?} {:?}", e.trajectory, e.train, e.validation));
    epochs.chain([format!("{} {:?}", finished.weights, finished.test)]).collect()
}

fn assert_same_bits(first: &BTreeMap<String, TrialRecord>, second: &BTreeMap<String, TrialRecord>) {
    assert!(first.keys().eq(second.keys()));
    for (case, record) in first {
        assert_eq!(bits(record), bits(&second[case]), "{case}");
    }
}

#[test]
fn every_smoke_case_repeats_bit_for_bit_alone_and_side_by_side() {
    let place = Place::new(&smoke());
    let (code, alone) = place.run("alone", &["--profile", "tiny", "--jobs", "1"]);
    assert_eq!(code, 0);
    assert_eq!(alone.len(), 12);
    assert!(alone.values().all(|record| record.status == Status::Completed));
    let (code, beside) = place.run("beside", &["--profile", "tiny", "--jobs", "2"]);
    assert_eq!(code, 0);
    assert_same_bits(&alone, &beside);

    let (_, other) = place.run("other", &["--profile", "tiny", "--seeds", "2", "--filter", "cnn-lstm"]);
    assert_ne!(bits(&alone["cnn-lstm"]), bits(&other["cnn-lstm"]));
}

#[test]
fn every_recipe_trains() {
    let place = Place::new(&recipes(&RECIPES));
    let (code, records) = place.run("run", &[]);
    let ended = |case: &str| (records[case].status, records[case].error.clone());
    for case in records.keys().filter(|case| *case != "stopped-early") {
        assert_eq!(ended(case), (Status::Completed, None), "{case}");
    }
    assert_eq!(code, 0);
    assert_eq!(records.len(), RECIPES.len());
    assert_eq!(records["augmented-appended"].started.as_ref().unwrap().train_samples, 600);

    let rates = |case: &str| records[case].epochs.iter().map(|epoch| epoch.learning_rate).collect::<Vec<_>>();
    assert_eq!(rates("l2"), [1e-2; 3]);
    assert!(rates("inverse-time").is_sorted_by(|a, b| a > b));
    assert_eq!(rates("steps"), [1e-2, 5e-3, 2.5e-3]);
    assert!(rates("clipped-adamw-by-cosine").is_sorted_by(|a, b| a > b));
    assert!(rates("plateau").last().unwrap() < &10.0);

    let early = &records["stopped-early"];
    let finished = early.finished.as_ref().unwrap();
    assert_eq!(early.status, Status::StoppedEarly);
    assert_eq!(early.epochs.len() as u32, finished.best_epoch.unwrap() + 2);
    assert!(finished.restored_best);
}

#[test]
fn a_trial_that_diverges_is_recorded_and_the_others_go_on() {
    let last = "epochs = 1\nbatch = 1000\noptimizer = { kind = 'sgd', lr = 1e39 }";
    let place = Place::new(&recipes(&[
        ("diverges", "optimizer = { kind = 'sgd', lr = 1e30 }"),
        ("diverges-at-the-last-step", last),
        ("l2", "l2 = 0.01"),
    ]));
    let (code, records) = place.run("run", &[]);
    assert_eq!(code, 5);
    let status = ["diverges", "diverges-at-the-last-step", "l2"].map(|case| records[case].status);
    assert_eq!(status, [Status::Diverged, Status::Diverged, Status::Completed]);
    let record = &records["diverges-at-the-last-step"];
    assert!(record.epochs.last().unwrap().train.loss.is_finite());
    assert!(record.finished.as_ref().unwrap().test.is_none());
    assert!(place.call(&["table", "run"]).status.success());
}

/// One step, with a rate that leaves weights which are numbers but whose logits are too large for one.
/// The loss of training is of before that step, and finite.
#[test]
fn a_loss_of_validation_or_test_that_is_not_finite_is_divergence() {
    let huge = "epochs = 1\nbatch = 1000\noptimizer = { kind = 'sgd', lr = 1e38 }\n\
        claims = [{ metric = 'test-accuracy', at_least = 0.0, source = 'any network' }]";
    let place = Place::new(&recipes(&[
        ("validated", &format!("{huge}\nvalidation = {{ from = 'train', count = 100 }}")),
        ("tested", &format!("{huge}\nvalidation = false")),
    ]));
    let (code, records) = place.run("run", &["--keep-weights"]);
    assert_eq!(code, 5);
    for case in ["validated", "tested"] {
        let record = &records[case];
        assert_eq!(record.status, Status::Diverged, "{case}");
        let (epoch, finished) = (record.epochs.last().unwrap(), record.finished.as_ref().unwrap());
        assert!(epoch.train.is_finite(), "{case}");
        assert_eq!(epoch.validation.map(|score| score.is_finite()), (case == "validated").then_some(false));
        assert_eq!(finished.test.map(|score| score.is_finite()), (case == "tested").then_some(false));
        assert!(!place.run_folder("run").weights_path("recipes", case, 1).exists(), "{case}");
    }
    let told = String::from_utf8(place.call(&["claims", "run"]).stdout).unwrap();
    assert_eq!(told.matches("unmeasured").count(), 2, "{told}");
}

#[test]
fn batch_normalisation_refuses_a_batch_of_one_sample() {
    let layers = "
        layers = [{ kind = 'flatten' }, { kind = 'batch-norm' }, { kind = 'dense', units = 10 }]";
    let place = Place::new(&recipes(&[("left-over", &format!("batch = 299{layers}"))]));
    for verb in ["run", "check"] {
        let output = place.call(&[verb, "suite.toml", "--device", "cpu"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(stderr(&output).contains("give another batch or train_samples"), "{}", stderr(&output));
    }
    assert!(!place.folder.path().join("results").exists());
}

#[test]
fn check_takes_a_batch_of_every_case_and_trains_nothing() {
    let place = Place::new(&smoke());
    let output = place.call(&["check", "suite.toml", "--device", "cpu"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains(": ok, ")).count(), 12, "{text}");
    assert!(!place.folder.path().join("results").exists());
}

#[test]
fn a_wrong_number_of_parameters_is_refused_before_training() {
    let place = Place::new(&smoke().replace("parameters = 7_850", "parameters = 7_851"));
    for verb in ["run", "check"] {
        let output = place.call(&[verb, "suite.toml"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(stderr(&output).contains("the layers have 7850 parameters"), "{}", stderr(&output));
    }
    assert!(!place.folder.path().join("results").exists());
}

#[test]
fn an_interrupted_run_keeps_what_was_done() {
    let place = Place::new(&recipes(&[("long", "epochs = 1_000_000")]));
    let args = ["run", "suite.toml", "--device", "cpu", "--name", "run"];
    let mut child = place.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let events = place.folder.path().join("results/run/trials/recipes/long/1.jsonl");
    wait_for_an_epoch(&mut child, &events);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(stderr(&output).contains("0 of 1 trials are done"), "{}", stderr(&output));
    assert!(place.run_folder("run").read_trial("recipes", "long", 1).unwrap().is_none());
    assert_eq!(place.run_folder("run").read_run().unwrap().trials.len(), 1);
}

fn wait_for_an_epoch(child: &mut Child, events: &PathBuf) {
    while !fs::read_to_string(events).is_ok_and(|text| text.contains("\"epoch\"")) {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn the_environment_is_a_fingerprint() {
    let place = Place::new("");
    let output = place.call(&["env", "--device", "cpu", "--format", "json"]);
    let fingerprint: tchbench::record::Fingerprint = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((fingerprint.engine.libtorch.as_str(), fingerprint.engine.threads), ("2.11.0", 1));
    assert!(!fingerprint.engine.kernels.is_empty());
    // A linker's build ID, or a SHA-256.
    let program = fingerprint.engine.program.unwrap();
    for digest in [&program.digest, &program.libtorch_digest] {
        let is_digest = digest.len() >= 16 && digest.chars().all(|c| c.is_ascii_hexdigit());
        assert!(is_digest && program.digest != program.libtorch_digest, "{program:?}");
    }
}
