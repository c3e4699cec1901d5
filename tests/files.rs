//! Files that are not what they should be: no regular ones, much too large, with paths that cannot be
//! told; and files that two processes want at once. Nothing hangs, and no file of others is lost.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "support/records.rs"]
mod records;
#[path = "support/sealed.rs"]
mod sealed;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::fake_worker;
use records::{record, run};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use sealed::reseal;
use tchbench::files;
use tchbench::record::Folder;

/// A folder with `suite.toml`, `worker` and the run `results/run`.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(fake_worker(), place.path("worker")).unwrap();
        fs::write(place.path("suite.toml"), suite("")).unwrap();
        let folder = Folder::create(&place.path("results"), "run").unwrap();
        folder.write_run(&run(&[record("mlp", 16, 1, 0.9)], 0.5)).unwrap();
        folder.write_trial(&record("mlp", 16, 1, 0.9)).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn record(&self) -> PathBuf {
        self.path("results/run/trials/smoke/mlp/1.json")
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn tchbench(&self, arguments: &str) -> (i32, String) {
        told(self.command(arguments).output().unwrap())
    }
}

/// The exit code and stderr.
fn told(output: Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn suite(more: &str) -> String {
    format!(
        "schema = 1\nname = 'suite'\n[defaults]\ndataset = 'glyphs'\nepochs = 2\nbatch = 32\n\
         optimizer = {{ kind = 'sgd', lr = 0.1 }}\n[[case]]\nname = 'succeeds'\n\
         layers = [{{ kind = 'flatten' }}, {{ kind = 'dense', units = 10 }}]\n{more}"
    )
}

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::from(0o666), 0).unwrap();
}

/// A file of this size that takes no space.
fn sparse(path: &Path, size: u64) {
    File::create(path).unwrap().set_len(size).unwrap();
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let place = Place::new();
    let refusal = "cannot read: it is a pipe, not a regular file; put a file in its place";
    fs::create_dir_all(place.path("baselines/smoke")).unwrap();
    pipe(&place.path("baselines/smoke/cpu-native.json"));
    let (code, stderr) = place.tchbench("diff run");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&format!("cpu-native.json: {refusal}")), "{stderr}");

    pipe(&place.record());
    let (code, stderr) = place.tchbench("table run");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&format!("1.json: {refusal}")), "{stderr}");

    fs::create_dir(place.path("results/history")).unwrap();
    pipe(&place.path("results/history/smoke.jsonl"));
    let (code, stderr) = place.tchbench("history smoke");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&format!("smoke.jsonl: {refusal}")), "{stderr}");

    pipe(&place.path("results/run/lock"));
    let locked = Folder::open(&place.path("results/run")).unwrap().lock().unwrap_err().to_string();
    assert!(
        locked.ends_with("lock: cannot write: it is a pipe, not a regular file; put a file in its place")
    );
}

#[test]
fn a_device_in_a_files_place_is_refused() {
    let place = Place::new();
    fs::remove_file(place.record()).unwrap();
    symlink("/dev/zero", place.record()).unwrap();
    let (code, stderr) = place.tchbench("table run");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("1.json: cannot read: it is a device, not a regular file"), "{stderr}");
}

#[test]
fn what_is_much_too_large_is_refused_before_it_is_read() {
    let place = Place::new();
    sparse(&place.record(), files::RECORD + 1);
    let (code, stderr) = place.tchbench("table run");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("1.json: cannot read: it has more than 67108864 bytes"), "{stderr}");

    sparse(&place.path("suite.toml"), 1 << 40);
    let (code, stderr) = place.tchbench("list suite.toml");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("suite.toml: it has more than 1048576 bytes"), "{stderr}");
}

#[test]
fn a_number_of_an_epoch_costs_nothing() {
    let place = Place::new();
    reseal(&place.record(), |text| text.replacen("\"epoch\": 2,", "\"epoch\": 4294967295,", 1));
    // Whatever is said of it, it is said at once: counting to it took an hour.
    for verb in ["plot run --kind curves --out curves.svg", "table run --epochs", "table run --compare"] {
        let (code, stderr) = place.tchbench(verb);
        assert!([0, 3].contains(&code), "{verb}: {stderr}");
    }
}

#[test]
fn twenty_thousand_mistakes_are_told_in_linear_time() {
    let place = Place::new();
    let unknown: String = (0..20_000).map(|number| format!("k{number} = 1\n")).collect();
    fs::write(place.path("suite.toml"), suite(&unknown)).unwrap();
    let (code, stderr) = place.tchbench("list suite.toml");
    assert_eq!(code, 3);
    assert!(stderr.contains("suite.toml:11:1: case.succeeds.k0: no such key"), "{stderr}");
    assert!(stderr.ends_with("suite.toml: and 19980 more\n"), "{stderr}");
    assert_eq!(stderr.lines().count(), 21, "{stderr}");
}

#[test]
fn rows_that_multiply_a_case_without_bound_are_refused() {
    let place = Place::new();
    let layers: String = (0..2_000).map(|_| "{ kind = 'flatten' }, ").collect();
    let rows: String = (0..2_000).map(|row| format!("{{ n = {row} }}, ")).collect();
    let case = format!("[[case]]\nname = 'x{{n}}'\nlayers = [{layers}]\neach = [{rows}]\n");
    fs::write(place.path("suite.toml"), suite(&case)).unwrap();
    let (code, stderr) = place.tchbench("list suite.toml");
    assert_eq!(code, 3);
    assert!(stderr.contains("case.each: its rows make more than 1000000 values"), "{stderr}");
}

#[test]
fn a_results_folder_that_workers_cannot_be_told_of_is_refused() {
    let place = Place::new();
    let odd = place.0.path().join(OsStr::from_bytes(b"r\xff"));
    for verb in [
        "run suite.toml --device cpu --quiet --worker ./worker",
        "nightly suite.toml --profile none --worker ./worker",
    ] {
        let (code, stderr) = told(place.command(verb).arg("--results").arg(&odd).output().unwrap());
        assert_eq!(code, 3, "{verb}: {stderr}");
        assert!(stderr.contains("this path is not UTF-8, so no run can be written here"), "{verb}: {stderr}");
        assert!(!odd.exists(), "{verb}");
    }
    fs::rename(place.path("results"), &odd).unwrap();
    let (code, stderr) = told(place.command("table run").arg("--results").arg(&odd).output().unwrap());
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn other_paths_need_not_be_utf_8() {
    let place = Place::new();
    let odd = place.0.path().join(OsStr::from_bytes(b"odd\xff"));
    fs::create_dir(&odd).unwrap();
    fs::copy(place.path("suite.toml"), odd.join("suite.toml")).unwrap();
    let mut command = place.command("run --name odd --device cpu --quiet --worker ./worker");
    command.arg(odd.join("suite.toml")).arg("--data").arg(&odd);
    command.env("TMPDIR", &odd).env("XDG_CACHE_HOME", &odd);
    let (code, stderr) = told(command.output().unwrap());
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn of_two_runs_with_one_name_one_is_refused() {
    let place = Place::new();
    let begin = || {
        let mut command = place.command("run suite.toml --name twin --device cpu --quiet --worker ./worker");
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [begin(), begin()].map(|child| told(child.wait_with_output().unwrap()));
    let mut codes = both.clone().map(|(code, _)| code);
    codes.sort_unstable();
    assert_eq!(codes, [0, 2], "{both:?}");
    assert!(both.iter().any(|(_, stderr)| stderr.contains("twin is there already; give another --name")));
}

#[test]
fn of_two_saves_of_one_baseline_one_is_refused() {
    let place = Place::new();
    for _ in 0..5 {
        let save = || place.command("baseline save run").stderr(Stdio::piped()).spawn().unwrap();
        let both = [save(), save()].map(|child| told(child.wait_with_output().unwrap()));
        let mut codes = both.clone().map(|(code, _)| code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 3], "{both:?}");
        assert!(both.iter().any(|(_, stderr)| stderr.contains("there is a baseline already")), "{both:?}");
        fs::remove_dir_all(place.path("baselines")).unwrap();
    }
}

#[test]
fn a_page_is_written_over_pages_alone() {
    let place = Place::new();
    let verb = concat!("page run --out notes.md --suites ", env!("CARGO_MANIFEST_DIR"), "/suites");
    fs::write(place.path("notes.md"), "my notes\n").unwrap();
    let (code, stderr) = place.tchbench(verb);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("--out notes.md: what is there is no page; give another name"), "{stderr}");
    assert_eq!(fs::read_to_string(place.path("notes.md")).unwrap(), "my notes\n");
    assert!(!place.path("notes").exists());
    fs::remove_file(place.path("notes.md")).unwrap();
    for _ in 0..2 {
        let (code, stderr) = place.tchbench(verb);
        assert_eq!(code, 0, "{stderr}");
    }
}
