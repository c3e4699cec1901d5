//! What becomes of the work when the terminal, a pipe or a file that it is told to is gone, full or closed; with
//! workers played by `tests/fake-worker.sh`.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use tchbench::record::Folder;

/// A folder with `suite.toml`, of which every trial succeeds, and `worker`.
struct Place(tempfile::TempDir);

const SUITE: &str = "
    schema = 1
    name = 'suite'
    [defaults]
    dataset = 'glyphs'
    epochs = 2
    batch = 32
    optimizer = { kind = 'sgd', lr = 0.1 }
    [[case]]
    name = 'succeeds'
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 10 }]
";
const RUN: &str = "\"$tchbench\" run suite.toml --worker ./worker --name run";

/// Makes `pipe`, which has no reader any more in a command with `>pipe 3>&-`.
const WITHOUT_READER: &str = "mkfifo pipe; exec 3<>pipe;";

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(common::fake_worker(), place.0.path().join("worker")).unwrap();
        fs::write(place.0.path().join("suite.toml"), SUITE).unwrap();
        place
    }

    /// Where the run of [`RUN`] is done.
    fn after_a_run() -> Self {
        let place = Place::new();
        assert_eq!(place.sh(RUN).0, 0);
        place
    }

    /// The script's exit code, stdout and stderr.
    fn sh(&self, script: &str) -> (i32, String, String) {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.0.path()).stdin(Stdio::null());
        let output = command.env("tchbench", env!("CARGO_BIN_EXE_tchbench")).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Whether the run's only trial has a record that can be read.
    fn is_recorded(&self) -> bool {
        let (records, errors) = Folder::open(&self.0.path().join("results/run")).unwrap().read_trials();
        errors.is_empty() && records.len() == 1
    }
}

#[test]
fn a_run_is_done_whatever_becomes_of_stderr() {
    for stderr in ["2>&-", "2>/dev/full", "2>pipe 3>&-"] {
        let place = Place::new();
        let (code, stdout, _) = place.sh(&format!("{WITHOUT_READER} exec {RUN} {stderr}"));
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.contains("succeeds"), "{stderr}: {stdout}");
        assert!(place.is_recorded(), "{stderr}");
    }
}

#[test]
fn a_run_is_done_with_all_its_streams_closed() {
    let place = Place::new();
    assert_eq!(place.sh(&format!("exec {RUN} <&- >&- 2>&-")).0, 0);
    assert!(place.is_recorded());
    assert!(place.sh("\"$tchbench\" table run").1.contains("succeeds"));
}

#[test]
fn exit_codes_are_the_same_where_nothing_can_be_told() {
    let place = Place::new();
    for (arguments, code) in
        [("run nothing", 2), ("run --no-such-option", 2), ("table", 3), ("list suite.toml", 0)]
    {
        for stderr in ["", "2>&-", "2>/dev/full"] {
            assert_eq!(
                place.sh(&format!("\"$tchbench\" {arguments} {stderr}")).0,
                code,
                "{arguments} {stderr}"
            );
        }
    }
}

#[test]
fn a_full_disk_under_stdout_is_told_after_the_work_is_done() {
    let place = Place::new();
    let (code, _, stderr) = place.sh(&format!("{RUN} >/dev/full"));
    assert_eq!(code, 1, "{stderr}");
    insta::assert_snapshot!(stderr, @"
    [1/1] suite/succeeds/1: completed, test accuracy 0.8750, loss 0.2500, 192 samples/s, 1.2 s
    error: stdout: cannot write: No space left on device (os error 28)
    records: results/run
    ");
    assert!(place.is_recorded());

    let save = "\"$tchbench\" baseline save run --baselines kept >/dev/full";
    assert_eq!(place.sh(save).0, 1);
    assert_eq!(place.sh("\"$tchbench\" baseline list --baselines kept --format csv | wc -l").1.trim(), "2");
    for arguments in
        ["table run", "data list", "data verify glyphs", "list suite.toml", "--help", "--version"]
    {
        let (code, _, stderr) = place.sh(&format!("\"$tchbench\" {arguments} >/dev/full"));
        assert_eq!(code, 1, "{arguments}");
        assert_eq!(stderr.matches("stdout: cannot write").count(), 1, "{arguments}: {stderr}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = Place::after_a_run();
    for arguments in ["table run", "data verify glyphs", "list suite.toml", "--help"] {
        let script = format!("rm -f pipe; {WITHOUT_READER} exec \"$tchbench\" {arguments} >pipe 3>&-");
        assert_eq!(place.sh(&script), (0, String::new(), String::new()), "{arguments}");
    }
}
