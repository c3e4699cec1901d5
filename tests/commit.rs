//! Commits that results name: that of the program, and that of the user's own repository.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tchbench::compare::{SuiteChanges, diff};
use tchbench::event::{Commit, Program};
use tchbench::record::{Baseline, Folder, Provenance, TrialRecord};
use tchbench::report;

#[path = "common/mod.rs"]
mod common;
#[path = "support/records.rs"]
mod records;
#[path = "support/repository.rs"]
#[allow(dead_code)]
mod repository;

#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use repository::Repository;

/// A repository with the package that asks for the commit, and a program that prints what it was told.
fn program() -> (tempfile::TempDir, Repository) {
    let place = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = Repository::new(&place.path().join("program"));
    for file in ["commit/Cargo.toml", "commit/build.rs", "commit/src/lib.rs"] {
        repository.write(file, &fs::read_to_string(root.join(file)).unwrap());
    }
    repository.write(
        "Cargo.toml",
        "[package]\nname = \"printer\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[[bin]]\nname = \"printer\"\n\
         path = \"harness/main.rs\"\n[dependencies]\ntchbench-commit = { path = \"commit\" }\n",
    );
    repository.write(
        "harness/main.rs",
        "fn main() { println!(\"{:?} {}\", tchbench_commit::COMMIT, tchbench_commit::IS_CLEAN) }\n",
    );
    repository.write("README.md", "It prints.\n");
    repository.write(".gitignore", "/target\n");
    (place, repository)
}

/// What the program prints, and whether its build compiled anything.
fn built(folder: &Path) -> (String, bool) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--target-dir", "target"]).current_dir(folder);
    let output = cargo.env_remove("RUSTFLAGS").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let printed = Command::new(folder.join("target/debug/printer")).output().unwrap();
    (String::from_utf8(printed.stdout).unwrap().trim().to_owned(), stderr.contains("Compiling"))
}

fn printed(commit: &str, is_clean: bool) -> String {
    format!("{:?} {is_clean}", Some(commit))
}

#[test]
fn a_program_knows_its_commit_and_is_built_anew_only_where_that_changes() {
    let (_place, repository) = program();
    // Cargo.lock is written by the first build, and is one of the sources.
    let (nothing, _) = built(repository.folder());
    assert!(nothing.starts_with("None"), "{nothing}");
    let first = repository.commit("one");
    repository.write("harness/main.rs", &(repository.read("harness/main.rs") + "// changed\n"));
    let (changed, _) = built(repository.folder());
    assert_eq!(changed, printed(&first, false));
    assert_eq!(built(repository.folder()), (printed(&first, false), false));
    let second = repository.commit("two");
    assert_eq!(built(repository.folder()), (printed(&second, true), true));
    assert_eq!(built(repository.folder()), (printed(&second, true), false));
    // Another commit of the same sources is no other program.
    repository.write("README.md", "It prints a commit.\n");
    assert_eq!(built(repository.folder()), (printed(&second, true), false));
    repository.commit("three");
    assert_eq!(built(repository.folder()), (printed(&second, true), false));
}

#[test]
fn a_program_is_built_from_a_shallow_clone_and_from_no_repository() {
    let (place, repository) = program();
    built(repository.folder());
    repository.commit("one");
    repository.write("README.md", "It prints well.\n");
    let last = repository.commit("two");
    let clone = repository.shallow_clone(&place.path().join("clone"));
    assert_eq!(built(clone.folder()).0, printed(&last, true));
    fs::remove_dir_all(clone.folder().join(".git")).unwrap();
    fs::remove_dir_all(clone.folder().join("target")).unwrap();
    assert!(built(clone.folder()).0.starts_with("None"));
    // Within another repository that does not have it.
    let outer = Repository::new(place.path());
    outer.write("other", "");
    outer.git(&["add", "other"]);
    outer.git(&["commit", "--quiet", "--message", "other"]);
    fs::remove_dir_all(clone.folder().join("target")).unwrap();
    assert!(built(clone.folder()).0.starts_with("None"));
}

/// The record of a run of the suite in `folder`, whose worker is fake.
fn record(folder: &Path, name: &str, options: &[&str]) -> TrialRecord {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(["run", "suite.toml", "--worker", "./worker", "--results", "results", "--name", name]);
    let output = command.args(options).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = Folder::find(&folder.join("results"), name).unwrap();
    assert_eq!(run.read_run().unwrap().fingerprint.commit, run.read_trials().0[0].fingerprint.commit);
    run.read_trials().0.remove(0)
}

#[test]
fn records_name_the_commit_of_the_suite_or_the_one_that_is_given() {
    let place = common::place(&["succeeds"], "optimizer = { kind = \"sgd\", lr = 0.1 }");
    let folder = place.path();
    let commit = |name: &str, options: &[&str]| record(folder, name, options).fingerprint.commit;
    assert_eq!(commit("nowhere", &[]), None);
    let repository = Repository::new(folder);
    assert_eq!(commit("nothing", &[]), None);
    let id = repository.commit("a suite");
    assert_eq!(commit("clean", &[]), Some(Commit { id: id.clone(), clean: Some(true) }));
    repository.write("suite.toml", &(repository.read("suite.toml") + "\n# changed\n"));
    assert_eq!(commit("changed", &[]), Some(Commit { id, clean: Some(false) }));
    let given = Some(Commit { id: "v1.2".to_owned(), clean: None });
    assert_eq!(commit("given", &["--commit", "v1.2"]), given);
}

fn program_of(commit: &str) -> Program {
    Program {
        commit: Some(Commit { id: commit.repeat(40), clean: Some(true) }),
        digest: commit.repeat(40),
        libtorch_digest: "f".repeat(40),
    }
}

#[test]
fn commits_and_digests_decide_neither_machine_nor_software() {
    let old = records::fingerprint();
    let mut new = old.clone();
    new.engine.program = Some(program_of("a"));
    new.commit = Some(Commit { id: "b".repeat(40), clean: Some(false) });
    assert_eq!((new.digest(), new.machine()), (old.digest(), old.machine()));
    let all = tchbench::compare::fingerprint(&old, &new);
    assert!(all.iter().all(|field| !field.differs() && !field.name.contains("program")));
    // What only one of them tells is no change.
    assert_eq!(tchbench::compare::changes(&Provenance::from(&old), &Provenance::from(&new)), []);
    let mut newer = new.clone();
    newer.engine.program = Some(program_of("c"));
    newer.host.kernel = "6.2".to_owned();
    let changed = tchbench::compare::changes(&Provenance::from(&new), &Provenance::from(&newer));
    let names: Vec<&str> = changed.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["program's commit", "program's digest", "kernel"]);
    assert_eq!(changed[0].b.as_deref(), Some("cccccccccccc"));
}

#[test]
fn a_comparison_says_what_changed_besides_results() {
    let old = sides::side(vec![sides::case("mlp", &[(0.9, 0.1)])]);
    let mut new = old.clone();
    let notes = |new: &Baseline| {
        let pairs = [(old.clone(), new.clone())];
        let findings = diff(&pairs, &sides::terms());
        report::diff(&findings, &SuiteChanges::of(&pairs), &sides::terms()).remove(0).notes.join("\n")
    };
    assert!(!notes(&new).contains("changed since"), "{}", notes(&new));
    new.fingerprint.host.kernel = "6.2".to_owned();
    new.fingerprint.engine.libtorch = "2.12.0".to_owned();
    let changed = "changed since the baseline: libtorch is 2.12.0, was 2.11.0; kernel is 6.2, was 6.1";
    assert!(notes(&new).contains(changed), "{}", notes(&new));
}
