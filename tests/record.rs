//! Files on disk: what is written is read back, and nothing else is believed.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use records::{record, run};
use tchbench::event::Event;
use tchbench::record::{Error, EventLog, Folder, Run, TrialRecord, read, read_events, run_name, write};
use tchbench::valid::{Valid, Validate};

fn written(folder: &Path) -> PathBuf {
    let path = folder.join("1.json");
    write(&path, &record("mlp", 16, 1, 0.93)).unwrap();
    path
}

/// Why the file is refused, without the folder's name.
fn refusal(path: &Path) -> String {
    let error = read::<TrialRecord>(path).unwrap_err().to_string();
    error.replace(&path.display().to_string(), "FILE")
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in the file");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// What a file holds, whether or not it can be.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Unchecked(TrialRecord);

impl Validate for Unchecked {
    fn validate(&self) -> Valid {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_record_reads_back_to_the_bit(
        loss in any::<f64>(),
        accuracy in 0.0..=1.0,
        seconds in prop::num::f64::POSITIVE,
        rate in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        seed in any::<u64>(),
        error in any::<Option<String>>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record.json");
        let mut original = record("mlp", 16, seed, accuracy);
        original.error = error;
        original.epochs[0].train.loss = loss;
        original.epochs[0].train_seconds = seconds;
        original.epochs[0].learning_rate = rate;
        write(&path, &original).unwrap();
        let Unchecked(mut back) = read(&path).unwrap();
        prop_assert_eq!(back.epochs[0].learning_rate.to_bits(), rate.to_bits());
        if !loss.is_finite() {
            // Infinite and undefined losses are all `null`.
            prop_assert!(back.epochs[0].train.loss.is_nan());
            (original.epochs[0].train.loss, back.epochs[0].train.loss) = (0.0, 0.0);
        }
        prop_assert_eq!(back, original);
    }
}

#[test]
fn head_and_sha256sum_check_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let script =
        "head -n -2 \"$1\" | sha256sum | cut -c 1-64; tail -n 2 \"$1\" | head -n 1 | cut -d '\"' -f 4";
    let output = Command::new("sh").args(["-c", script, "sh"]).arg(&path).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let (computed, stated) = output.trim_end().split_once('\n').unwrap();
    assert_eq!((computed.len(), computed), (64, stated));
}

#[test]
fn what_was_edited_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    edit(&path, "\"accuracy\": 0.93", "\"accuracy\": 0.99");
    let error = refusal(&path);
    assert!(error.starts_with("FILE: digest ") && error.ends_with("edited or damaged"), "{error}");
}

#[test]
fn what_was_reformatted_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    fs::write(&path, value.to_string()).unwrap();
    insta::assert_snapshot!(refusal(&path), @"FILE: does not end in a `digest` line; it was edited or reformatted");
}

#[test]
fn what_was_cut_off_is_refused_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(read::<TrialRecord>(&path).is_err(), "{length} of {} bytes were believed", whole.len());
    }
    fs::write(&path, &whole[..40]).unwrap();
    assert!(refusal(&path).ends_with("it was cut off or is no record"), "{}", refusal(&path));
}

#[test]
fn another_version_is_refused_before_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    edit(&path, "\"minor\": 6", "\"minor\": 7");
    insta::assert_snapshot!(refusal(&path), @"FILE: format 1.7, but this tchbench reads 1.0 to 1.6; use the tchbench that wrote it or a newer one");
    edit(&path, "\"major\": 1", "\"major\": 0");
    insta::assert_snapshot!(refusal(&path), @"FILE: format 0.7, but this tchbench reads 1.0 to 1.6; use the tchbench that wrote it or a newer one");
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.json");
    fs::write(&path, "{\"a\": 1}").unwrap();
    insta::assert_snapshot!(refusal(&path), @"FILE: no field `format` with `major` and `minor`; it is no record of tchbench");
    write(&path, &run(&[record("mlp", 16, 1, 0.9)], 0.9)).unwrap();
    assert!(refusal(&path).starts_with("FILE: missing field `trial`"), "{}", refusal(&path));
    let missing = folder.path().join("missing.json");
    assert!(matches!(read::<TrialRecord>(&missing), Err(Error::Read { .. })));
}

#[test]
fn a_record_replaces_an_older_one_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let path = folder.path().join("1.json");
    write(&path, &record("mlp", 16, 1, 0.5)).unwrap();
    assert_eq!(read::<TrialRecord>(&path).unwrap().finished.unwrap().test.unwrap().accuracy, 0.5);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/below/1.json");
    let error = write(&path, &record("mlp", 16, 1, 0.5)).unwrap_err();
    assert!(matches!(error, Error::Write { .. }), "{error}");
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
}

/// Needs root, to mount a file system that is small enough to fill.
#[test]
fn a_full_disk_is_named_and_keeps_the_old_record() {
    let folder = tempfile::tempdir().unwrap();
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(folder.path()).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no right to mount a small tmpfs");
        return;
    }
    let path = written(folder.path());
    let mut large = record("mlp", 16, 1, 0.5);
    large.error = Some("x".repeat(100_000));
    let full = write(&path, &large);
    let kept = read::<TrialRecord>(&path);
    let left = fs::read_dir(folder.path()).unwrap().count();
    Command::new("umount").arg(folder.path()).status().unwrap();
    let error = full.unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert_eq!((kept.unwrap().error, left), (None, 1));
}

#[test]
fn a_run_and_its_trials_are_found_again() {
    let root = tempfile::tempdir().unwrap();
    let all = [record("mlp", 16, 10, 0.92), record("mlp", 16, 9, 0.93), record("cnn", 32, 1, 0.99)];
    let folder = Folder::create(&root.path().join("results"), "2026-11-22T134500Z-smoke").unwrap();
    folder.write_run(&run(&all, 0.9)).unwrap();
    for record in &all {
        folder.write_trial(record).unwrap();
    }
    let folder = Folder::open(folder.path()).unwrap();
    assert_eq!(folder.read_run().unwrap(), run(&all, 0.9));
    let (read, errors) = folder.read_trials();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(read, [all[2].clone(), all[1].clone(), all[0].clone()]);
    assert_eq!(folder.read_trial("smoke", "mlp", 9).unwrap().as_ref(), Some(&all[1]));
    assert_eq!(folder.read_trial("smoke", "mlp", 11).unwrap(), None);
}

#[test]
fn one_bad_record_does_not_hide_the_others() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::create(root.path(), "run").unwrap();
    for seed in 1..=3 {
        folder.write_trial(&record("mlp", 16, seed, 0.9)).unwrap();
    }
    edit(&folder.record_path("smoke", "mlp", 2), "\"status\": \"completed\"", "\"status\": \"failed\"");
    fs::rename(folder.record_path("smoke", "mlp", 3), folder.record_path("smoke", "mlp", 4)).unwrap();
    let (read, errors) = folder.read_trials();
    assert_eq!(read.len(), 1);
    assert!(matches!(errors[..], [Error::Digest { .. }, Error::Misplaced { .. }]), "{errors:?}");
    assert!(errors[1].to_string().ends_with("holds the record of smoke/mlp/3; put it back under that name"));
}

#[test]
fn names_say_when_and_what_and_do_not_collide() {
    let began = "2026-11-22T13:45:00.25Z".parse().unwrap();
    assert_eq!(run_name(began, &["smoke"]), "2026-11-22T134500Z-smoke");
    assert_eq!(run_name(began, &["c", "d"]), "2026-11-22T134500Z-c+d");
    let long = "x".repeat(90);
    assert_eq!(run_name(began, &[&long, &long, &long]), format!("2026-11-22T134500Z-{long}+2-more"));
    let longest = "n".repeat(150);
    for suites in [&[longest.as_str()][..], &[&longest, &longest]] {
        assert!(run_name(began, suites).parse::<tchbench::recipe::Name>().is_ok(), "{suites:?}");
    }
    let root = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..3).map(|_| Folder::create(root.path(), "a").unwrap().name()).collect();
    assert_eq!(names, ["a", "a-2", "a-3"]);
}

#[test]
fn the_latest_run_is_the_one_made_last() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(Folder::find(root.path(), "latest"), Err(Error::NoRuns { .. })));
    assert!(matches!(Folder::find(&root.path().join("none"), "latest"), Err(Error::NoRuns { .. })));
    let write = |name: &str, began: &str| {
        let run = Run { began: began.parse().unwrap(), ..run(&[], 0.9) };
        Folder::create(root.path(), name).unwrap().write_run(&run).unwrap();
    };
    let latest = || Folder::latest(root.path()).unwrap();
    write("2027-01-01T000000Z-renamed", "2025-01-01T00:00:00Z");
    write("published", "2026-11-22T13:45:00Z");
    write("a-9", "2026-11-22T13:45:01Z");
    write("a-10", "2026-11-22T13:45:01Z");
    Folder::create(root.path(), "2027-01-01T000000Z-empty").unwrap();
    assert_eq!(latest().folder.name(), "a-10");
    assert_eq!(Folder::find(root.path(), "latest").unwrap().name(), "a-10");
    // What is not ours, and what cannot be read.
    write(".hidden", "2027-01-01T00:00:00Z");
    fs::write(root.path().join("a-10/run.json"), "{").unwrap();
    assert_eq!(latest().folder.name(), "a-9");
    assert!(matches!(latest().unreadable[..], [Error::Syntax { .. }]));
    assert_eq!(Folder::find(root.path(), "published").unwrap().name(), "published");
    assert!(matches!(Folder::find(root.path(), "other"), Err(Error::NoRun { .. })));
}

#[test]
fn a_second_run_in_a_folder_is_refused_until_the_first_process_dies() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::create(root.path(), "run").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "holds_a_lock", "--ignored", "--nocapture"])
        .env("TCHBENCH_TEST_FOLDER", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("locked")), "the child got no lock");
    let refused = folder.lock();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(refused, Err(Error::Locked { .. })), "{refused:?}");
    folder.lock().unwrap();
}

/// The other process of the test above: holds the lock until it is killed.
#[test]
#[ignore = "started by another test"]
fn holds_a_lock() {
    let Some(folder) = std::env::var_os("TCHBENCH_TEST_FOLDER") else { return };
    let path = PathBuf::from(folder);
    fs::write(path.join("run.json"), "").unwrap();
    let _lock = Folder::open(&path).unwrap().lock().unwrap();
    println!("locked");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_lock_clears_away_what_was_half_written() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::create(root.path(), "run").unwrap();
    folder.write_trial(&record("mlp", 16, 1, 0.9)).unwrap();
    let left = folder.record_path("smoke", "mlp", 1).with_file_name(".x1y2.tmp");
    fs::write(&left, "{").unwrap();
    let lock = folder.lock().unwrap();
    assert!(!left.exists());
    assert!(matches!(folder.lock(), Err(Error::Locked { .. })));
    drop(lock);
    folder.lock().unwrap();
}

#[test]
fn a_torn_last_line_of_events_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smoke/mlp/1.jsonl");
    let record = record("mlp", 16, 1, 0.9);
    let epochs: Vec<Event> = record.epochs.into_iter().map(Event::Epoch).collect();
    let mut log = EventLog::open(&path).unwrap();
    log.append(&epochs[0]).unwrap();
    log.append(&Event::Step { epoch: 2, step: 1, steps: 120 }).unwrap();
    drop(log);
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"event\":\"epo").unwrap();
    assert_eq!(read_events(&path).unwrap(), epochs[..1]);
    EventLog::open(&path).unwrap().append(&epochs[1]).unwrap();
    assert_eq!(read_events(&path).unwrap(), epochs);
}

#[test]
fn a_broken_line_of_events_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.jsonl");
    fs::write(&path, "{\"event\":\"checked\",\"loss\":null}\n{\"event\":\"other\"}\n").unwrap();
    let error = read_events(&path).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("{}:2: not an event: unknown variant `other`", path.display())),
        "{error}"
    );
}
