//! Files that are sealed, but hold what no run leaves: no verb believes them.

#![allow(clippy::unwrap_used)]

#[path = "support/forge.rs"]
mod forge;
#[path = "support/place.rs"]
mod place;
#[path = "support/records.rs"]
mod records;
#[allow(dead_code, reason = "each test crate uses a part")]
#[path = "support/sides.rs"]
mod sides;

use std::fs;
use std::path::{Path, PathBuf};

use forge::{field, forge};
use place::Place;
use records::record;
use serde_json::{Value, json};
use tchbench::record::{Baseline, Folder, TrialRecord, read, write};
use tchbench::report::inspect::ViewFinding;
use tchbench::valid::Validate;

fn below(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn all_that_is_published_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in below(&root.join("results/published")) {
        let folder = Folder::open(&path).unwrap();
        folder.read_run().unwrap();
        let (trials, errors) = folder.read_trials();
        assert!(!trials.is_empty() && errors.is_empty(), "{errors:#?}");
        let (_, errors) = folder.read_all_robustness();
        assert!(errors.is_empty(), "{errors:#?}");
        let (_, errors) = folder.read_inspections::<ViewFinding>();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    for suite in below(&root.join("baselines")).into_iter().filter(|path| path.is_dir()) {
        for path in below(&suite) {
            read::<Baseline>(&path).unwrap();
        }
    }
}

/// Why a file with this content is not believed, if it is not.
fn refusal<T: serde::de::DeserializeOwned + Validate>(
    content: &impl serde::Serialize,
    pointer: &str,
    value: Value,
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.json");
    write(&path, content).unwrap();
    forge(&path, |content| *field(content, pointer) = value);
    match read::<T>(&path) {
        Ok(_) => "believed".to_owned(),
        Err(error) => error.to_string().replace(&path.display().to_string(), "FILE").replace('`', ""),
    }
}

#[test]
fn each_value_of_a_record_that_cannot_be_is_named() {
    let whole = record("mlp-16", 16, 1, 0.9);
    let nonsense = [
        ("/trial/seed", json!(2), "trial.identity is "),
        ("/trial/experiment/training/optimizer/lr", json!(0.5), "trial.identity is "),
        ("/trial/experiment/training/epochs", json!(0), "trial.experiment.training.epochs is 0"),
        ("/trial/experiment/layers/1/units", json!(0), "trial.experiment.layers are no network: "),
        ("/trial/parameters", json!(9), "trial.parameters is 9, but the layers have 12730"),
        ("/fingerprint/load/steal", json!(-0.5), "fingerprint.load.steal is -0.5"),
        ("/jobs", json!(0), ""),
        ("/status", json!("failed"), "finished does not say what status says, Failed"),
        ("/status", json!("diverged"), "finished does not say what status says, Diverged"),
        ("/error", json!("no wire"), "error is the reason of a failure"),
        ("/started", json!(null), "started is null, but the trial has epochs"),
        ("/started/steps", json!(7), "started.steps is 7, but the trial was planned with 120"),
        ("/epochs/0/epoch", json!(2), "epochs[0].epoch is 2, but epoch 1 comes next"),
        ("/epochs/1/epoch", json!(4_000_000_000u32), "epochs[1].epoch is 4000000000, but epoch 2 comes next"),
        ("/epochs", json!([]), "finished.ending is Completed after 0 of 2 epochs"),
        ("/epochs/0/train/accuracy", json!(1.7), "epochs[0].train.accuracy is 1.7, which is not from 0 to 1"),
        ("/epochs/1/train/loss", json!(null), "finished.ending is not diverged, but a loss is not finite"),
        ("/epochs/1/train/loss", json!(-3.0), "epochs[1].train.loss is -3, which is less than 0"),
        ("/epochs/0/train_seconds", json!(-1.5), "epochs[0].train_seconds is -1.5"),
        ("/epochs/0/train_seconds", json!(1e300), "epochs[0].train_seconds is 1000000"),
        ("/epochs/0/learning_rate", json!(-1e-3), "epochs[0].learning_rate is -0.001"),
        ("/epochs/0/samples", json!(1), "epochs[0].samples is 1, but an epoch trains on 12000"),
        (
            "/epochs/0/trajectory",
            json!("\u{1b}[2J"),
            "epochs[0].trajectory is \"\\u{1b}[2J\", which is no digest",
        ),
        ("/finished", json!(null), "finished does not say what status says, Completed"),
        ("/finished/ending", json!("stopped-early"), "finished does not say what status says, Completed"),
        ("/finished/best_epoch", json!(3), "finished.best_epoch is 3, which is not from 1 to 2"),
        (
            "/finished/restored_best",
            json!(true),
            "finished.restored_best is true, but the plan restores nothing",
        ),
        ("/finished/test", json!(null), "finished.test does not agree with the number of test samples"),
        ("/finished/test/loss", json!(null), "finished.ending is not diverged, but a loss is not finite"),
        ("/finished/wall_seconds", json!(-1), "finished.wall_seconds is -1"),
        ("/finished/weights", json!("<b>"), "finished.weights is \"<b>\", which is no digest"),
    ];
    for (pointer, value, why) in nonsense {
        let said = refusal::<TrialRecord>(&whole, pointer, value.clone());
        let seems = if pointer == "/jobs" { "FILE: jobs is 0" } else { "FILE: " };
        assert!(said.starts_with(seems) && said.contains(why), "{pointer} = {value}: {said}");
        assert!(said.ends_with("it was edited, and sealed anew"), "{said}");
    }
}

/// What each verb says of a run with a forged file.
fn assert_refused(place: &Place, forged: &str, value: &str, verbs: &[&str]) {
    for verb in verbs {
        let (code, stdout, stderr) = place.call(verb);
        let stderr = stderr.replace('`', "");
        assert_eq!(code, 3, "{verb}: {stdout}{stderr}");
        assert!(stderr.contains(forged) && stderr.contains(value), "{verb}: {stderr}");
        assert!(!stdout.contains("170"), "{verb} shows it: {stdout}");
    }
}

#[test]
fn no_verb_believes_a_nonsense_record() {
    let place = Place::new();
    let path = place.path("results/run/trials/smoke/mlp-16/2.json");
    forge(&path, |record| *field(record, "/finished/test/accuracy") = json!(1.7));
    let verbs = [
        "table run",
        "table run --compare",
        "table run --epochs",
        "claims run",
        "plot run --kind curves",
        "plot run --kind sweep",
        "plot run --kind box",
        "plot run --kind pareto",
        "diff run",
        "diff run --baseline run",
        "baseline save run --force",
        "baseline promote run --force",
        "explain run/smoke/mlp-16/1 run/smoke/mlp-16/2",
        "explain results/run/trials/smoke/mlp-16/2.json results/run/trials/smoke/mlp-16/1.json",
        "replay run/smoke/mlp-16/2 --worker /bin/false",
        "robustness run --scale 0.5 --worker /bin/false",
        "inspect confusion run/smoke/mlp-16/2 --worker /bin/false",
        "inspect gradients run/smoke/mlp-16/2 run/smoke/mlp-16/1 --weights initial --worker /bin/false",
        "page run --suites suites --out page.md",
        "report run --out report",
        "report run --baseline run --out report",
    ];
    let before = fs::read(place.path("baselines/smoke/cpu-native.json")).unwrap();
    assert_refused(&place, "smoke/mlp-16/2.json", "finished.test.accuracy is 1.7", &verbs);
    assert_eq!(fs::read(place.path("baselines/smoke/cpu-native.json")).unwrap(), before);
}

#[test]
fn no_verb_believes_another_nonsense_file() {
    let place = Place::new();
    let calibration = below(&place.path("results/calibration")).pop().unwrap();
    let look = json!({"view": "confusion", "subject": null, "counts": [[1], []]});
    type Edit<'e> = &'e dyn Fn(&mut Value);
    let cases: [(PathBuf, Edit, &str, &[&str]); 8] = [
        (
            place.path("results/run/run.json"),
            &|run| *field(run, "/trials/1/identity") = json!("ab"),
            "trials[1].identity is ab",
            &[
                "table run",
                "diff run",
                "baseline save run --force",
                "run --resume run --worker /bin/false",
                "claims run",
                "measure --into run --worker /bin/false",
                "report run --out report",
            ],
        ),
        (
            place.path("results/run/run.json"),
            &|run| *field(run, "/suites/0/cases/0/claims/0/at_least") = json!(-1),
            "suites[0].cases[0].claims[0].at_least is -1",
            &["claims run"],
        ),
        (
            place.path("results/run/throughput/smoke/mlp-16/1.json"),
            &|one| *field(one, "/processes/0/rounds/0/slices/0/1") = json!(0.0),
            "processes[0].rounds[0].slices[0].seconds is 0",
            &["diff run", "baseline save run --force", "report run --out report"],
        ),
        (
            place.path("baselines/smoke/cpu-native.json"),
            &|one| *field(one, "/cases/0/seeds/0/accuracy") = json!(1.7),
            "cases[0].seeds[0].accuracy is 1.7",
            &["diff run", "baseline list", "baseline show", "baseline promote run"],
        ),
        (
            place.path("baselines/smoke/cpu-native.json"),
            &|one| *field(one, "/cases/0/throughput/0/step_seconds") = json!([[]]),
            "cases[0].throughput[0].calibration_seconds are 5, but 1 to 1 were planned",
            &["diff run", "report run --baseline baselines/smoke/cpu-native.json --out report"],
        ),
        (calibration, &|one| *field(one, "/noise_floor") = json!(-0.5), "noise_floor is -0.5", &["diff run"]),
        (
            place.path("results/run/robustness/smoke/mlp-16/1.json"),
            &|one| *field(one, "/transformed/0/scores") = json!([]),
            "transformed[0].scores are 0, but the transform has 1 directions",
            &[
                "robustness run --scale 0.5 --worker /bin/false",
                "page run --suites suites --out page.md",
                "report run --out report",
            ],
        ),
        (
            place.path("results/run/inspect/look.json"),
            &|one| {
                let subject = one["found"]["subject"].clone();
                *field(one, "/found") = look.clone();
                *field(one, "/found/subject") = subject;
            },
            "found.counts[0].length is 1, which should be 2",
            &["page run --suites suites --out page.md", "report run --out report"],
        ),
    ];
    for (path, edit, value, verbs) in cases {
        let whole = fs::read(&path).unwrap();
        forge(&path, edit);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_refused(&place, name, value, verbs);
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_nonsense_night_is_named_and_left_out() {
    let place = Place::new();
    let night = json!({
        "format": {"major": 1, "minor": 2}, "began": "2026-11-22T13:45:00Z", "run": "run", "suite": "smoke",
        "case": "mlp-16", "identity": "ab", "numerics_class": "cc", "device_class": "cpu-native", "machine": "m",
        "accuracy": {"mean": 0.9, "deviation": null, "seeds": 1}, "loss": null, "step": null, "verdicts": null,
    });
    let mut forged = night.clone();
    *field(&mut forged, "/accuracy/mean") = json!(1.7);
    let mut stray = night.clone();
    *field(&mut stray, "/suite") = json!("other");
    fs::create_dir(place.path("results/history")).unwrap();
    fs::write(place.path("results/history/smoke.jsonl"), format!("{forged}\n{night}\n{stray}\n")).unwrap();
    let (code, stdout, stderr) = place.call("history");
    let stderr = stderr.replace('`', "");
    assert_eq!(code, 3);
    assert!(stdout.contains("90.00") && !stdout.contains("170"), "{stdout}");
    assert!(stderr.contains("smoke.jsonl:1: ") && stderr.contains("accuracy.mean is 1.7"), "{stderr}");
    assert!(stderr.contains("smoke.jsonl:3: ") && stderr.contains("it is of the suite other"), "{stderr}");
}
