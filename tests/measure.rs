//! `tchbench measure` and `tchbench ab`, with workers played by `tests/fake-worker.sh`, and with the
//! real engine.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{fake_worker, is_alive};
use tchbench::record::{Calibration, Folder, Measurement, Method, Paired, read};
use tchbench::runner::{Bench, Interrupt, Launcher, MeasuredCase, Measurements, measure};

const METHOD: Method = Method { processes: 2, rounds: 3, round_seconds: 0.005, seed: 1 };

/// Measures these fake cases; gives what was saved, too.
fn measured(bench: &common::Bench, interrupt: &Interrupt) -> (Measurements, Vec<Measurement>) {
    let subject = |trial: &_| MeasuredCase { trial: Clone::clone(trial), attempt: 1, slowdown: 0.0 };
    let subjects: Vec<MeasuredCase> = bench.plan.trials.iter().map(subject).collect();
    let setting = Bench {
        launcher: &Launcher::new(bench.worker()),
        engine: &bench.plan.engine,
        commit: None,
        datasets: &bench.datasets,
        interrupt,
    };
    let mut saved = Vec::new();
    let mut save = |measurement: &Measurement| {
        saved.push(measurement.clone());
        Ok(())
    };
    let measured = measure(&setting, &subjects, &METHOD, &mut save, &mut || {}).unwrap();
    (measured, saved)
}

#[test]
fn every_case_gets_fresh_processes_and_all_rounds() {
    let bench = common::Bench::new(&["succeeds-a", "succeeds-b"]);
    let (measured, saved) = measured(&bench, &Interrupt::default());
    assert!(measured.failed.is_empty() && !measured.interrupted);
    assert_eq!(measured.measurements.len(), 2);
    for measurement in &measured.measurements {
        assert_eq!((measurement.processes.len(), measurement.method), (2, METHOD));
        for process in &measurement.processes {
            assert!(process.steady && process.warmup.len() >= 3);
            assert_eq!(process.rounds.len(), 3);
            // 1 ms a step, 5 ms a round.
            assert!(process.rounds.iter().all(|round| round.steps == 5 && round.samples == 160));
        }
    }
    // Each case after each pass.
    let processes: Vec<usize> = saved.iter().map(|measurement| measurement.processes.len()).collect();
    assert_eq!(processes, [1, 1, 2, 2]);
    assert_eq!(bench.log().matches("begin").count(), 4);
}

#[test]
fn a_case_that_fails_is_given_up_and_the_others_go_on() {
    let bench = common::Bench::new(&["fails", "succeeds", "crashes", "miscounts"]);
    let (measured, _) = measured(&bench, &Interrupt::default());
    let cases: Vec<&str> = measured.measurements.iter().map(|found| found.trial.case.as_str()).collect();
    assert_eq!(cases, ["succeeds"]);
    let told: Vec<String> =
        measured.failed.iter().map(|failed| format!("{}: {}", failed.trial, failed.fault)).collect();
    assert_eq!(
        told,
        [
            "fake/fails/1: the dataset is odd",
            "fake/crashes/1: the worker crashed: SIGSEGV, a bad memory access (signal 11)",
            "fake/miscounts/1: the worker was stopped: it answered what was not asked",
        ]
    );
}

#[test]
fn an_interrupt_ends_a_measurement_and_its_workers() {
    let bench = common::Bench::new(&["hangs", "succeeds"]);
    let interrupt = Arc::new(Interrupt::default());
    let (measured, saved) = thread::scope(|scope| {
        scope.spawn(|| {
            while bench.pids().is_empty() {
                thread::sleep(Duration::from_millis(5));
            }
            interrupt.stop();
        });
        measured(&bench, &interrupt)
    });
    assert!(measured.interrupted && measured.failed.is_empty());
    // The other may have ended just before it was stopped.
    assert!(measured.measurements.iter().all(|found| found.trial.case != "hangs") && saved.is_empty());
    assert!(bench.pids().iter().all(|&pid| !is_alive(pid)));
}

/// A folder with a suite of linear models, and a worker.
fn place(cases: &[&str]) -> tempfile::TempDir {
    common::place(cases, "train_samples = 100\ntest_samples = 10\noptimizer = { kind = \"sgd\", lr = 0.1 }")
}

/// Exit code, stdout, stderr.
fn tchbench(place: &tempfile::TempDir, arguments: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(arguments.split_whitespace()).current_dir(place.path()).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

const SHORT: &str = "--device cpu --processes 2 --rounds 3 --round-seconds 0.005";

#[test]
fn a_measurement_has_a_run_of_its_own_or_adds_to_one() {
    let place = place(&["succeeds", "fails"]);
    let (exit, stdout, stderr) = tchbench(
        &place,
        &format!("measure suite.toml --worker ./worker --filter succeeds --name run --format csv {SHORT}"),
    );
    assert_eq!(exit, 0, "{stderr}");
    // 32 samples in 1 ms, which is two calibrations.
    assert!(stdout.contains("\nsuite,succeeds,1,32000,0,1,1,,2,2,6,"), "{stdout}");
    let folder = Folder::open(&place.path().join("results/run")).unwrap();
    assert!(folder.read_run().unwrap().trials.is_empty());

    let again = "measure --into run --worker ./worker --processes 1 --rounds 2 --round-seconds 0.005";
    let (exit, _, stderr) = tchbench(&place, again);
    assert_eq!(exit, 0, "{stderr}");
    let (measurements, errors) = folder.read_measurements();
    assert!(errors.is_empty());
    let found: Vec<_> =
        measurements.iter().map(|found| (found.attempt, found.trial.seed, found.processes.len())).collect();
    assert_eq!(found, [(1, 3, 2), (2, 3, 1)]);

    let suite = fs::read_to_string(place.path().join("suite.toml")).unwrap();
    fs::write(place.path().join("suite.toml"), suite.replace("batch = 32", "batch = 16")).unwrap();
    let (exit, _, stderr) = tchbench(&place, &format!("{again} suite.toml --filter succeeds"));
    assert_eq!(exit, 3);
    assert!(stderr.contains("the run does not have suite/succeeds with this recipe"), "{stderr}");
    fs::write(place.path().join("suite.toml"), suite).unwrap();
    let worker = fs::read_to_string(fake_worker()).unwrap();
    fs::write(place.path().join("newer"), worker.replace("2.11.0", "2.12.0")).unwrap();
    fs::set_permissions(place.path().join("newer"), fs::Permissions::from_mode(0o755)).unwrap();
    let (exit, _, stderr) = tchbench(&place, "measure --into run --worker ./newer");
    assert_eq!(exit, 3);
    assert!(stderr.contains("results/run: it is of another machine or other software"), "{stderr}");
    assert_eq!(folder.read_measurements().0.len(), 2);

    let (exit, _, stderr) =
        tchbench(&place, &format!("measure suite.toml --worker ./worker --name other {SHORT}"));
    assert_eq!(exit, 5, "{stderr}");
    assert!(stderr.contains("error: suite/fails/3: the dataset is odd"), "{stderr}");
}

#[test]
fn a_calibration_tells_the_floor_of_each_case() {
    let place = place(&["succeeds", "succeeds-too"]);
    let calibrate = format!("calibrate suite.toml --worker ./worker --quiet --format csv {SHORT}");
    let (exit, stdout, stderr) = tchbench(&place, &calibrate);
    assert_eq!(exit, 0, "{stderr}");
    // Every measurement takes the same time.
    assert_eq!(stdout.lines().next().unwrap().split(',').nth(4), Some("noise_floor"), "{stdout}");
    let floors: Vec<&str> = stdout.lines().skip(1).filter_map(|row| row.split(',').nth(4)).collect();
    assert_eq!(floors, ["0", "0"], "{stdout}");
    let path = stderr.lines().find_map(|line| line.strip_prefix("calibration: ")).unwrap();
    let kept: Calibration = read(&place.path().join(path)).unwrap();
    assert_eq!((kept.noise_floor, kept.cases.len(), kept.cases[0].plain.len()), (0.0, 2, 5));
}

#[test]
fn ab_finds_what_is_slower_and_keeps_its_samples() {
    let place = place(&["succeeds"]);
    let ab = "ab suite.toml --worker ./worker --device cpu --seconds 0.1";
    let (exit, stdout, stderr) = tchbench(&place, ab);
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("no difference shown (smaller than 0.0 %)"), "{stdout}");

    let slower = format!("{ab} --b-set slowdown=0.02 --fail-on slower --out samples.json --format json");
    let (exit, stdout, stderr) = tchbench(&place, &slower);
    assert_eq!(exit, 11, "{stderr}");
    let tables: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let row = &tables[0]["rows"][0];
    assert_eq!((row["difference"].as_str(), row["case"].as_str()), (Some("slower"), Some("succeeds")));
    assert!((row["ratio"].as_f64().unwrap() - 1.02).abs() < 1e-9);
    let kept: Paired = read(&place.path().join("samples.json")).unwrap();
    assert!(kept.cases[0].pairs.len() >= 6);
    assert_eq!((kept.a.slowdown, kept.b.slowdown), (0.0, 0.02));
}

#[test]
fn ab_says_which_side_cannot_be_measured() {
    let place = place(&["fails"]);
    let (exit, _, stderr) = tchbench(&place, "ab suite.toml --worker ./worker --device cpu --b /bin/true");
    assert_eq!(exit, 2);
    assert!(stderr.contains("--b /bin/true: it does not answer as a tchbench does"), "{stderr}");
    let (exit, _, stderr) = tchbench(&place, "ab suite.toml --worker ./worker --device cpu --b ./nothing");
    assert_eq!(exit, 2);
    assert!(stderr.contains("--b ./nothing: no such file"), "{stderr}");
    let (exit, _, stderr) = tchbench(&place, "ab suite.toml --worker ./worker --device cpu");
    assert_eq!(exit, 5);
    assert!(stderr.contains("suite/fails/3: --a this program: the dataset is odd"), "{stderr}");
}

#[test]
#[cfg(feature = "torch")]
fn the_engine_times_its_steps() {
    let place = place(&["linear"]);
    let (exit, _, stderr) = tchbench(&place, &format!("measure suite.toml --name run {SHORT}"));
    assert_eq!(exit, 0, "{stderr}");
    let folder = Folder::open(&place.path().join("results/run")).unwrap();
    let (measurements, _) = folder.read_measurements();
    for round in measurements[0].processes.iter().flat_map(|process| &process.rounds) {
        assert_eq!(round.samples, u64::from(round.steps) * 32);
        assert!(
            round.seconds > 0.0
                && round.cpu_seconds > 0.0
                && round.slices.iter().all(|slice| slice.calibration > 0.0)
        );
        assert_eq!(round.device_seconds, None);
    }
}

/// The busy work is what is asked for: half as much again. What the verdict is depends on what else the
/// machine does; the estimate withstands a few disturbed pairs.
#[test]
#[cfg(feature = "torch")]
fn ab_finds_busy_work_put_into_the_engine() {
    let place = place(&["linear"]);
    let (exit, stdout, stderr) = tchbench(
        &place,
        "ab suite.toml --device cpu --seconds 1 --b-set slowdown=0.5 --fail-on slower --format json",
    );
    assert!([0, 11].contains(&exit), "{stdout}{stderr}");
    let tables: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let found = &tables[0]["rows"][0];
    let ratio = found["ratio"].as_f64().unwrap();
    assert!((1.2..20.0).contains(&ratio), "{stdout}");
    assert_eq!(exit == 11, found["difference"] == "slower", "{stdout}");
}

/// Ten times as slow as its baseline is said to be, a case is measured again, and only then regressed.
#[test]
#[cfg(feature = "torch")]
fn the_engine_confirms_what_looks_slower() {
    let place = place(&["linear"]);
    let (exit, _, stderr) = tchbench(
        &place,
        "measure suite.toml --device cpu --name run --processes 4 --rounds 2 --round-seconds 0.005",
    );
    assert_eq!(exit, 0, "{stderr}");
    let folder = Folder::open(&place.path().join("results/run")).unwrap();
    let mut baseline = tchbench::record::Baseline::of(&folder).unwrap().0.remove(0);
    for seconds in baseline.cases[0].throughput[0].step_seconds.iter_mut().flatten() {
        *seconds /= 100.0;
    }
    tchbench::record::write(&place.path().join("faster.json"), &baseline).unwrap();
    let diff = "diff run --baseline faster.json --fail-on throughput";
    let (exit, _, stderr) = tchbench(&place, &format!("{diff} --no-confirm"));
    assert_eq!((exit, folder.read_measurements().0.len()), (0, 1), "{stderr}");
    let (exit, stdout, stderr) = tchbench(&place, diff);
    assert_eq!((exit, folder.read_measurements().0.len()), (11, 2), "{stdout}{stderr}");
    assert!(stdout.contains("slower when measured again, too"), "{stdout}");
}
