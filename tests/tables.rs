//! What `tchbench table` shows, in each of its forms.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use records::{of_another_class, record, run, unsuccessful};
use tchbench::analysis::{Outcome, check};
use tchbench::metrics::Metric;
use tchbench::record::{Folder, Run, Status, TrialRecord};
use tchbench::report::{Cell, Column, Table, TableFormat, architectures, epochs, explanation, render};

/// Three cases of which one did not go well, and a seed that has no record.
fn results() -> (Run, Vec<TrialRecord>) {
    let mut all = vec![
        record("mlp", 16, 1, 0.93),
        record("mlp", 16, 2, 0.94),
        record("wide", 512, 1, 0.9731),
        record("wide", 512, 2, 0.9702),
        unsuccessful(record("gru", 32, 1, 0.5), Status::Diverged, 1, ""),
        unsuccessful(record("gru", 32, 2, 0.5), Status::Failed, 0, "worker killed by signal 9"),
        record("late", 8, 1, 0.9),
        record("late", 8, 2, 0.9),
        record("never", 8, 1, 0.9),
    ];
    let run = run(&all, 0.935);
    all.truncate(7);
    (run, all)
}

fn shown(format: TableFormat) -> String {
    let (run, records) = results();
    render(&architectures(&[run], &records), format, None)
}

#[test]
fn architectures_as_text() {
    insta::assert_snapshot!(shown(TableFormat::TEXT));
}

#[test]
fn architectures_as_markdown() {
    insta::assert_snapshot!(shown(TableFormat::MARKDOWN));
}

#[test]
fn architectures_as_csv() {
    insta::assert_snapshot!(shown(TableFormat::CSV));
}

#[test]
fn architectures_as_json() {
    insta::assert_snapshot!(shown(TableFormat::JSON));
}

#[test]
fn a_narrow_terminal_breaks_the_table_and_loses_nothing() {
    let (run, records) = results();
    let tables = architectures(&[run], &records);
    let table = Table { notes: Vec::new(), ..tables[0].clone() };
    let text = render(&[table], TableFormat::TEXT, Some(72));
    assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_trial_epoch_by_epoch() {
    let records =
        [record("mlp", 16, 1, 0.93), unsuccessful(record("gru", 32, 1, 0.5), Status::OutOfMemory, 1, "")];
    insta::assert_snapshot!(render(&epochs(&records), TableFormat::TEXT, None));
}

#[test]
fn different_experiments_of_one_name_are_not_pooled() {
    let other = of_another_class(record("mlp", 16, 2, 0.95));
    let records = [record("mlp", 16, 1, 0.93), record("mlp", 32, 2, 0.96), other];
    insta::assert_snapshot!(render(&architectures(&[], &records), TableFormat::TEXT, None));
}

/// Processors of one numerics class compute the same bits, at speeds of their own.
#[test]
fn processors_of_one_class_share_the_accuracy_and_not_the_speed() {
    let mut records = [1, 2, 3].map(|seed| record("mlp", 16, seed, 0.9 + seed as f64 / 100.0)).to_vec();
    let slow = &mut records[1];
    slow.fingerprint.host.cpu = "Another CPU".to_owned();
    for epoch in &mut slow.epochs {
        epoch.train_seconds *= 10.0;
        epoch.train_cpu_seconds *= 10.0;
    }
    slow.finished.as_mut().unwrap().wall_seconds *= 10.0;
    insta::assert_snapshot!(render(&architectures(&[], &records), TableFormat::TEXT, None));

    let run = run(&records, 0.915);
    let claims = |metric: Metric, records: &[TrialRecord]| {
        let mut run = run.clone();
        run.suites[0].cases[0].claims.iter_mut().for_each(|claim| claim.metric = metric);
        let found = check(&[run], records).into_iter();
        found.map(|one| (one.case, one.measured.map_or(0, |all| all.count), one.outcome)).collect::<Vec<_>>()
    };
    assert_eq!(claims(Metric::TEST_ACCURACY, &records), [("mlp".to_owned(), 3, Outcome::Met)]);
    let by_processor = |outcome| {
        [("mlp on Test CPU @ 2.00GHz".to_owned(), 2, outcome), ("mlp on Another CPU".to_owned(), 1, outcome)]
    };
    assert_eq!(claims(Metric::THROUGHPUT, &records), by_processor(Outcome::Met));
    // What one of them did not record may be of either.
    let short = claims(Metric::THROUGHPUT, &records[..2]);
    assert!(
        short.iter().all(|(_, count, outcome)| (*count, *outcome) == (1, Outcome::Unmeasured)),
        "{short:?}"
    );

    // Of two classes nothing is pooled.
    records[1] = of_another_class(records[1].clone());
    let apart = claims(Metric::TEST_ACCURACY, &records);
    assert_eq!(apart.iter().map(|(_, count, _)| *count).collect::<BTreeSet<_>>(), BTreeSet::from([1, 2]));
}

#[test]
fn records_of_one_seed_count_once() {
    let mut again = record("mlp", 16, 1, 0.95);
    again.began = "2026-11-23T00:00:00Z".parse().unwrap();
    again.finished.as_mut().unwrap().weights = "f".repeat(64);
    let failed = unsuccessful(record("mlp", 16, 2, 0.9), Status::Failed, 1, "lost");
    let records = [again, record("mlp", 16, 1, 0.93), record("mlp", 16, 2, 0.97), failed];
    insta::assert_snapshot!(render(&architectures(&[], &records), TableFormat::TEXT, None));
}

#[test]
fn validation_ranks_where_nothing_was_tested() {
    let mut untested = record("mlp", 16, 1, 0.93);
    untested.finished.as_mut().unwrap().test = None;
    let mut validated = untested.clone();
    for record in [&mut untested, &mut validated] {
        record.epochs[1].validation = record.epochs.first().map(|epoch| epoch.train);
    }
    let title = |records: &[TrialRecord]| architectures(&[], records)[0].title.clone();
    assert_eq!(title(&[untested.clone()]), "smoke on glyphs, ranked by validation accuracy");
    untested.epochs[1].validation = None;
    untested.trial.case = "other".parse().unwrap();
    assert_eq!(title(&[validated, untested]), "smoke on glyphs, ranked by train accuracy");
}

#[test]
fn what_could_break_a_form_is_quoted() {
    let cells = ["a,b", "say \"x\"", "two\nlines", "a|b", "plain"];
    let columns = vec![
        Column::label("text", "text", |text: &&str| Cell::text(text)),
        Column::detail("number", |_| Cell::Number(f64::NAN, 2)),
    ];
    let table = Table::new("quoting", columns, cells);
    let tables = [table];
    insta::assert_snapshot!(render(&tables, TableFormat::CSV, None), @r#"
    text,number
    "a,b",NaN
    "say ""x""",NaN
    "two
    lines",NaN
    a|b,NaN
    plain,NaN
    "#);
    insta::assert_snapshot!(render(&tables, TableFormat::MARKDOWN, None), @r#"
    **quoting**

    | text |
    | :--- |
    | a,b |
    | say "x" |
    | two lines |
    | a\|b |
    | plain |
    "#);
}

/// The program, in a folder of its own that holds one run.
fn program(arguments: &[&str], spoil: impl FnOnce(&Folder)) -> Output {
    let root = tempfile::tempdir().unwrap();
    let (run, records) = results();
    let folder = Folder::create(&root.path().join("results"), &run.name).unwrap();
    folder.write_run(&run).unwrap();
    records.iter().for_each(|record| folder.write_trial(record).unwrap());
    spoil(&folder);
    Command::new(env!("CARGO_BIN_EXE_tchbench")).args(arguments).current_dir(root.path()).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn the_program_shows_the_latest_run() {
    let output = program(&["table"], |_| {});
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn csv_holds_one_table_however_many_runs() {
    let name = "2026-11-22T134500Z-smoke";
    let output =
        program(&["table", name, "latest", "results/2026-11-22T134500Z-smoke", "--format", "csv"], |_| {});
    let columns: Vec<usize> = stdout(&output).lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [29; 5]);
}

#[test]
fn epochs_of_all_trials_make_one_csv() {
    let output = program(&["table", "--epochs", "--format", "csv"], |_| {});
    let rows: Vec<&str> = stdout(&output).lines().skip(1).collect();
    assert_eq!(rows.len(), 11, "two epochs of five trials, one of the diverged: {output:?}");
    assert!(rows[0].starts_with("smoke,gru,1,1,0.45,0.55,,,0.001,1.6,7500,"), "{}", rows[0]);
}

#[test]
fn a_full_stdout_is_a_failure_and_a_closed_one_is_not() {
    let table = |stdout: std::fs::File| {
        let root = tempfile::tempdir().unwrap();
        let (run, records) = results();
        let folder = Folder::create(root.path(), &run.name).unwrap();
        folder.write_run(&run).unwrap();
        folder.write_trial(&records[0]).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(["table", "--results"]).arg(root.path()).stdout(stdout).output().unwrap().status.code()
    };
    assert_eq!(table(fs::OpenOptions::new().write(true).open("/dev/full").unwrap()), Some(1));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(table(std::os::fd::OwnedFd::from(writer).into()), Some(0));
}

#[test]
fn json_is_json() {
    let output = program(&["table", "--format", "json"], |_| {});
    let tables: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(tables[0]["rows"][0]["accuracy"].as_f64(), Some((0.9731 + 0.9702) / 2.0));
    assert_eq!(tables[1]["title"], "claims against measured");
}

#[test]
fn an_unreadable_record_is_named_and_the_rest_shown() {
    let output = program(&["table"], |folder| {
        fs::write(folder.record_path("smoke", "mlp", 1), "{").unwrap();
    });
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).contains("smoke/mlp, seed 1: no record"), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("mlp/1.json: not a whole JSON file"), "{error}");
}

#[test]
fn an_unknown_run_is_bad_input() {
    let output = program(&["table", "yesterday"], |_| {});
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        error,
        "error: yesterday: no run here (there is no run.json in it: a run that was killed before it wrote one left nothing)\n"
    );
}

/// The note of a table for people names the tensors that differ; programs get a row for each.
#[test]
fn tensors_have_rows_for_programs_and_a_note_for_people() {
    let with = |digest: &str| {
        let mut record = record("mlp", 16, 1, 0.93);
        record.epochs[1].tensors.insert("layers.1.weight".to_owned(), digest.repeat(64));
        record
    };
    let one = with("1");
    let other = with("2");
    let shown = |format| render(&[explanation("two".to_owned(), &one, &other, false, format)], format, None);
    let rows = |format| shown(format).matches("tensors after epoch 2").count();
    let formats = [TableFormat::TEXT, TableFormat::MARKDOWN, TableFormat::CSV, TableFormat::JSON];
    assert_eq!(formats.map(rows), [0, 0, 1, 1]);
    for format in [TableFormat::TEXT, TableFormat::MARKDOWN] {
        assert!(shown(format).contains("layers.1.weight"), "{}", shown(format));
    }
}
