//! `tchbench run`, `check` and `env` as a user meets them, with workers played by
//! `tests/fake-worker.sh`.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use common::{fake_worker, is_alive, pids};
use tchbench::record::{Fingerprint, Folder, Status};

/// A folder to run in: `suite.toml`, and `worker`.
struct Place(tempfile::TempDir);

impl Place {
    /// One linear model a case, with one seed; the name says what its worker does.
    fn new(cases: &[&str]) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(fake_worker(), place.0.path().join("worker")).unwrap();
        place.suite("suite", "native", cases);
        place
    }

    fn suite(&self, name: &str, numerics: &str, cases: &[&str]) {
        let mut text = format!(
            "schema = 1\nname = \"{name}\"\nnumerics = \"{numerics}\"\n\
             [defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 32\noptimizer = {{ kind = \"sgd\", lr = 0.1 }}\n"
        );
        for case in cases {
            text += &format!(
                "[[case]]\nname = \"{case}\"\nlayers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]\n"
            );
        }
        fs::write(self.0.path().join(format!("{name}.toml")), text).unwrap();
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end: exit code, stdout, stderr.
    fn tchbench(&self, arguments: &str) -> (i32, String, String) {
        told(self.command(arguments).output().unwrap())
    }

    /// The run in `results/run`.
    fn folder(&self) -> Folder {
        Folder::open(&self.0.path().join("results/run")).unwrap()
    }

    /// Waits until a worker hangs.
    fn hanging(&self, run: &mut Child) -> u32 {
        loop {
            let log = fs::read_to_string(self.0.path().join("log")).unwrap_or_default();
            if let Some(&pid) = pids(&log).first() {
                return pid;
            }
            assert!(run.try_wait().unwrap().is_none(), "the run ended early");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn signal(pid: u32, name: &str) {
    let pid = pid.to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

fn wait_for_end(pid: u32) {
    while is_alive(pid) {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_run_prints_its_tables_and_leaves_only_its_folder() {
    let place = Place::new(&["succeeds", "crashes"]);
    let (code, stdout, stderr) =
        place.tchbench("run suite.toml --device cpu --worker ./worker --name run --jobs 1 --format csv");
    assert_eq!(code, 5, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "a heading and two cases: {stdout}");
    insta::assert_snapshot!(stderr);

    let (records, errors) = place.folder().read_trials();
    assert!(errors.is_empty());
    let statuses: Vec<Status> = records.iter().map(|record| record.status).collect();
    assert_eq!(statuses, [Status::Failed, Status::Completed]);
    let mut left: Vec<String> = fs::read_dir(place.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["log", "results", "suite.toml", "worker"]);
    assert_eq!(fs::read_dir(place.0.path().join("results")).unwrap().count(), 1);

    let (code, _, stderr) = place.tchbench("run suite.toml --device cpu --worker ./worker --name run");
    assert_eq!((code, stderr.as_str()), (2, "error: results/run is there already; give another --name\n"));
}

#[test]
fn ctrl_c_stops_the_workers_and_keeps_what_is_done() {
    for name in ["INT", "TERM"] {
        let place = Place::new(&["succeeds", "hangs", "succeeds-never"]);
        let mut run = place
            .command("run suite.toml --device cpu --worker ./worker --name run --jobs 1")
            .spawn()
            .unwrap();
        let worker = place.hanging(&mut run);
        signal(run.id(), name);
        let (code, stdout, stderr) = told(run.wait_with_output().unwrap());
        assert_eq!((code, stdout.as_str()), (130, ""), "{stderr}");
        assert!(
            stderr.ends_with("interrupted: 1 of 3 trials are done; their records are in results/run\n"),
            "{stderr}"
        );
        assert!(!is_alive(worker));
        let (records, errors) = place.folder().read_trials();
        assert!(errors.is_empty());
        assert_eq!(records.iter().map(|record| record.trial.case.as_str()).collect::<Vec<_>>(), ["succeeds"]);
        assert_eq!(place.folder().read_run().unwrap().trials.len(), 3);
    }
}

#[test]
fn workers_die_with_their_parent() {
    let place = Place::new(&["hangs"]);
    let mut run = place.command("run suite.toml --device cpu --worker ./worker --name run").spawn().unwrap();
    let worker = place.hanging(&mut run);
    assert!(is_alive(worker));
    signal(run.id(), "KILL");
    run.wait().unwrap();
    wait_for_end(worker);
    let (records, errors) = place.folder().read_trials();
    assert!(records.is_empty() && errors.is_empty());
    assert!(place.folder().lock().is_ok());
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let place = Place::new(&["succeeds", "fails"]);
    let (code, stdout, stderr) = place.tchbench(
        "run suite.toml --device cpu --worker ./worker --dry-run --seeds 1-2 --filter succ* --jobs 8 --threads 2",
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let words = stdout.split_inclusive(char::is_whitespace);
    let is_identity = |word: &str| word.len() == 13 && word.trim().chars().all(|c| c.is_ascii_hexdigit());
    let plan: String = words.map(|word| if is_identity(word) { "IDENTITY\n" } else { word }).collect();
    insta::assert_snapshot!(plan);
    assert!(!place.0.path().join("results").exists());
}

#[test]
fn what_cannot_be_run_says_why() {
    let place = Place::new(&["succeeds"]);
    place.suite("portable", "portable", &["succeeds"]);
    fs::write(place.0.path().join("broken.toml"), "schema = 1\nname = \"broken\"\n").unwrap();
    let mut told = String::new();
    for arguments in [
        "run",
        "run nothing",
        "run suite.toml broken.toml nothing",
        "run suite.toml suite.toml",
        "run suite.toml --filter lstm",
        "run suite.toml portable.toml",
        "run suite.toml --device gpu",
        "run suite.toml --device cuda",
        "run suite.toml --name ../elsewhere",
        "run suite.toml --seeds one",
        "run suite.toml --worker ./missing --device cpu",
    ] {
        let worker = if arguments.contains("--worker") { "" } else { " --worker ./worker" };
        let (code, stdout, stderr) = place.tchbench(&format!("{arguments}{worker}"));
        assert_eq!(stdout, "");
        told += &format!("$ tchbench {arguments}\n{stderr}[{code}]\n\n");
    }
    insta::assert_snapshot!(told);
    assert!(!place.0.path().join("results").exists());
}

#[cfg(not(feature = "torch"))]
#[test]
fn a_build_without_its_engine_says_so() {
    let place = Place::new(&["succeeds"]);
    for arguments in ["env", "run suite.toml", "check suite.toml"] {
        let (code, _, stderr) = place.tchbench(arguments);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains("built without its engine"), "{stderr}");
    }
}

#[test]
fn check_reports_every_problem() {
    let place = Place::new(&["succeeds", "fails", "fails-too"]);
    fs::write(place.0.path().join("broken.toml"), "schema = 1\nname = \"broken\"\n").unwrap();
    let (code, stdout, stderr) =
        place.tchbench("check suite.toml broken.toml --device cpu --worker ./worker");
    insta::assert_snapshot!(format!("{stdout}--\n{stderr}[{code}]"));
}

#[test]
fn env_prints_the_fingerprint_of_a_record() {
    let place = Place::new(&[]);
    let (code, stdout, _) = place.tchbench("env --device cpu --threads 2 --worker ./worker --format json");
    assert_eq!(code, 0);
    let fingerprint: Fingerprint = serde_json::from_str(&stdout).unwrap();
    assert_eq!((fingerprint.engine.threads, fingerprint.engine.libtorch.as_str()), (2, "2.11.0"));
    let (_, stdout, _) = place.tchbench("env --device cpu --worker ./worker");
    assert!(stdout.contains("numerics class") && stdout.contains("2.11.0"), "{stdout}");
}
