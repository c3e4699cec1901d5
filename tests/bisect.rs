//! `tchbench bisect` on repositories whose programs are fake workers: each claims the times and the bits that its
//! commit gives it.

#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

#[path = "common/mod.rs"]
mod common;
#[path = "support/repository.rs"]
#[allow(dead_code)]
mod repository;

use repository::Repository;

/// What one of the commits does: it takes longer from `slower` on, has other bits and less accuracy from `other_bits` on, and
/// there is no program between `broken` ones. What each build adds to is committed from `locked` on.
struct History {
    commits: u32,
    slower: u32,
    other_bits: u32,
    broken: std::ops::Range<u32>,
    locked: u32,
}

const HISTORY: History = History { commits: 32, slower: 19, other_bits: 7, broken: 14..17, locked: 10 };

/// The build of this commit ends well, but leaves no program.
const RENAMED: u32 = 14;

/// A repository with these commits, a suite of one case, and the hash of each commit, counted from 1.
struct Place {
    place: tempfile::TempDir,
    repository: Repository,
    commits: Vec<String>,
}

impl Place {
    fn new(history: &History) -> Self {
        let place = common::place(&["drifts", "succeeds"], "optimizer = { kind = \"sgd\", lr = 0.1 }");
        let repository = Repository::new(&place.path().join("repository"));
        let worker = fs::read_to_string(common::fake_worker()).unwrap();
        let mut commits = vec![String::new()];
        for number in 1..=history.commits {
            let time = if number >= history.slower { "105" } else { "100" };
            let bits = if number >= history.other_bits { "ab" } else { "aa" };
            let accuracy = if number >= history.other_bits { "0.5}" } else { "0.875}" };
            let program = worker
                .replace("time=100\n", &format!("time={time}\n"))
                .replace(
                    r#""${2:-0.25}"',"accuracy":0.875}"#,
                    &format!(r#""${{2:-0.25}}"',"accuracy":{accuracy}"#),
                )
                .replace("\"trajectory\":\"aa\"", &format!("\"trajectory\":\"{bits}\""));
            assert!(program.contains(&format!("time={time}\n")) && program.contains(bits));
            let is_broken = history.broken.contains(&number);
            let state = if number == RENAMED { "renamed" } else { "broken" };
            repository.write("worker.sh", &format!("{program}# Commit {number}.\n"));
            repository.write("state", if is_broken { state } else { "whole" });
            if number == history.locked {
                repository.write("lock", "of the commit\n");
            }
            commits.push(repository.commit(&format!("commit {number}")));
        }
        repository.write("of-the-user", "not committed");
        // Notes each build, and writes to a file that git does not always track, as cargo does.
        let build = "echo built >> \"$BUILDS\"; echo >> lock; ! grep -q broken state || { echo 'error: it is broken'; exit 1; }; \
                     grep -q renamed state || install -D worker.sh target/program; echo >> state";
        fs::write(place.path().join("build.sh"), format!("#!/bin/sh\n{build}\n")).unwrap();
        fs::set_permissions(place.path().join("build.sh"), Permissions::from_mode(0o755)).unwrap();
        Place { place, repository, commits }
    }

    /// Searches between two commits, and leaves the user's working tree alone.
    fn bisect(&self, good: u32, bad: u32, options: &[&str]) -> Output {
        let before = self.repository.git(&["status", "--porcelain", "--branch"]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        let ends = [good, bad].map(|number| self.commits[number as usize].as_str());
        command.args(["bisect", "suite.toml", "--good", ends[0], "--bad", ends[1]]);
        command.args(["--repository", "repository", "--seconds", "0.1"]);
        if !options.contains(&"--program") {
            command.args(["--program", "target/program"]);
        }
        command.args(["--filter", "drifts"]).args(options);
        command.arg("--").arg(self.place.path().join("build.sh")).current_dir(self.place.path());
        let output = command.env("BUILDS", self.place.path().join("builds")).output().unwrap();
        assert_eq!(self.repository.git(&["status", "--porcelain", "--branch"]), before);
        assert_eq!(self.repository.git(&["worktree", "list"]).lines().count(), 1);
        output
    }

    fn builds(&self) -> usize {
        fs::read_to_string(self.place.path().join("builds")).unwrap().lines().count()
    }

    /// The note on the first bad commit, where it is this one.
    fn first_bad(&self, number: u32) -> String {
        format!("the first bad commit is {} (commit {number})", self.commits[number as usize])
    }
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn the_commit_that_takes_longer_is_found_in_few_builds() {
    let place = Place::new(&HISTORY);
    let output = place.bisect(1, 32, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains(&place.first_bad(HISTORY.slower)), "{text}");
    let ratio = "it takes 1.0500 times as long as its parent (1.0500 to 1.0500 with 95 %";
    assert!(text.contains(ratio), "{text}");
    // Both ends, five of 31 between them, and at most the three that are broken.
    let builds = place.builds();
    assert!((6..=10).contains(&builds), "{builds} builds: {text}");
    assert!(text.contains(&format!("{builds} builds")), "{text}");
    assert!(text.contains("does not build (exit status: 1): error: it is broken"), "{text}");
}

#[test]
fn the_commit_with_other_bits_is_found() {
    let place = Place::new(&HISTORY);
    let output = place.bisect(2, 13, &["--by", "bits", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let tables: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let notes = tables[0]["notes"].to_string();
    assert!(notes.contains(&place.first_bad(HISTORY.other_bits)), "{notes}");
    let rows = tables[0]["rows"].as_array().unwrap();
    let outcomes: Vec<&str> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(&outcomes[..2], ["good", "bad"]);
    assert_eq!(rows[1]["commit"], place.commits[13]);
    assert!(place.builds() <= 6, "{}", place.builds());
}

#[test]
fn the_commit_that_is_less_accurate_is_found() {
    let place = Place::new(&HISTORY);
    let output = place.bisect(1, 32, &["--by", "accuracy", "--seeds", "1-8"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains(&place.first_bad(HISTORY.other_bits)), "{}", stdout(&output));
}

#[test]
fn commits_that_cannot_be_told_apart_are_all_named() {
    let place = Place::new(&History { commits: 8, slower: 4, other_bits: 1, broken: 3..6, locked: 1 });
    let output = place.bisect(1, 8, &[]);
    assert_eq!(output.status.code(), Some(22), "{}", stderr(&output));
    let text = stdout(&output);
    let note = text.lines().find(|line| line.contains("is one of")).unwrap();
    let named = (3..=6).filter(|&number| note.contains(&place.commits[number][..12])).count();
    assert_eq!(named, 4, "{text}");
}

#[test]
fn what_cannot_be_bisected_says_why() {
    let place = Place::new(&HISTORY);
    let refused = |good, bad, options: &[&str]| {
        let output = place.bisect(good, bad, options);
        assert_eq!(stdout(&output), "");
        let last = stderr(&output).lines().last().unwrap().to_owned();
        (output.status.code().unwrap(), last)
    };
    let (code, why) = refused(1, 6, &[]);
    assert_eq!(code, 21);
    assert!(why.contains("no difference is shown between both ends"), "{why}");
    let (code, why) = refused(1, 6, &["--by", "bits"]);
    assert_eq!(code, 21);
    assert!(why.contains("both ends are no different by this test: the same bits"), "{why}");
    let (code, why) = refused(1, 15, &[]);
    assert_eq!(code, 3);
    assert!(why.contains("the bad commit") && why.contains("it is broken"), "{why}");
    // The program of the other end, which was built before, is not taken for it.
    let (code, why) = refused(RENAMED, 32, &[]);
    assert_eq!(code, 3);
    assert!(why.contains("the good commit") && why.contains("its build leaves no target/program"), "{why}");
    let (code, why) = refused(4, 4, &[]);
    assert_eq!(code, 2);
    assert!(why.ends_with("are one commit"), "{why}");
    let (code, why) = refused(1, 32, &["--program", "target/none"]);
    assert_eq!(code, 3);
    assert!(why.contains("its build leaves no target/none; name the program by --program"), "{why}");
    let (code, why) = refused(1, 32, &["--filter", "succeeds"]);
    assert_eq!(code, 2);
    assert!(why.contains("2 cases are selected; choose one by --filter"), "{why}");
}
