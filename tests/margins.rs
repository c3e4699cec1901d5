//! `margins.toml` beside baselines, as its users meet it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use records::{record, run};
use tchbench::record::Folder;
use tchbench::rng::{Purpose, Stream};

/// A folder with a baseline of two cases, and a run in which `mlp` has a worse accuracy and takes more time.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        place.run("one", 0.0, 1.0);
        place.run("two", 0.02, 1.2);
        assert_eq!(place.call(&["baseline", "save", "one"]).0, 0);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A run whose `mlp` is so much worse, and takes so many times as long.
    fn run(&self, name: &str, worse: f64, slower: f64) {
        let mut all = Vec::new();
        for (case, accuracy) in [("mlp", 0.93 - worse), ("wide", 0.97)] {
            for seed in 1..=5u64 {
                let mut record = record(case, 16, seed, accuracy + 0.0007 * ((seed * 7 % 5) as f64));
                let trajectory = format!("{:016x}{seed:02x}", (accuracy + 0.1).to_bits());
                record.epochs.last_mut().unwrap().trajectory = trajectory;
                all.push(record);
            }
        }
        let mut plan = run(&all, 0.9);
        plan.name = name.parse().unwrap();
        let folder = Folder::create(&self.path("results"), name).unwrap();
        folder.write_run(&plan).unwrap();
        all.iter().for_each(|record| folder.write_trial(record).unwrap());
        let mut stream = Stream::new(9, Purpose::Probe, 1);
        for (case, slower) in [("mlp", slower), ("wide", 1.0)] {
            for attempt in 1..=2 {
                let measured = sides::measurement(case, attempt, 0.002 * slower, 0.005, &mut stream);
                folder.write_measurement(&measured).unwrap();
            }
        }
    }

    fn margins(&self, text: &str) {
        fs::write(self.path("baselines/smoke/margins.toml"), text).unwrap();
    }

    /// Exit code, stdout and stderr.
    fn call(&self, args: &[&str]) -> (i32, String, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        let output = program.args(args).current_dir(self.0.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// The exit code of a comparison with these options.
    fn diff(&self, more: &[&str]) -> i32 {
        self.call(&[&["diff", "two", "--no-confirm"], more].concat()).0
    }
}

#[test]
fn a_case_has_margins_of_its_own() {
    let place = Place::new();
    assert_eq!(place.diff(&[]), 12);
    place.margins("schema = 1\n[[case]]\nname = \"m*\"\nthroughput_margin = 30\n");
    assert_eq!(place.diff(&[]), 10);
    // Of two rules that mean a case, the last one that gives a margin counts for it.
    place.margins(
        "schema = 1\n[[case]]\nname = \"mlp\"\nthroughput_margin = 30\n[[case]]\nname = \"*\"\naccuracy_margin = 5\n\
         loss_margin = 60\nthroughput_margin = 40\n",
    );
    let (code, text, _) = place.call(&["diff", "two", "--no-confirm"]);
    assert_eq!(code, 0, "{text}");
    let note = "margins of smoke/mlp (margins.toml): accuracy 5 points, loss 60 %, throughput 40 %";
    assert!(text.contains(note), "{text}");
    // They lie beside the file that is compared with, and hold for promotion, too.
    assert_eq!(place.diff(&["--baseline", "baselines/smoke/cpu-native.json"]), 0);
    fs::create_dir(place.path("elsewhere")).unwrap();
    fs::copy(place.path("baselines/smoke/cpu-native.json"), place.path("elsewhere/old.json")).unwrap();
    assert_eq!(place.diff(&["--baseline", "elsewhere/old.json"]), 12);
    assert_eq!(place.call(&["baseline", "promote", "two"]).0, 0);
}

#[test]
fn a_quarantined_regression_is_shown_and_does_not_fail() {
    let place = Place::new();
    let rule = |until: &str, only: &str| {
        let quarantine = format!("reason = \"its second core is shared\", until = {until}{only}");
        format!("schema = 1\n[[case]]\nname = \"mlp\"\nquarantine = {{ {quarantine} }}\n")
    };
    place.margins(&rule("2999-12-31", ""));
    let (code, text, _) = place.call(&["diff", "two", "--no-confirm"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("regressed") && text.contains("quarantined until"), "{text}");
    assert!(text.contains("mlp: quarantined until 2999-12-31: its second core is shared"), "{text}");
    let (_, junit, _) = place.call(&["diff", "two", "--no-confirm", "--format", "junit"]);
    assert!(junit.contains("failures=\"0\""), "{junit}");
    let skipped = "<skipped message=\"regressed; quarantined until 2999-12-31: its second core is shared\"";
    assert_eq!(junit.matches(skipped).count(), 2, "{junit}");
    // What is worse does not take the baseline's place unseen.
    assert_eq!(place.call(&["baseline", "promote", "two"]).0, 12);

    place.margins(&rule("2999-12-31", ", only = \"throughput\""));
    assert_eq!(place.diff(&[]), 10);
    place.margins(&rule("2999-12-31", ", only = \"accuracy\""));
    assert_eq!(place.diff(&[]), 11);
    place.margins(&rule("2020-01-31", ""));
    let (code, _, stderr) = place.call(&["diff", "two", "--no-confirm"]);
    assert_eq!(code, 12);
    let ended = "note: the quarantine of smoke/mlp ended with 2020-01-31: its second core is shared\n";
    assert_eq!(stderr, ended);
}

#[test]
fn margins_that_make_no_sense() {
    let place = Place::new();
    place.margins(
        "[[case]]\nname = \"[\"\n[[case]]\nname = \"mlp\"\naccuracy_margin = 100\nloss = 3\n[[case]]\n\
         name = \"mlp\"\nquarantine = { reason = \" \", until = \"2027-01-31\", only = \"time\" }\n",
    );
    let (code, _, stderr) = place.call(&["diff", "two"]);
    assert_eq!(code, 3);
    insta::assert_snapshot!(stderr);
    place.margins("schema = 1\n[[case]]\nname = \"lstm\"\nloss_margin = 3\n");
    let (code, _, stderr) = place.call(&["diff", "two", "--no-confirm"]);
    assert_eq!((code, stderr.as_str()), (12, "note: margins.toml of smoke: no case is called `lstm`\n"));
}

#[test]
fn a_comparison_of_some_cases_leaves_the_others_out() {
    let place = Place::new();
    let (code, text, _) = place.call(&["diff", "two", "--no-confirm", "--filter", "wide"]);
    assert_eq!((code, text.contains("mlp")), (0, false), "{text}");
    assert_eq!(place.diff(&["--filter", "smoke/m*"]), 12);
    let (code, _, stderr) = place.call(&["diff", "two", "--filter", "gru"]);
    assert_eq!(code, 4);
    assert_eq!(stderr, "error: --filter gru: the run has no such case\n");
}

#[test]
fn an_improvement_fails_where_it_is_to() {
    let place = Place::new();
    let better = |more: &[&str]| place.call(&[&["diff", "one", "--baseline", "two"], more].concat()).0;
    assert_eq!(better(&[]), 0);
    assert_eq!(better(&["--fail-on", "improved"]), 15);
    assert_eq!(better(&["--fail-on", "regressed", "--filter", "wide"]), 0);
}
