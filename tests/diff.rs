//! `tchbench baseline` and `tchbench diff`, as their users meet them.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use records::{record, run, unsuccessful};
use sides::measurement;
use tchbench::event::{Ending, Score};
use tchbench::recipe::{Trial, identity};
use tchbench::record::{CalibratedCase, Calibration, Folder, Format, Status, Throughput, TrialRecord};
use tchbench::rng::{Purpose, Stream};

/// A folder with runs and baselines, in which the program is called.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A run of two cases over five seeds, with this much added to every accuracy and time.
    fn run(&self, name: &str, accuracy: f64, slower: f64) -> Folder {
        self.run_of(name, &trained(accuracy), slower)
    }

    fn run_of(&self, name: &str, records: &[TrialRecord], slower: f64) -> Folder {
        let mut run = run(records, 0.9);
        run.name = name.parse().unwrap();
        let folder = Folder::create(&self.path("results"), name).unwrap();
        folder.write_run(&run).unwrap();
        for record in records {
            folder.write_trial(record).unwrap();
        }
        let mut stream = Stream::new(9, Purpose::Probe, slower.to_bits());
        for case in ["mlp", "wide"] {
            let seconds = 0.002 * (1.0 + slower);
            folder.write_measurement(&measurement(case, 1, seconds, 0.005, &mut stream)).unwrap();
        }
        folder
    }

    /// Exit code, stdout and stderr.
    fn output(&self, args: &[&str]) -> (i32, String, String) {
        let program = env!("CARGO_BIN_EXE_tchbench");
        let output = Command::new(program).args(args).current_dir(self.0.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Exit code, and stdout; of a call that prints nothing, stderr.
    fn call(&self, args: &[&str]) -> (i32, String) {
        let (code, stdout, stderr) = self.output(args);
        (code, if stdout.is_empty() { stderr } else { stdout })
    }
}

/// Gives a trial the identity that its content has.
fn identify(trial: &mut Trial) {
    trial.identity = identity(&trial.experiment, trial.seed, &trial.dataset, &trial.environment);
}

fn trained(more: f64) -> Vec<TrialRecord> {
    let mut all = Vec::new();
    for (case, accuracy) in [("mlp", 0.93), ("wide", 0.97)] {
        for seed in 1..=5u64 {
            let accuracy = accuracy + more + 0.0007 * ((seed * 7 % 5) as f64);
            let mut record = record(case, 16, seed, accuracy);
            record.epochs.last_mut().unwrap().trajectory =
                format!("{:02x}{seed:02x}{:016x}", case.len(), accuracy.to_bits());
            all.push(record);
        }
    }
    all
}

#[test]
fn a_run_is_its_own_baseline() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    assert_eq!(place.call(&["diff", "one"]).0, 3);
    insta::assert_snapshot!(place.call(&["diff", "one"]).1);
    let (code, text) = place.call(&["baseline", "save", "one"]);
    assert_eq!((code, text.as_str()), (0, "baselines/smoke/cpu-native.json\n"));
    let (code, text) = place.call(&["diff", "one", "--require-identical"]);
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!(text);
    let (code, text) = place.call(&["baseline", "save", "one"]);
    assert_eq!(code, 3);
    assert!(text.contains("there is a baseline already"), "{text}");
    assert_eq!(place.call(&["baseline", "save", "one", "--force"]).0, 0);
    insta::assert_snapshot!(place.call(&["baseline", "list"]).1);
    insta::assert_snapshot!(place.call(&["baseline", "show", "smoke"]).1);
    assert_eq!(place.call(&["baseline", "show", "none"]).0, 4);
}

#[test]
fn a_baseline_outlives_git_and_its_line_ends() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.call(&["baseline", "save", "one"]);
    let attributes = place.path("baselines/.gitattributes");
    assert!(fs::read_to_string(&attributes).unwrap().contains("*.json -text\n"));
    fs::write(&attributes, "of the user\n").unwrap();
    assert_eq!(place.call(&["baseline", "save", "one", "--force"]).0, 0);
    assert_eq!(fs::read_to_string(&attributes).unwrap(), "of the user\n");

    // As git checks files out where core.autocrlf is true.
    let path = place.path("baselines/smoke/cpu-native.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    let (code, told) = place.call(&["diff", "one", "--require-identical"]);
    assert_eq!(code, 0, "{told}");
    fs::write(&path, text.replacen('\n', "\r\n", 3)).unwrap();
    assert_eq!(place.call(&["diff", "one"]).0, 3);
}

#[test]
fn a_baseline_is_small_and_reads_well_in_a_diff() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.call(&["baseline", "save", "one"]);
    let path = place.path("baselines/smoke/cpu-native.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    insta::assert_snapshot!(text.lines().take(75).collect::<Vec<_>>().join("\n"));
    fs::write(&path, text.replacen("0.93", "0.94", 1)).unwrap();
    let (code, text) = place.call(&["diff", "one"]);
    assert_eq!(code, 3);
    assert!(text.contains("it was edited or damaged"), "{text}");
}

#[test]
fn a_worse_run_is_told_in_every_form_and_not_promoted() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.call(&["baseline", "save", "one"]);
    let worse = place.run("two", -0.02, 0.2);
    let (code, text) = place.call(&["diff", "two"]);
    assert_eq!(code, 10, "{text}");
    insta::assert_snapshot!(text);
    let mut stream = Stream::new(10, Purpose::Probe, 0);
    worse.write_measurement(&measurement("mlp", 2, 0.0024, 0.005, &mut stream)).unwrap();
    assert_eq!(place.call(&["diff", "two"]).0, 12);
    let fails = |list: &str| place.call(&["diff", "two", "--fail-on", list]).0;
    assert_eq!(fails("throughput,inconclusive"), 11);
    assert_eq!(fails("accuracy"), 10);
    assert_eq!(fails("inconclusive"), 21);
    assert_eq!(fails("none"), 0);
    assert_eq!(place.call(&["diff", "two", "--fail-on", "none", "--require-identical"]).0, 13);
    insta::assert_snapshot!(place.call(&["diff", "two", "--format", "markdown"]).1);
    let (_, annotations) = place.call(&["diff", "two", "--format", "github"]);
    insta::assert_snapshot!("annotations", annotations);
    let (_, junit) = place.call(&["diff", "two", "--no-confirm", "--format", "junit"]);
    insta::assert_snapshot!(junit);
    let parse =
        "import sys, xml.etree.ElementTree as e; print(len(e.parse(sys.stdin).findall('.//testcase')))";
    let mut python = Command::new("python3")
        .args(["-c", parse])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(junit.as_bytes()).unwrap();
    assert_eq!(python.wait_with_output().unwrap().stdout, b"6\n");

    let (code, _, stderr) = place.output(&["baseline", "promote", "two"]);
    assert_eq!(code, 12);
    assert!(stderr.ends_with("regressed; accept that with --force\n"), "{stderr}");
    assert_eq!(place.call(&["baseline", "promote", "two", "--force"]).0, 0);
    assert_eq!(place.call(&["diff", "two"]).0, 0);
    assert_eq!(place.call(&["diff", "one", "--baseline", "two"]).0, 0, "better");
}

/// Whatever keeps a suspected case from being measured again, what is sure is told.
#[test]
fn what_cannot_be_measured_again_says_why_and_how() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.run("two", -0.02, 0.2);
    let diff = |more: &[&str]| place.output(&[&["diff", "two", "--baseline", "one"], more].concat());
    let (code, stdout, stderr) = diff(&["--no-confirm"]);
    assert_eq!((code, stdout.contains("regressed")), (10, true), "{stderr}");
    insta::assert_snapshot!(stderr);
    let worker = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake-worker.sh");
    for (worker, why) in
        [(worker, "on another machine or by other software"), ("./none", "cannot start the worker")]
    {
        let (code, stdout, stderr) = diff(&["--worker", worker]);
        assert_eq!((code, stdout.contains("regressed")), (10, true), "{stderr}");
        assert!(stderr.contains("not measured again: smoke/mlp, smoke/wide: "), "{stderr}");
        assert!(stderr.contains(why), "{stderr}");
    }
}

/// A calibration's measurements tell each case's floor, whatever one for all an earlier version wrote.
#[test]
fn each_case_is_judged_by_its_own_noise() {
    let place = Place::new();
    let folder = place.run("one", 0.0, 0.0);
    let mut stream = Stream::new(12, Purpose::Probe, 0);
    let mut calibrated = |name: &str, differ: f64| {
        let mut again = |_| {
            let seconds = 0.002 * (differ * stream.normal()).exp();
            Throughput::of(&measurement(name, 1, seconds, 0.005, &mut stream))
        };
        CalibratedCase {
            trial: record(name, 16, 1, 0.9).trial,
            plain: (0..9).map(&mut again).collect(),
            slowed: (0..9).map(&mut again).collect(),
        }
    };
    let calibration = Calibration {
        format: Format::CURRENT,
        fingerprint: folder.read_run().unwrap().fingerprint,
        began: "2026-11-22T15:00:00Z".parse().unwrap(),
        seconds: 60.0,
        noise_floor: 0.018,
        slowdown: 0.05,
        cases: vec![calibrated("mlp", 0.0), calibrated("wide", 0.03)],
    };
    calibration.write(&place.path("results")).unwrap();
    let (code, text) = place.call(&["diff", "one", "--baseline", "one", "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let tables: serde_json::Value = serde_json::from_str(&text).unwrap();
    let thresholds = [0, 1].map(|row| tables[0]["rows"][row]["threshold"].as_f64().unwrap());
    assert_eq!(thresholds[0], 0.02);
    assert!((0.05..0.2).contains(&thresholds[1]), "{text}");
    assert!(text.contains("an error may repeat as long as the baseline stays"), "{text}");
}

#[test]
fn json_holds_full_values() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.run("two", 0.001, 0.0);
    let (code, text) = place.call(&["diff", "two", "--baseline", "one", "--no-confirm", "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let tables: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(tables[0]["rows"][0]["accuracy_verdict"], "unchanged");
    assert!(tables[0]["rows"][0]["time_ratio"].as_f64().unwrap() > 0.9);
}

#[test]
fn another_recipe_is_compared_only_where_it_is_the_question() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    let mut records = trained(0.0);
    for record in &mut records {
        record.trial.experiment.training.batch = 50;
        identify(&mut record.trial);
        record.started.as_mut().unwrap().steps = 240;
        record.fingerprint.host.kernel = "6.2".to_owned();
    }
    records.truncate(5);
    let mut run = run(&records, 0.9);
    run.name = "two".parse().unwrap();
    let folder = Folder::create(&place.path("results"), "two").unwrap();
    folder.write_run(&run).unwrap();
    records.iter().for_each(|record| folder.write_trial(record).unwrap());
    let (code, text) = place.call(&["diff", "two", "--baseline", "one"]);
    assert_eq!(code, 20, "{text}");
    insta::assert_snapshot!(text);
    let (code, text) = place.call(&["diff", "two", "--baseline", "one", "--across", "training.b*"]);
    assert_eq!(code, 22, "{text}");
    assert!(text.contains("under test: training.batch is 50, was 100"), "{text}");
    assert_eq!(place.call(&["baseline", "save", "one"]).0, 0);
    let (code, _, stderr) = place.output(&["baseline", "promote", "two"]);
    assert_eq!(code, 20);
    assert!(
        stderr.contains("not promoted: smoke/mlp cannot be compared with what it would replace"),
        "{stderr}"
    );
    assert_eq!(place.call(&["baseline", "promote", "two", "--force"]).0, 0);
}

/// Training may end well on weights that are lost, as where the last step blew them up.
#[test]
fn a_test_loss_that_is_not_finite_is_a_divergence() {
    let place = Place::new();
    place.run("one", 0.0, 0.0);
    place.call(&["baseline", "save", "one"]);
    let mut records = trained(0.0);
    records[1].status = Status::Diverged;
    let finished = records[1].finished.as_mut().unwrap();
    finished.ending = Ending::Diverged;
    finished.test = Some(Score { loss: f64::NAN, accuracy: 0.1 });
    place.run_of("two", &records, 0.0);
    let (code, text) = place.call(&["diff", "two"]);
    assert_eq!(code, 21, "{text}");
    assert!(text.contains("mlp: accuracy: seed 2 diverged, the baseline's did not"), "{text}");
    assert!(text.contains("failed"), "a column says on which side: {text}");
    let fails = |list: &str| place.call(&["diff", "two", "--fail-on", list]).0;
    assert_eq!((fails("failures"), fails("regressed"), fails("failures,inconclusive")), (5, 0, 5));
    let (_, junit) = place.call(&["diff", "two", "--fail-on", "failures", "--format", "junit"]);
    assert!(junit.contains("failures=\"1\""), "{junit}");
    let (code, _, stderr) = place.output(&["baseline", "promote", "two"]);
    assert_eq!(code, 5);
    assert!(stderr.contains("not promoted: seeds of smoke/mlp failed or diverged"), "{stderr}");
}

#[test]
fn what_is_not_whole_is_no_baseline() {
    let place = Place::new();
    let mut records = trained(0.0);
    records[1] = unsuccessful(records[1].clone(), Status::Failed, 1, "worker killed by signal 9");
    let folder = place.run_of("one", &records, 0.0);
    fs::remove_file(folder.record_path("smoke", "wide", 3)).unwrap();
    let (code, text) = place.call(&["baseline", "save", "one"]);
    assert_eq!(code, 5);
    insta::assert_snapshot!(text);
}

#[test]
fn a_measurement_of_something_else_is_refused() {
    let place = Place::new();
    let folder = place.run("one", 0.0, 0.0);
    let mut stream = Stream::new(10, Purpose::Probe, 0);
    let mut other = measurement("mlp", 2, 0.002, 0.005, &mut stream);
    other.trial.experiment.training.batch = 7;
    identify(&mut other.trial);
    folder.write_measurement(&other).unwrap();
    let (code, text) = place.call(&["baseline", "save", "one"]);
    assert_eq!(code, 3);
    assert!(text.contains("smoke/mlp was measured with another recipe"), "{text}");
    other.trial.experiment.training.batch = 100;
    identify(&mut other.trial);
    other.fingerprint.host.kernel = "6.2".to_owned();
    folder.write_measurement(&other).unwrap();
    let (code, text) = place.call(&["baseline", "save", "one"]);
    assert_eq!(code, 3);
    assert!(text.contains("on another machine than the cases before it"), "{text}");
}
