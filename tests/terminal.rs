//! What becomes of the work when the terminal, a pipe or a file that it is told to is gone, full or closed, and how
//! a terminal's width is found; with workers played by `tests/fake-worker.sh`.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::FromRawFd;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::ptr;

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

    /// What a command shows on a terminal of so many columns, line by line.
    fn on_terminal(&self, columns: u16, arguments: &str, variable: Option<&str>) -> Vec<String> {
        let size = libc::winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let (mut ours, mut theirs) = (-1, -1);
        // SAFETY: both are written if it succeeds, and owned by nobody else.
        let (mut shown, terminal) = unsafe {
            assert_eq!(libc::openpty(&mut ours, &mut theirs, ptr::null_mut(), ptr::null(), &size), 0);
            (File::from_raw_fd(ours), File::from_raw_fd(theirs))
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_remove("COLUMNS");
        command.envs(variable.map(|columns| ("COLUMNS", columns)));
        let mut child = command.stdin(Stdio::null()).stdout(terminal).spawn().unwrap();
        drop(command);
        let mut bytes = Vec::new();
        // Once the last of its other side is closed, a terminal can no more be read.
        let _ = shown.read_to_end(&mut bytes);
        assert!(child.wait().unwrap().success());
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
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
    for (arguments, code) in [
        ("run nothing --worker ./worker", 3),
        ("run --no-such-option", 2),
        ("table", 3),
        ("list suite.toml", 0),
    ] {
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

#[test]
fn a_table_fits_its_terminal() {
    let place = Place::after_a_run();
    let widest = |columns, variable| {
        let lines = place.on_terminal(columns, "table run", variable);
        assert!(lines.iter().any(|line| line.contains("succeeds")));
        lines.iter().map(|line| line.chars().count()).max().unwrap()
    };
    let whole = widest(1000, None);
    assert!(whole > 80, "{whole}");
    for (columns, variable, most) in [
        (60, None, 60),
        (0, None, 80),
        (0, Some("70"), 70),
        (60, Some("72"), 72),
        (0, Some("0"), 80),
        (0, Some("x"), 80),
    ] {
        let width = widest(columns, variable);
        assert!(width <= most && width > most - 20, "{columns} {variable:?}: {width}");
    }
}

#[test]
fn the_latest_run_is_told_where_it_is_from_the_future_or_others_cannot_be_read() {
    let place = Place::after_a_run();
    let table = "\"$tchbench\" table latest";
    assert_eq!(place.sh(table).2, "");
    let folder = |name: &str| Folder::create(&place.0.path().join("results"), name).unwrap();
    fs::write(folder("damaged").path().join("run.json"), "{").unwrap();
    let mut run = Folder::open(&place.0.path().join("results/run")).unwrap().read_run().unwrap();
    run.began = "2999-01-01T00:00:00Z".parse().unwrap();
    folder("future").write_run(&run).unwrap();
    let (code, _, stderr) = place.sh(table);
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!(stderr, @"
    note: looking for the latest run: results/damaged/run.json: not a whole JSON file (EOF while parsing an object at line 1 column 1); it was cut off or is no record
    note: the latest run, results/future, began in the future of this machine's clock: 2999-01-01T00:00:00Z
    nothing to show: no records yet
    ");
}

/// As a file manager, an editor and a network file system leave them.
#[test]
fn files_of_others_between_ours_are_passed_over() {
    let place = Place::after_a_run();
    let clutter =
        "for folder in results results/run results/run/trials results/run/trials/suite/succeeds suites; do
        mkdir -p $folder; for name in .DS_Store ._1.json .nfs0001 1.json~ '#1.json#' ._other.toml; do
        echo x > $folder/$name; done; mkdir -p $folder/@eaDir/x.json; done";
    assert_eq!(place.sh(clutter).0, 0);
    for arguments in ["table run", "table latest", "claims latest", "run --resume run --worker ./worker"] {
        let (code, _, stderr) = place.sh(&format!("\"$tchbench\" {arguments}"));
        assert_eq!((code, stderr.contains("x.json") || stderr.contains("error")), (0, false), "{stderr}");
    }
}
