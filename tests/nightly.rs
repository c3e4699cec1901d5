//! Nights as cron starts them: with the real engine.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tchbench::record::{Folder, History, Lock};

const SUITE: &str = "
    schema = 1
    name = 'tiny'
    [defaults]
    dataset = 'glyphs'
    train_samples = 300
    test_samples = 100
    epochs = 1
    batch = 64
    optimizer = { kind = 'adam', lr = 1e-2 }
    seeds = [1, 2]
    [profiles.quick]
    seeds = [1]
    [profiles.long]
    epochs = 100000
    [[case]]
    name = 'linear'
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'mlp'
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 8, activation = 'relu' }, { kind = 'dense', units = 10 }]
";

/// A folder with a suite, in which nights are spent.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("suites")).unwrap();
        fs::write(folder.path().join("suites/tiny.toml"), SUITE).unwrap();
        Place { folder }
    }

    fn results(&self) -> PathBuf {
        self.folder.path().join("results")
    }

    /// Without a terminal and with an environment as bare as cron's.
    fn call(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.current_dir(self.folder.path()).env_clear().env("PATH", "/usr/bin:/bin");
        command.args(args).stdin(Stdio::null()).output().unwrap()
    }

    fn night(&self, args: &[&str]) -> Output {
        let quick = ["--processes", "2", "--rounds", "3", "--round-seconds", "0.005"];
        self.call(&[&["nightly", "--device", "cpu"], &quick[..], args].concat())
    }

    fn runs(&self) -> Vec<String> {
        Folder::all(&self.results()).unwrap().iter().map(Folder::name).collect()
    }

    /// The runs that the history tells of, one for each case.
    fn told(&self) -> Vec<String> {
        let (nights, errors) = History::of(&self.results()).read("tiny").unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        nights.into_iter().map(|night| night.run.to_string()).collect()
    }
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn nights_are_compared_and_told_in_the_history() {
    let place = Place::new();
    let first = place.night(&[]);
    assert_eq!(first.status.code(), Some(20), "{}", stderr(&first));
    assert!(stderr(&first).contains("baselines/tiny/cpu-portable.json does not exist"), "{}", stderr(&first));
    let has_time = |line: &str| line.len() > 21 && line.as_bytes()[10] == b'T' && line.as_bytes()[19] == b'Z';
    assert!(stderr(&first).lines().filter(|line| has_time(line)).count() > 4, "{}", stderr(&first));

    let saved = place.call(&["baseline", "save", "latest"]);
    assert!(saved.status.success(), "{}", stderr(&saved));
    let second = place.night(&[
        "--summary",
        "night.md",
        "--prometheus",
        "night.prom",
        "--junit",
        "night.xml",
        "--fail-on",
        "accuracy",
    ]);
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    let summary = fs::read_to_string(place.folder.path().join("night.md")).unwrap();
    assert!(summary.contains("| tiny/linear |") && summary.contains("| identical |"), "{summary}");
    let gauges = fs::read_to_string(place.folder.path().join("night.prom")).unwrap();
    assert!(
        gauges.contains("tchbench_regressed{suite=\"tiny\",case=\"linear\",kind=\"accuracy\"} 0"),
        "{gauges}"
    );
    assert!(fs::read_to_string(place.folder.path().join("night.xml")).unwrap().contains("<testsuite"));

    let runs = place.runs();
    assert_eq!(runs.len(), 2);
    assert_eq!(place.told(), [&runs[0], &runs[0], &runs[1], &runs[1]].map(String::clone));
}

#[test]
fn a_night_out_of_time_is_gone_on_with() {
    let place = Place::new();
    let long = |args: &[&str]| place.night(&[&["--profile", "long", "--jobs", "2"], args].concat());
    // On a busy machine 4 s may be over before there is a run.
    let budgets = ["4s", "16s", "64s"];
    let begun = |budget| {
        let night = long(&["--budget", budget]);
        (!stderr(&night).contains("nothing was begun")).then_some((budget, night))
    };
    let (budget, first) = budgets.into_iter().find_map(begun).unwrap();
    assert_eq!(first.status.code(), Some(22), "{}", stderr(&first));
    assert!(stderr(&first).contains("the budget is spent: 4 of 4 trials are left"), "{}", stderr(&first));
    let second = long(&["--budget", budget]);
    assert_eq!(second.status.code(), Some(22), "{}", stderr(&second));
    assert!(stderr(&second).contains("going on with"), "{}", stderr(&second));
    assert_eq!(place.runs().len(), 1);
    // Another plan is another night.
    let other = place.night(&["--fail-on", "none"]);
    assert_eq!(other.status.code(), Some(0), "{}", stderr(&other));
    assert!(stderr(&other).contains("was not finished and stays so"), "{}", stderr(&other));
    assert_eq!(place.runs().len(), 2);
}

#[test]
fn a_night_that_died_before_the_history_is_told_later() {
    let place = Place::new();
    place.night(&[]);
    fs::remove_dir_all(place.results().join("history")).unwrap();
    let again = place.night(&[]);
    assert!(stderr(&again).contains("going on with") && stderr(&again).contains("throughput of 0 cases"));
    assert_eq!((place.runs().len(), place.told().len()), (1, 2));
}

#[test]
fn a_second_night_at_once_is_refused() {
    let place = Place::new();
    let _held = Lock::take(&place.results()).unwrap();
    let refused = place.night(&[]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("another tchbench is running in this folder"), "{}", stderr(&refused));
    assert!(place.runs().is_empty());
}

#[test]
fn what_makes_no_night_says_why() {
    let place = Place::new();
    for (args, exit, why) in [
        (&["--budget", "soon"][..], 2, "2h"),
        (&["other"], 3, "no suite `other`"),
        (&["--profile", "unknown"], 3, "no suite in `suites` has a profile `unknown`"),
    ] {
        let refused = place.night(args);
        assert_eq!(refused.status.code(), Some(exit), "{}", stderr(&refused));
        assert!(stderr(&refused).contains(why), "{}", stderr(&refused));
    }
}
