//! `tchbench robustness`, with workers played by `tests/fake-worker.sh`, and with the real engine.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "support/interruptible.rs"]
mod interruptible;
#[path = "support/records.rs"]
mod records;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{is_alive, pids};
use interruptible::interruptible;
use rustix::process::{Pid, Signal, kill_process};
use tchbench::event::{Score, Transformed};
use tchbench::recipe::transform::{Transform, TransformKind};
use tchbench::record::{Error, Folder, Format, KeptWeights, Robustness, TrialRecord, Weights};
use tchbench::report::{self, render, robustness, robustness_charts, robustness_rows};
use tchbench::runner::{Bench, Interrupt, Launcher, Scores, ScoringTask, Silent, score};

fn transform(kind: TransformKind, strength: f64) -> Transform {
    Transform::new(kind, strength).unwrap()
}

/// Examines these fake trials, once they are trained: what was saved by case, and how others failed.
fn examined(bench: &common::Bench, interrupt: &Interrupt) -> (Vec<(String, Scores)>, Vec<String>) {
    bench.run(2, &Interrupt::default(), &mut Silent).unwrap();
    let records: Vec<TrialRecord> = bench.plan.trials.iter().map(|trial| bench.record(&trial.case)).collect();
    let kept = KeptWeights { path: "1.weights.safetensors".into(), tested: "bb".to_owned(), best: None };
    let transforms = vec![transform(TransformKind::Rotate, 0.0), transform(TransformKind::Rotate, 15.0)];
    let task = |record| {
        let (weights, transforms) = (Weights::Tested(kept.clone()), transforms.clone());
        ScoringTask { record, weights, transforms }
    };
    let tasks: Vec<ScoringTask> = records.iter().map(task).collect();
    let setting = Bench {
        launcher: &Launcher::new(bench.worker()),
        engine: &bench.plan.engine,
        commit: None,
        datasets: &bench.datasets,
        interrupt,
    };
    let (mut saved, mut ticks) = (Vec::new(), 0);
    let mut save = |index: usize, found: Scores| {
        saved.push((records[index].trial.case.to_string(), found));
        Ok(())
    };
    let failed = score(&setting, &tasks, 2, &mut save, &mut || ticks += 1).unwrap();
    saved.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(ticks, saved.iter().map(|(_, found)| found.transformed.len()).sum::<usize>());
    let mut failed: Vec<String> =
        failed.iter().map(|failed| format!("{}: {}", failed.trial, failed.fault)).collect();
    failed.sort();
    (saved, failed)
}

#[test]
fn every_trial_is_examined_and_what_fails_keeps_what_it_said() {
    let bench = common::Bench::new(&[
        "succeeds",
        "succeeds-then-drifts",
        "succeeds-then-errs",
        "succeeds-then-fails",
        "succeeds-then-stops-short",
    ]);
    let (saved, failed) = examined(&bench, &Interrupt::default());
    let counts: Vec<(&str, usize)> =
        saved.iter().map(|(case, found)| (case.as_str(), found.transformed.len())).collect();
    assert_eq!(counts, [("succeeds", 2), ("succeeds-then-fails", 1), ("succeeds-then-stops-short", 1)]);
    let (_, found) = &saved[0];
    assert_eq!(found.test, Score { loss: 0.25, accuracy: 0.875 });
    assert_eq!(found.transformed[1].transform, transform(TransformKind::Rotate, 15.0));
    assert_eq!(
        failed,
        [
            "fake/succeeds-then-drifts/1: the worker was stopped: on unchanged test images it has accuracy 0.875 and \
             loss 0.26, but its record says 0.875 and 0.25",
            "fake/succeeds-then-errs/1: the worker was stopped: it answered what was not asked",
            "fake/succeeds-then-fails/1: the weights are odd",
            "fake/succeeds-then-stops-short/1: the worker ended before it had finished",
        ]
    );
}

#[test]
fn an_interrupt_ends_workers_and_keeps_what_they_said() {
    let bench = common::Bench::new(&["succeeds-then-hangs"]);
    let interrupt = Arc::new(Interrupt::default());
    let (saved, failed) = thread::scope(|scope| {
        scope.spawn(|| {
            while bench.pids().is_empty() {
                thread::sleep(Duration::from_millis(5));
            }
            interrupt.stop();
        });
        examined(&bench, &interrupt)
    });
    assert_eq!((saved.len(), failed.len()), (1, 0));
    assert_eq!(saved[0].1.transformed.len(), 1);
    assert!(bench.pids().iter().all(|&pid| !is_alive(pid)));
}

/// Of a trial with these accuracies, one a direction.
fn kept(case: &str, seed: u64, scored: &[(TransformKind, f64, &[f64])]) -> Robustness {
    let record = records::record(case, 16, seed, 0.75);
    let score = |&accuracy: &f64| Score { loss: 1.0 - accuracy, accuracy };
    let transformed = |&(kind, strength, accuracies): &(TransformKind, f64, &[f64])| Transformed {
        transform: transform(kind, strength),
        scores: accuracies.iter().map(score).collect(),
    };
    let mut robustness = Robustness {
        format: Format::CURRENT,
        weights: record.finished.unwrap().weights,
        trial: record.trial,
        test: score(&0.75),
        transformed: Vec::new(),
        fingerprint: record.fingerprint,
        began: record.began,
    };
    robustness.add(scored.iter().map(transformed).collect());
    robustness
}

/// Two seeds of one case, one of which lacks a strength, and another case.
fn all() -> Vec<Robustness> {
    use TransformKind::{Rotate, Translate};
    vec![
        kept("mlp", 1, &[(Rotate, 15.0, &[0.5, 0.75]), (Rotate, 0.0, &[0.75])]),
        kept("mlp", 2, &[(Rotate, 0.0, &[0.875]), (Rotate, 15.0, &[0.5, 0.5]), (Rotate, 90.0, &[0.25, 0.0])]),
        kept("rnn", 1, &[(Rotate, 0.0, &[1.0]), (Translate, 1.5, &[0.5, 0.75, 0.75, 1.0])]),
    ]
}

#[test]
fn tables_pool_directions_then_seeds() {
    let (people, programs) = (robustness(&all()), [robustness_rows(&all())]);
    insta::assert_snapshot!("robustness_as_text", render(&people, report::TableFormat::TEXT, None));
    insta::assert_snapshot!("robustness_as_markdown", render(&people, report::TableFormat::MARKDOWN, None));
    insta::assert_snapshot!("robustness_as_csv", render(&programs, report::TableFormat::CSV, None));
}

#[test]
fn charts_have_a_series_for_each_case() {
    let charts = robustness_charts(&all());
    let names: Vec<&str> = charts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["rotate", "translate"]);
    let chart = &charts[0].1;
    let series: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(series, ["mlp", "rnn"]);
    assert_eq!(chart.x.ticks, Some(vec![0.0, 15.0, 90.0]));
    let line = report::chart::Mark::Line(vec![[0.0, 81.25], [15.0, 56.25], [90.0, 12.5]]);
    assert!(chart.series[0].marks.contains(&line), "{:?}", chart.series[0].marks);
}

#[test]
fn what_is_kept_reads_back_in_its_own_place_only() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::create(root.path(), "run").unwrap();
    let one =
        kept("mlp", 1, &[(TransformKind::Scale, 1.5, &[0.5]), (TransformKind::Scale, 0.1 + 0.2, &[0.25])]);
    assert!(folder.read_robustness("smoke", "mlp", 1).unwrap().is_none());
    folder.write_robustness(&one).unwrap();
    let back = folder.read_robustness("smoke", "mlp", 1).unwrap().unwrap();
    let strengths: Vec<f64> = back.transformed.iter().map(|scored| scored.transform.strength).collect();
    assert_eq!(strengths, [0.1 + 0.2, 1.5]);
    assert!(back.is_of(&records::record("mlp", 16, 1, 0.75)));
    assert!(!back.is_of(&records::record("mlp", 32, 1, 0.75)));

    let place = |seed| folder.robustness_path("smoke", "mlp", seed);
    fs::copy(place(1), place(2)).unwrap();
    let error = folder.read_robustness("smoke", "mlp", 2).unwrap_err();
    assert!(matches!(error, Error::Misplaced { .. }), "{error}");
    let (read, errors) = folder.read_all_robustness();
    assert_eq!((read.len(), errors.len()), (1, 1));
}

/// Starts the program in a folder.
fn start(place: &Path, arguments: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(arguments.split_whitespace()).current_dir(place).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    interruptible(&mut command).spawn().unwrap()
}

/// Exit code, stdout, stderr.
fn ended(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn tchbench(place: &Path, arguments: &str) -> (i32, String, String) {
    ended(start(place, arguments))
}

/// A folder with a suite of linear models.
fn place(cases: &[&str]) -> tempfile::TempDir {
    common::place(
        cases,
        "train_samples = 300\ntest_samples = 200\noptimizer = { kind = \"adam\", lr = 1e-2 }",
    )
}

/// A folder with a run of these cases and seeds by the fake worker, which needs nothing in the weights.
fn ran(cases: &[&str], seeds: &[u64]) -> (tempfile::TempDir, Folder) {
    let place = place(cases);
    let list = seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let run = format!("run suite.toml --device cpu --worker ./worker --name run --seeds {list}");
    assert_eq!(tchbench(place.path(), &run).0, 0);
    let folder = Folder::open(&place.path().join("results/run")).unwrap();
    for case in cases {
        for &seed in seeds {
            fs::write(folder.weights_path("suite", case, seed), "").unwrap();
        }
    }
    (place, folder)
}

#[test]
fn ctrl_c_leaves_what_is_done_and_the_same_command_goes_on() {
    let (place, folder) = ran(&["succeeds", "succeeds-then-hangs"], &[3, 4]);
    let place = place.path();
    let command = "robustness run --worker ./worker --jobs 1 --rotate 0,45";
    let running = start(place, command);
    while pids(&fs::read_to_string(place.join("log")).unwrap_or_default()).is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    let (exit, stdout, stderr) = ended(running);
    assert_eq!((exit, stdout.as_str()), (130, ""), "{stderr}");
    assert!(stderr.contains("what was scored is kept; the same command goes on"), "{stderr}");
    let (all, _) = folder.read_all_robustness();
    let found: Vec<(&str, usize)> =
        all.iter().map(|one| (one.trial.case.as_str(), one.transformed.len())).collect();
    assert_eq!(found, [("succeeds", 2), ("succeeds", 2), ("succeeds-then-hangs", 1)]);

    // The fake worker hangs but once.
    let (exit, stdout, stderr) = tchbench(place, &format!("{command} --format csv"));
    assert_eq!(exit, 0, "{stderr}");
    assert!(
        stdout.contains("\nsuite,glyphs,succeeds-then-hangs,rotate,45,2,0.75,0,0.75,0.5,0\n"),
        "{stdout}"
    );
}

/// Of two runs at once the second keeps what the first has scored since the second began, or says that
/// the folder is in use.
#[test]
fn scores_of_two_runs_at_once_are_all_kept() {
    let (place, folder) = ran(&["succeeds"], &[3]);
    let place = place.path();
    for _ in 0..10 {
        fs::remove_dir_all(place.join("results/run/robustness")).ok();
        let both = ["--rotate 10", "--scale 0.5"]
            .map(|what| start(place, &format!("robustness run --worker ./worker {what}")));
        let exits = both.map(|one| {
            let (exit, _, stderr) = ended(one);
            assert!(exit == 0 || stderr.contains("another tchbench is running in this folder"), "{stderr}");
            exit
        });
        let kept = folder.read_robustness("suite", "succeeds", 3).unwrap().unwrap();
        assert_eq!(kept.transformed.len(), exits.iter().filter(|exit| **exit == 0).count());
    }
}

/// What cannot be read is complained of, and hides nothing else.
#[test]
fn a_damaged_file_hides_no_other_scores() {
    let (place, folder) = ran(&["succeeds", "succeeds-too"], &[3]);
    let place = place.path();
    let robustness = "robustness run --worker ./worker --rotate 10";
    let (exit, whole, stderr) = tchbench(place, robustness);
    assert_eq!(exit, 0, "{stderr}");
    fs::write(folder.robustness_path("suite", "succeeds", 3), "{").unwrap();
    let (exit, rest, stderr) = tchbench(place, robustness);
    assert_eq!(exit, 3);
    assert!(stderr.contains("robustness/suite/succeeds/3.json"), "{stderr}");
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("succeeds")).count();
    assert_eq!((rows(&whole), rows(&rest)), (2, 1), "{rest}");
}

/// Scores of another machine's numerics are scored anew, and lost only once that is done.
#[test]
fn scores_of_another_numerics_class_are_replaced_as_a_whole() {
    let (place, folder) = ran(&["succeeds", "succeeds-then-hangs"], &[3]);
    let place = place.path();
    let (exit, _, stderr) = tchbench(
        place,
        "robustness run --worker ./worker --filter suite/succeeds --rotate 0,10,20 --scale 0.5",
    );
    assert_eq!(exit, 0, "{stderr}");
    let read = |case| folder.read_robustness("suite", case, 3).unwrap();
    let mut of_another = read("succeeds").unwrap();
    of_another.fingerprint.engine.numerics_class = "another".to_owned();
    folder.write_robustness(&of_another).unwrap();
    let mut hangs = of_another.clone();
    let record = folder.read_trial("suite", "succeeds-then-hangs", 3).unwrap().unwrap();
    hangs.trial = record.trial;
    hangs.weights = record.finished.unwrap().weights;
    folder.write_robustness(&hangs).unwrap();

    let command = "robustness run --worker ./worker --jobs 1 --rotate 30";
    let running = start(place, &format!("{command} --filter suite/succeeds-then-hangs"));
    while pids(&fs::read_to_string(place.join("log")).unwrap_or_default()).is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    let (exit, _, stderr) = ended(running);
    assert_eq!(exit, 130, "{stderr}");
    assert_eq!(read("succeeds-then-hangs"), Some(hangs));

    assert_eq!(tchbench(place, command).0, 0);
    let strengths = |case| -> Vec<f64> {
        read(case).unwrap().transformed.iter().map(|scored| scored.transform.strength).collect()
    };
    for case in ["succeeds", "succeeds-then-hangs"] {
        assert_eq!(strengths(case), [0.5, 0.0, 10.0, 20.0, 30.0], "{case}");
        assert_ne!(read(case).unwrap().fingerprint.engine.numerics_class, "another");
    }
}

#[test]
fn what_is_asked_wrongly_is_answered_clearly() {
    let place = place(&["succeeds", "fails"]);
    let place = place.path();
    assert_eq!(tchbench(place, "run suite.toml --device cpu --worker ./worker --name run").0, 5);
    let (exit, stdout, stderr) = tchbench(place, "robustness run --worker ./worker");
    assert_eq!((exit, stdout.as_str()), (3, ""), "{stderr}");
    assert!(
        stderr.contains(
            "error: results/run/trials/suite/succeeds/3.weights.safetensors: the weights are not here; train it with \
             `tchbench run --keep-weights`"
        ),
        "{stderr}"
    );
    assert!(stderr.contains("note: suite/fails/3 was not tested and is left out"), "{stderr}");
    let (exit, _, stderr) = tchbench(place, "robustness run --filter nothing");
    assert_eq!(exit, 4);
    assert!(stderr.contains("results/run: no record matches"), "{stderr}");
    let (exit, stdout, stderr) = tchbench(place, "robustness run --filter suite/fails");
    assert_eq!((exit, stdout.as_str()), (4, ""));
    assert!(stderr.contains("of the records that match, none was tested"), "{stderr}");
    for (options, what) in [
        ("--scale 0", "0 is no scale factor: give from 0.1 to 10"),
        ("--rotate 1,x", "`x` is no number"),
        ("--out curves.pdf", "give a file that ends in .svg or .png"),
    ] {
        let (exit, _, stderr) = tchbench(place, &format!("robustness run {options}"));
        assert_eq!(exit, 2);
        assert!(stderr.contains(what), "{stderr}");
    }
}

/// A trained run, scored by the real engine.
#[cfg(feature = "torch")]
mod scored {
    use super::*;

    const RUN: &str = "run suite.toml --device cpu --keep-weights --name run";

    fn trained() -> (tempfile::TempDir, Folder) {
        let place = place(&["linear"]);
        assert_eq!(tchbench(place.path(), RUN).0, 0);
        let folder = Folder::open(&place.path().join("results/run")).unwrap();
        (place, folder)
    }

    #[test]
    fn the_neutral_strengths_are_the_records_own_score_and_others_are_pooled() {
        let (place, folder) = trained();
        let command =
            "robustness run --scale 1,0.5 --rotate 0,90 --translate 0,28 --format json --out curves.svg";
        let (exit, stdout, stderr) = tchbench(place.path(), command);
        assert_eq!(exit, 0, "{stderr}");
        let tables: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(tables[0]["rows"].as_array().unwrap().len(), 6);
        let (all, errors) = folder.read_all_robustness();
        assert!(errors.is_empty());
        let (records, _) = folder.read_trials();
        for (one, record) in all.iter().zip(&records) {
            assert!(one.is_of(record));
            let recorded = record.finished.as_ref().unwrap().test.unwrap();
            assert_eq!(one.test, recorded);
            let scores =
                |kind: TransformKind, strength| &one.under(transform(kind, strength)).unwrap().scores;
            for kind in TransformKind::ALL {
                assert_eq!(scores(kind, kind.neutral()), &[recorded]);
            }
            let smaller = scores(TransformKind::Scale, 0.5);
            assert!(smaller.len() == 1 && smaller[0].accuracy < recorded.accuracy, "{smaller:?}");
            assert_eq!(scores(TransformKind::Rotate, 90.0).len(), 2);
            // Nothing is left of any image: one class is answered, and no direction differs.
            let gone = scores(TransformKind::Translate, 28.0);
            assert_eq!(gone, &[gone[0]; 4]);
            assert!(gone[0].accuracy < 0.2, "{gone:?}");
        }
        for kind in ["scale", "rotate", "translate"] {
            let svg = fs::read_to_string(place.path().join(format!("curves-{kind}.svg"))).unwrap();
            assert!(svg.contains("suite on glyphs"), "{svg}");
        }

        // From records alone: no weights, and a worker that cannot be started.
        for record in &records {
            let path = folder.weights_path("suite", &record.trial.case, record.trial.seed);
            fs::remove_file(path).unwrap();
        }
        let (exit, again, stderr) = tchbench(place.path(), &format!("{command} --worker /nowhere"));
        assert_eq!((exit, again), (0, stdout), "{stderr}");
    }

    #[test]
    fn only_what_is_lacking_is_scored() {
        let (place, folder) = trained();
        assert_eq!(tchbench(place.path(), "robustness run --rotate 45").0, 0);
        let before = folder.read_robustness("suite", "linear", 3).unwrap().unwrap();
        let (exit, stdout, stderr) = tchbench(place.path(), "robustness run --rotate 10,45 --format csv");
        assert_eq!(exit, 0, "{stderr}");
        assert!(stderr.contains("suite/linear/3: scored under 1 transform"), "{stderr}");
        assert_eq!(stdout.lines().count(), 3, "{stdout}");
        let after = folder.read_robustness("suite", "linear", 3).unwrap().unwrap();
        assert_eq!((after.transformed.len(), after.began), (2, before.began));
        assert_eq!(after.transformed[1], before.transformed[0]);
        let (exit, stdout, _) = tchbench(place.path(), "robustness run --rotate 10 --format csv");
        assert_eq!((exit, stdout.lines().count()), (0, 2), "only what is asked for is shown: {stdout}");
    }

    #[test]
    fn weights_that_are_not_the_records_are_refused_and_others_scored() {
        let (place, folder) = trained();
        fs::copy(folder.weights_path("suite", "linear", 3), folder.weights_path("suite", "linear", 4))
            .unwrap();
        let (exit, stdout, stderr) = tchbench(place.path(), "robustness run --rotate 0 --format csv");
        assert_eq!(exit, 3);
        assert!(stdout.contains("linear,rotate,0,1,"), "{stdout}");
        assert!(
            stderr.contains("error: suite/linear/4: ")
                && stderr.contains("not the weights of this trial's record"),
            "{stderr}"
        );
        fs::write(folder.robustness_path("suite", "linear", 3), "{}").unwrap();
        let (exit, _, stderr) = tchbench(place.path(), "robustness run --rotate 0");
        assert_eq!(exit, 3);
        assert!(stderr.contains("robustness/suite/linear/3.json: "), "{stderr}");
    }
}
