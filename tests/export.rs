//! What `tchbench export` writes; tests/export.sh opens it with the tools that it is for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail the test")]

#[path = "support/records.rs"]
mod records;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::process::{Command, Output};

use clap::ValueEnum;
use records::{record, run, unsuccessful};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tchbench::recipe::hex;
use tchbench::record::{Mean, Night, Status, StepTime, TrialRecord, Verdicts};
use tchbench::report::{
    ExportedFile, ExportedRuns, JsonServer, RunFormat, RunWriter, ServerError, ServerSummary,
};

fn format(name: &str) -> RunFormat {
    RunFormat::from_str(name, false).unwrap()
}

fn text(name: &str, exported: &ExportedRuns) -> String {
    match format(name).writer {
        RunWriter::Text(write) => write(exported),
        other => panic!("{other:?}"),
    }
}

fn files(name: &str, exported: &ExportedRuns) -> Vec<ExportedFile> {
    match format(name).writer {
        RunWriter::Files(write) => write(exported),
        other => panic!("{other:?}"),
    }
}

/// Two cases, of which one diverged with one of its seeds.
fn runs() -> ExportedRuns {
    let records = vec![
        record("mlp", 16, 1, 0.93),
        record("mlp", 16, 2, 0.94),
        record("gru", 32, 1, 0.5),
        unsuccessful(record("gru", 32, 2, 0.5), Status::Diverged, 1, ""),
    ];
    ExportedRuns { runs: vec![run(&records, 0.9)], records, nights: Vec::new() }
}

/// The night of day `day` of November.
fn night(day: i8, step: f64) -> Night {
    let record = record("mlp", 16, 1, 0.93);
    let began = jiff::civil::date(2026, 11, day).at(2, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    let mean = |mean| Some(Mean { mean, deviation: None, seeds: 1 });
    Night {
        format: record.format,
        began: began.timestamp(),
        run: format!("2026-11-{day:02}T020000Z-nightly").parse().unwrap(),
        suite: "smoke".parse().unwrap(),
        case: "mlp".parse().unwrap(),
        identity: record.trial.identity,
        numerics_class: "c".repeat(16),
        device_class: "cpu-native".parse().unwrap(),
        machine: "0123456789ab".to_owned(),
        accuracy: mean(0.93),
        loss: mean(0.07),
        step: Some(StepTime {
            seconds: step,
            calibrated: None,
            spread: None,
            samples_per_second: 100.0 / step,
        }),
        verdicts: Some(Verdicts { accuracy: "identical".to_owned(), throughput: "regressed".to_owned() }),
        provenance: None,
    }
}

#[test]
fn bencher_gets_each_metric_with_its_interval() {
    let found: Value = serde_json::from_str(&text("bencher", &runs())).unwrap();
    let accuracy = &found["smoke/mlp"]["test-accuracy"];
    let value = |key: &str| accuracy[key].as_f64().unwrap();
    assert!((value("value") - 0.935).abs() < 1e-12);
    assert!(value("lower_value") < 0.93 && value("upper_value") > 0.94);
    // One seed that ended well has no interval.
    assert_eq!(found["smoke/gru"]["test-accuracy"], json!({"value": 0.5}));
}

#[test]
fn github_action_benchmark_gets_better_higher_and_better_lower_apart() {
    let files = files("github-action-benchmark", &runs());
    let names = |index: usize| -> Vec<String> {
        let entries: Value = serde_json::from_slice(&files[index].content).unwrap();
        entries.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(files[0].path.to_str(), Some("bigger-is-better.json"));
    assert!(names(0).contains(&"smoke/mlp test-accuracy".to_owned()));
    assert!(names(1).contains(&"smoke/mlp test-loss".to_owned()));
    assert!(names(0).iter().all(|name| !names(1).contains(name)));
}

#[test]
fn prometheus_gets_gauges_without_timestamps() {
    let exported = ExportedRuns { nights: vec![night(3, 0.002)], ..runs() };
    let text = text("prometheus", &exported);
    for line in [
        "# TYPE tchbench_test_accuracy_ratio gauge",
        "tchbench_test_accuracy_ratio{suite=\"smoke\",case=\"gru\"} 0.5",
        "tchbench_seeds{suite=\"smoke\",case=\"gru\",state=\"failed\"} 1",
        "tchbench_regressed{suite=\"smoke\",case=\"mlp\",kind=\"throughput\"} 1",
        "tchbench_regressed{suite=\"smoke\",case=\"mlp\",kind=\"accuracy\"} 0",
        "tchbench_step_seconds{suite=\"smoke\",case=\"mlp\"} 0.002",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    assert!(
        samples
            .clone()
            .all(|line| line.rsplit_once("} ").is_some_and(|(_, value)| value.parse::<f64>().is_ok()))
    );
}

#[test]
fn otava_gets_only_nights_that_may_be_compared() {
    let elsewhere = Night { machine: "ba9876543210".to_owned(), ..night(4, 0.004) };
    let unmeasured = Night { step: None, ..night(5, 0.0) };
    let nights = vec![night(3, 0.002), elsewhere, unmeasured, night(6, 0.003)];
    let files = files("otava", &ExportedRuns { nights, ..ExportedRuns::default() });
    let content: BTreeMap<&str, &str> = files
        .iter()
        .map(|file| (file.path.to_str().unwrap(), str::from_utf8(&file.content).unwrap()))
        .collect();
    assert_eq!(
        content["smoke/mlp.throughput.csv"],
        "time,commit,run,step_seconds,samples_per_second\n\
         2026-11-03T02:00:00Z,2026-11-03T020000Z-nightly,2026-11-03T020000Z-nightly,0.002,50000\n\
         2026-11-06T02:00:00Z,2026-11-06T020000Z-nightly,2026-11-06T020000Z-nightly,0.003,33333.333333333336\n"
    );
    // Accuracy is the same on every machine.
    assert_eq!(content["smoke/mlp.accuracy.csv"].lines().count(), 5);
    assert!(!content.contains_key("smoke/mlp.calibrated.csv"));
    assert!(content["otava.yaml"].contains("file: \"smoke/mlp.accuracy.csv\""), "{}", content["otava.yaml"]);
}

#[test]
fn tensorboard_gets_a_file_a_trial_that_is_the_same_each_time() {
    let files = files("tensorboard", &runs());
    let paths: Vec<&str> = files.iter().map(|file| file.path.to_str().unwrap()).collect();
    let name = "events.out.tfevents.1795355100.tchbench";
    assert_eq!(
        paths,
        [
            name.to_owned(),
            format!("smoke/gru/seed-1/{name}"),
            format!("smoke/gru/seed-2/{name}"),
            format!("smoke/mlp/seed-1/{name}"),
            format!("smoke/mlp/seed-2/{name}"),
        ]
    );
    assert_eq!(files, self::files("tensorboard", &runs()));
    // Each record has its length before it, and eight bytes of checksums and four of a checksum around that.
    for file in &files {
        let mut rest = file.content.as_slice();
        while let Some((length, _)) = rest.split_at_checked(8) {
            let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
            rest = &rest[8 + 4 + length + 4..];
        }
        assert!(rest.is_empty(), "{}", file.path.display());
    }
}

/// A server that keeps what it is sent, as MLflow does.
#[derive(Default)]
struct FakeServer {
    experiments: Vec<String>,
    /// By identity: the ID and whether it was ended.
    runs: BTreeMap<String, (String, bool)>,
    metrics: usize,
    /// After so many requests it is gone.
    patience: Option<usize>,
}

impl JsonServer for FakeServer {
    fn post(&mut self, path: &str, request: &Value) -> Result<Value, ServerError> {
        if let Some(left) = &mut self.patience {
            let gone = ServerError::Refused { path: path.to_owned(), why: "gone".to_owned() };
            *left = left.checked_sub(1).ok_or(gone)?;
        }
        Ok(match path.strip_prefix("api/2.0/mlflow/").unwrap() {
            "experiments/search" if self.experiments.is_empty() => json!({}),
            "experiments/search" => json!({"experiments": [{"experiment_id": "1"}]}),
            "experiments/create" => {
                self.experiments.push(request["name"].as_str().unwrap().to_owned());
                json!({"experiment_id": "1"})
            }
            "runs/search" => {
                let run = |(identity, (id, is_whole)): (&String, &(String, bool))| {
                    let status = if *is_whole { "FINISHED" } else { "RUNNING" };
                    let tags = [json!({"key": "tchbench.identity", "value": identity})];
                    json!({"info": {"run_id": id, "status": status}, "data": {"tags": tags}})
                };
                json!({"runs": self.runs.iter().map(run).collect::<Vec<_>>()})
            }
            "runs/create" => {
                let identity = request["tags"][0]["value"].as_str().unwrap().to_owned();
                let id = format!("run-{}", self.runs.len());
                self.runs.insert(identity, (id.clone(), false));
                json!({"run": {"info": {"run_id": id}}})
            }
            "runs/log-batch" => {
                self.metrics += request["metrics"].as_array().map_or(0, Vec::len);
                json!({})
            }
            "runs/update" => {
                let is_it = |run: &&mut (String, bool)| request["run_id"] == run.0;
                self.runs.values_mut().find(is_it).unwrap().1 = true;
                json!({})
            }
            other => panic!("{other}"),
        })
    }
}

fn send(server: &mut FakeServer) -> Result<ServerSummary, ServerError> {
    match format("mlflow").writer {
        RunWriter::Server(send) => send(&runs(), server),
        other => panic!("{other:?}"),
    }
}

#[test]
fn mlflow_gets_each_trial_once_and_what_was_cut_off_is_ended() {
    let mut server = FakeServer { patience: Some(12), ..FakeServer::default() };
    assert!(send(&mut server).unwrap_err().to_string().contains("gone"));
    let begun = server.runs.len();
    let ended = server.runs.values().filter(|(_, is_whole)| *is_whole).count();
    assert!(begun < 4 && ended < begun, "{begun} {ended}");
    server.patience = None;
    assert_eq!(send(&mut server).unwrap(), ServerSummary { added: 4 - ended, present: ended });
    assert_eq!((server.runs.len(), server.experiments.as_slice()), (4, &["smoke".to_owned()][..]));
    let metrics = server.metrics;
    assert_eq!(send(&mut server).unwrap(), ServerSummary { added: 0, present: 4 });
    assert_eq!((server.metrics, server.runs.len()), (metrics, 4));
}

#[test]
fn weights_that_are_not_the_records_are_refused() {
    let values: Vec<u8> = [1.0f32, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let kept = |name: &str| {
        let view = TensorView::new(Dtype::F32, vec![2], &values).unwrap();
        safetensors::serialize([(name, view)], None).unwrap()
    };
    let mut record: TrialRecord = record("mlp", 16, 1, 0.93);
    let digest = hex(&Sha256::new().chain_update("Float[2]\0").chain_update(&values).finalize());
    record.epochs[1].tensors.insert("1.bias".to_owned(), digest[..16].to_owned());
    let RunWriter::Weights { convert, loader } = format("safetensors").writer else { panic!() };
    assert_eq!(loader.0, "network.py");
    let (_, metadata) =
        safetensors::SafeTensors::read_metadata(&convert(&record, &kept("1.bias")).unwrap()).unwrap();
    let metadata: HashMap<String, String> = metadata.metadata().clone().unwrap();
    let experiment: Value = serde_json::from_str(&metadata["tchbench.experiment"]).unwrap();
    assert_eq!(experiment["layers"][1]["units"], 16);
    let refused = |content: &[u8]| convert(&record, content).unwrap_err().to_string();
    assert!(refused(&kept("2.bias")).contains("`2.bias` is not what the trial's record says"));
    assert!(refused(b"nonsense").contains("these are no weights"));
}

fn call(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn published_runs_are_exported_to_files_and_stdout() {
    const RUN: &str = "results/published/experiment-b";
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("textfile/tchbench.prom");
    let written = call(&["export", "prometheus", RUN, "--out", out.to_str().unwrap()]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let printed = call(&["export", "prometheus", RUN]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), fs::read_to_string(&out).unwrap());
    let summary = call(&["export", "markdown", RUN]);
    assert!(String::from_utf8(summary.stdout).unwrap().contains("| case |"));
}

#[test]
fn what_makes_no_export_says_why() {
    const RUN: &str = "results/published/experiment-b";
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    for (arguments, code, part) in [
        (&["tensorboard", RUN][..], 2, "name their folder with --out DIR"),
        (&["safetensors", RUN][..], 2, "name their folder with --out DIR"),
        (&["mlflow", RUN][..], 2, "give its --url"),
        (&["mlflow", RUN, "--url", "http://127.0.0.1:9"][..], 3, "http://127.0.0.1:9/api"),
        (&["bencher", RUN, "--url", "http://127.0.0.1:9"][..], 2, "it goes to no server"),
        (&["otava", RUN][..], 2, "name no run"),
        (&["otava", "--results", empty][..], 4, "nothing to export"),
        (&["bencher", RUN, "--filter", "no-such-case"][..], 4, "nothing to export"),
        (&["bencher", "no-such-run"][..], 3, "no-such-run"),
        (&["safetensors", RUN, "--out", empty][..], 4, "no weights were kept"),
    ] {
        let output = call(&[&["export"], arguments].concat());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
}
