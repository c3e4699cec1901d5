//! Nights on disk, and what is shown of them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use tchbench::event::{Commit, Program};
use tchbench::record::{Format, History, Mean, Night, Provenance, StepTime, Verdicts};
use tchbench::report::{TableFormat, history, render};

#[path = "support/records.rs"]
mod records;

/// The night of day `day` of November: accuracy in percent, milliseconds a step.
fn night(day: i8, case: &str, accuracy: f64, step: f64) -> Night {
    let began = jiff::civil::date(2026, 11, day).at(2, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    let mean = |mean| Mean { mean, deviation: Some(0.001), seeds: 2 };
    Night {
        format: Format::CURRENT,
        began: began.timestamp(),
        run: format!("2026-11-{day:02}T020000Z-smoke").parse().unwrap(),
        suite: "smoke".parse().unwrap(),
        case: case.parse().unwrap(),
        identity: "a".repeat(64),
        numerics_class: "c".repeat(64),
        device_class: "cpu-native".parse().unwrap(),
        machine: "0123456789ab".to_owned(),
        accuracy: Some(mean(accuracy / 100.0)),
        loss: Some(mean(0.1)),
        step: Some(StepTime {
            seconds: step / 1e3,
            calibrated: Some(step / 2.0),
            spread: Some(0.01),
            samples_per_second: 64e3 / step,
        }),
        verdicts: Some(Verdicts { accuracy: "identical".to_owned(), throughput: "unchanged".to_owned() }),
        provenance: None,
    }
}

/// A day's step time in milliseconds: 1 % slower or faster by turns, and 10 % slower from day 10 on.
fn step(day: i8) -> f64 {
    let slower = if day < 10 { 1.0 } else { 1.1 };
    slower * (1.0 + [0.01, -0.01, 0.0][day as usize % 3])
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    fn history(&self) -> History {
        History::of(self.folder.path())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("history/smoke.jsonl")
    }

    fn show(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.arg("history").args(args).arg("--results").arg(self.folder.path()).output().unwrap()
    }
}

fn add(path: &Path, text: &str) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn a_level_that_changed_is_named_with_its_night() {
    let mut nights: Vec<Night> = (1..=20).map(|day| night(day, "mlp", 97.5, step(day))).collect();
    nights[11].accuracy = None;
    nights[12].step = None;
    nights[13].verdicts = None;
    insta::assert_snapshot!(render(&history(&nights, 14), TableFormat::TEXT, None));
}

fn made_by(commit: char, libtorch: &str) -> Provenance {
    let commit = Commit { id: commit.to_string().repeat(40), clean: Some(true) };
    Provenance {
        commit: None,
        program: Some(Program {
            commit: Some(commit),
            digest: "d".repeat(40),
            libtorch_digest: libtorch.to_owned(),
        }),
        libtorch: libtorch.to_owned(),
        ..Provenance::from(&records::fingerprint())
    }
}

#[test]
fn a_change_point_names_what_changed_since_the_night_before() {
    let mut nights: Vec<Night> = (1..=20).map(|day| night(day, "mlp", 97.5, step(day))).collect();
    for night in &mut nights {
        let day = night.began.strftime("%d").to_string();
        night.provenance = match day.as_str() {
            "08" | "09" => Some(made_by('b', "2.10.0")),
            day if day < "08" => Some(made_by('a', "2.10.0")),
            _ => Some(made_by('c', "2.11.0")),
        };
    }
    // The last night before the change that was measured is compared, not one in between.
    nights[8].step = None;
    let tables = history(&nights, 30);
    let note = tables[0].notes.iter().find(|note| note.contains("since")).unwrap();
    assert_eq!(
        note,
        "throughput -9.12 % since 2026-11-10 (run 2026-11-10T020000Z-smoke): program's commit is cccccccccccc, was \
         bbbbbbbbbbbb; libtorch's digest is 2.11.0, was 2.10.0; libtorch is 2.11.0, was 2.10.0"
    );
    let text = render(&tables, TableFormat::CSV, None);
    assert!(text.lines().nth(1).unwrap().contains(&"a".repeat(40)), "{text}");
}

#[test]
fn programs_get_every_value() {
    let nights: Vec<Night> = (1..=15).map(|day| night(day, "mlp", 97.5, step(day))).collect();
    let text = render(&history(&nights, 6), TableFormat::JSON, None);
    let tables: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = tables[0]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0]["throughput_step"].as_f64().map(|step| (step * 100.0).round()), Some(-9.0));
    assert!(rows[1]["throughput_step"].is_null());
    assert_eq!(rows[5]["accuracy"], 0.975);
    assert_eq!(rows[5]["run"], "2026-11-15T020000Z-smoke");
}

#[test]
fn no_change_point_lies_across_another_machine_or_experiment() {
    let points = |nights: &[Night]| -> String {
        let tables = history(nights, 30);
        tables[0].notes.iter().filter(|note| note.contains("since")).cloned().collect()
    };
    let mut nights: Vec<Night> = (1..=20).map(|day| night(day, "mlp", 97.0, step(day))).collect();
    for night in &mut nights[9..] {
        night.accuracy.as_mut().unwrap().mean = 0.95;
    }
    let both = points(&nights);
    assert!(both.contains("test accuracy -2.00 points since 2026-11-10"), "{both}");
    assert!(both.contains("throughput -9."), "{both}");
    for night in &mut nights[9..] {
        night.machine = "another".to_owned();
    }
    assert!(points(&nights).starts_with("test accuracy") && !points(&nights).contains("throughput"));
    for night in &mut nights[9..] {
        night.identity = "b".repeat(64);
    }
    assert_eq!(points(&nights), "");
    assert!(
        render(&history(&nights, 30), TableFormat::CSV, None)
            .lines()
            .nth(10)
            .unwrap()
            .contains(",0.95,0.001,2,,")
    );
}

#[test]
fn a_night_is_told_once_and_a_torn_line_is_taken_away() {
    let place = Place::new();
    let (first, second) = (night(1, "mlp", 97.0, 1.0), night(2, "mlp", 97.0, 1.0));
    place.history().append(std::slice::from_ref(&first)).unwrap();
    // Killed in the middle of the second night's second line.
    place.history().append(std::slice::from_ref(&second)).unwrap();
    add(&place.file(), "{\"format\":{\"major\":1,");
    assert_eq!(place.history().read("smoke").unwrap().0, [first.clone(), second.clone()]);
    let other = night(2, "gru", 98.0, 1.0);
    place.history().append(&[second.clone(), other.clone()]).unwrap();
    let (nights, errors) = place.history().read("smoke").unwrap();
    assert_eq!(nights, [first, second, other]);
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn nights_that_end_at_once_are_all_kept() {
    let place = Place::new();
    thread::scope(|scope| {
        for day in 1..=20 {
            let history = place.history();
            scope
                .spawn(move || history.append(&[night(day, "mlp", 97.0, 1.0), night(day, "gru", 97.0, 1.0)]));
        }
    });
    let (nights, errors) = place.history().read("smoke").unwrap();
    assert_eq!((nights.len(), errors.len()), (40, 0));
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_shown() {
    let place = Place::new();
    place.history().append(&[night(1, "mlp", 97.0, 1.0)]).unwrap();
    add(&place.file(), "half a line\n");
    let newer = serde_json::to_string(&night(2, "mlp", 97.0, 1.0)).unwrap();
    add(&place.file(), &(newer.replace(r#""major":1"#, r#""major":2"#) + "\n"));
    place.history().append(&[night(3, "mlp", 98.0, 1.0)]).unwrap();
    let shown = place.show(&[]);
    assert_eq!(shown.status.code(), Some(3));
    assert!(stdout(&shown).contains("2026-11-01") && stdout(&shown).contains("2026-11-03"));
    let lines: Vec<&str> = stderr(&shown).lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("smoke.jsonl:2: not a night's line"), "{}", lines[0]);
    assert!(lines[1].contains("smoke.jsonl:3: ") && lines[1].contains("format 2.6"), "{}", lines[1]);
}

#[test]
fn cases_and_suites_are_chosen() {
    let place = Place::new();
    let none = place.show(&[]);
    assert_eq!(none.status.code(), Some(3));
    assert!(stderr(&none).contains("no history here yet"), "{}", stderr(&none));
    place.history().append(&[night(1, "mlp", 97.0, 1.0), night(1, "gru", 97.0, 1.0)]).unwrap();
    let shown = |args: &[&str]| {
        let output = place.show(args);
        let titles = stdout(&output).lines().filter(|line| line.starts_with("smoke/"));
        (titles.map(str::to_owned).collect::<Vec<_>>(), output.status.code().unwrap())
    };
    assert_eq!(shown(&[]), (vec!["smoke/gru".to_owned(), "smoke/mlp".to_owned()], 0));
    assert_eq!(shown(&["g*"]), (vec!["smoke/gru".to_owned()], 0));
    assert_eq!(shown(&["smoke/mlp", "--suite", "smoke"]), (vec!["smoke/mlp".to_owned()], 0));
    assert_eq!(shown(&["lstm"]), (vec![], 4));
    assert_eq!(shown(&["--suite", "other"]).1, 3);
}
