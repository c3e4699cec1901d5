//! A link in the place of a file that tchbench writes never leads it to another file.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "support/records.rs"]
mod records;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::fake_worker;
use records::{record, run};
use tchbench::event::Event;
use tchbench::record::{EventLog, Folder, overwrite, write, write_in_turn};

const PRECIOUS: &str = "somebody else's\n";

/// A file that must stay as it is, and links to it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        fs::write(place.precious(), PRECIOUS).unwrap();
        place
    }

    fn precious(&self) -> PathBuf {
        self.0.path().join("precious")
    }

    fn link(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.precious(), &path).unwrap();
        path
    }

    fn assert_untouched(&self, by: &str) {
        assert_eq!(fs::read_to_string(self.precious()).unwrap(), PRECIOUS, "{by} wrote through a link");
    }

    /// The exit code and stderr of a run with a worker that does what the case's name says.
    fn tchbench(&self, arguments: &str) -> (i32, String) {
        let root = self.0.path();
        if !root.join("worker").exists() {
            symlink(fake_worker(), root.join("worker")).unwrap();
            let suite = "schema = 1\nname = 'suite'\n[defaults]\ndataset = 'glyphs'\nepochs = 2\nbatch = 32\n\
                         optimizer = { kind = 'sgd', lr = 0.1 }\n[[case]]\nname = 'succeeds'\n\
                         layers = [{ kind = 'flatten' }, { kind = 'dense', units = 10 }]\n";
            fs::write(root.join("suite.toml"), suite).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        let output = command.args(arguments.split_whitespace()).current_dir(root).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

fn told(path: &Path) -> String {
    format!(
        "{}: cannot write: it is a symbolic link, which is not followed for writing; remove the link",
        path.display()
    )
}

#[test]
fn a_link_in_place_of_a_lock_is_refused() {
    let place = Place::new();
    let folder = Folder::create(&place.0.path().join("results"), "run").unwrap();
    folder.write_run(&run(&[record("mlp", 16, 1, 0.9)], 0.5)).unwrap();
    let lock = place.link("results/run/lock");
    assert_eq!(folder.lock().unwrap_err().to_string(), told(&lock));
    place.link("results/lock");
    let (code, stderr) = place.tchbench("nightly suite.toml --profile none --worker ./worker");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&told(Path::new("results/lock"))), "{stderr}");
    place.assert_untouched("a lock");
}

#[test]
fn a_lock_keeps_what_is_in_its_file() {
    let place = Place::new();
    fs::create_dir(place.0.path().join("run")).unwrap();
    fs::hard_link(place.precious(), place.0.path().join("run/lock")).unwrap();
    tchbench::record::Lock::take(&place.0.path().join("run")).unwrap();
    place.assert_untouched("a lock");
}

#[test]
fn links_in_place_of_a_trials_files_are_refused_or_replaced() {
    let place = Place::new();
    let events = place.link("1.jsonl");
    assert_eq!(EventLog::open(&events).unwrap_err().to_string(), told(&events));
    let tensors = place.link("1.checkpoint-0.safetensors");
    assert_eq!(overwrite(&tensors, b"tensors").unwrap_err().to_string(), told(&tensors));
    let spare = place.link(".1.checkpoint.json.tmp");
    let checkpoint = place.0.path().join("1.checkpoint.json");
    assert_eq!(write_in_turn(&checkpoint, &record("mlp", 16, 1, 0.9)).unwrap_err().to_string(), told(&spare));
    let kept = place.link("1.json");
    write(&kept, &record("mlp", 16, 1, 0.9)).unwrap();
    assert!(!kept.is_symlink());
    place.assert_untouched("a trial");
}

#[test]
fn a_run_into_a_link_to_an_event_file_ends_with_its_name() {
    let place = Place::new();
    let (code, stderr) = place.tchbench("run suite.toml --name run --device cpu --quiet --worker ./worker");
    assert_eq!(code, 0, "{stderr}");
    let trial = place.0.path().join("results/run/trials/suite/succeeds");
    fs::remove_dir_all(&trial).unwrap();
    place.link("results/run/trials/suite/succeeds/1.jsonl");
    let (code, stderr) = place.tchbench("run --resume run --quiet --worker ./worker");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&told(Path::new("results/run/trials/suite/succeeds/1.jsonl"))), "{stderr}");
    place.assert_untouched("a run");
}

#[test]
fn a_linked_folder_within_a_run_is_not_cleared() {
    let place = Place::new();
    let folder = Folder::create(&place.0.path().join("results"), "run").unwrap();
    let theirs = place.0.path().join("theirs/work");
    fs::create_dir_all(&theirs).unwrap();
    fs::write(theirs.join(".draft.tmp"), PRECIOUS).unwrap();
    fs::create_dir(folder.path().join("trials")).unwrap();
    symlink(place.0.path().join("theirs"), folder.path().join("trials/suite")).unwrap();
    folder.lock().unwrap();
    assert!(theirs.join(".draft.tmp").exists());
}

#[test]
fn results_may_be_a_link() {
    let place = Place::new();
    fs::create_dir(place.0.path().join("elsewhere")).unwrap();
    symlink("elsewhere", place.0.path().join("results")).unwrap();
    let (code, stderr) = place.tchbench("run suite.toml --name run --device cpu --quiet --worker ./worker");
    assert_eq!(code, 0, "{stderr}");
    let path = place.0.path().join("elsewhere/run/trials/suite/succeeds/1.jsonl");
    let events = tchbench::record::read_events(&path).unwrap();
    assert!(matches!(events.last(), Some(Event::Finished(_))));
}
