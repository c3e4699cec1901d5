//! MLflow's REST API: an experiment for each suite and a run for each trial, known by the trial's identity
//! (<https://mlflow.org/docs/latest/rest-api.html>).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::case_values::cases;
use super::run_format::{
    ExportSource, ExportedRuns, JsonServer, RunFormat, RunWriter, ServerError, ServerSummary,
};
use crate::compare::leaves_of;
use crate::metrics::{METRICS, Metric};
use crate::record::TrialRecord;

pub(super) const RUNS: RunFormat = RunFormat {
    name: "mlflow",
    about: "A run a trial on the server at --url; what is there already is left as it is",
    source: ExportSource::Runs,
    writer: RunWriter::Server(send),
};

/// The path of one of the API's methods.
macro_rules! path {
    ($method:literal) => {
        concat!("api/2.0/mlflow/", $method)
    };
}

/// The tag by which a trial is known.
const IDENTITY: &str = "tchbench.identity";
/// The server takes so many metrics in a request.
const MOST_METRICS: usize = 1000;
/// The server takes so many parameters in a request.
const MOST_PARAMETERS: usize = 100;
/// The server finds so many runs in a request.
const MOST_FOUND: usize = 1000;
/// The server takes a parameter of so many characters.
const LONGEST: usize = 6000;

/// A run that the server has.
struct KnownRun {
    id: String,
    /// Whether it was ended; a run that was not was interrupted while it was sent.
    is_whole: bool,
}

fn send(exported: &ExportedRuns, server: &mut dyn JsonServer) -> Result<ServerSummary, ServerError> {
    let mut experiments: BTreeMap<&str, (String, BTreeMap<String, KnownRun>)> = BTreeMap::new();
    let mut summary = ServerSummary::default();
    let cases = cases(exported);
    for case in &cases {
        if !experiments.contains_key(case.suite) {
            let id = experiment(case.suite, server)?;
            let known = known_runs(&id, server)?;
            experiments.insert(case.suite, (id, known));
        }
        let Some((experiment, known)) = experiments.get(case.suite) else { continue };
        for record in &case.trials {
            let id = match known.get(&record.trial.identity) {
                Some(run) if run.is_whole => {
                    summary.present += 1;
                    continue;
                }
                Some(run) => run.id.clone(),
                None => create(experiment, record, server)?,
            };
            log(&id, record, server)?;
            summary.added += 1;
        }
    }
    Ok(summary)
}

/// Returns the ID of the experiment of a suite, which is created if it is missing.
fn experiment(suite: &str, server: &mut dyn JsonServer) -> Result<String, ServerError> {
    let found = server.post(
        path!("experiments/search"),
        &json!({"filter": format!("name = '{suite}'"), "max_results": 1}),
    )?;
    if let Some(id) = found["experiments"][0]["experiment_id"].as_str() {
        return Ok(id.to_owned());
    }
    let created = server.post(path!("experiments/create"), &json!({"name": suite}))?;
    text(&created["experiment_id"], path!("experiments/create"), "experiment_id")
}

/// Returns the trials that the server has, by their identity.
fn known_runs(
    experiment: &str,
    server: &mut dyn JsonServer,
) -> Result<BTreeMap<String, KnownRun>, ServerError> {
    let mut known = BTreeMap::new();
    let mut request = json!({"experiment_ids": [experiment], "max_results": MOST_FOUND});
    loop {
        let found = server.post(path!("runs/search"), &request)?;
        for run in found["runs"].as_array().into_iter().flatten() {
            let tags = run["data"]["tags"].as_array();
            let identity = tags.into_iter().flatten().find(|tag| tag["key"] == IDENTITY);
            let Some(identity) = identity.and_then(|tag| tag["value"].as_str()) else { continue };
            let Some(id) = run["info"]["run_id"].as_str() else { continue };
            let is_whole = matches!(run["info"]["status"].as_str(), Some("FINISHED" | "FAILED"));
            known.insert(identity.to_owned(), KnownRun { id: id.to_owned(), is_whole });
        }
        match found["next_page_token"].as_str() {
            Some(token) if !token.is_empty() => request["page_token"] = token.into(),
            _ => return Ok(known),
        }
    }
}

fn create(
    experiment: &str,
    record: &TrialRecord,
    server: &mut dyn JsonServer,
) -> Result<String, ServerError> {
    let trial = &record.trial;
    let engine = &record.fingerprint.engine;
    let tags = [
        (IDENTITY, trial.identity.clone()),
        ("tchbench.suite", trial.suite.to_string()),
        ("tchbench.case", trial.case.to_string()),
        ("tchbench.seed", trial.seed.to_string()),
        ("tchbench.processor", record.fingerprint.host.cpu.clone()),
        ("tchbench.libtorch", engine.libtorch.clone()),
        ("tchbench.device", engine.device.clone()),
    ];
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let request = json!({
        "experiment_id": experiment,
        "run_name": format!("{}/{}", trial.case, trial.seed),
        "start_time": record.began.as_millisecond(),
        "tags": tags,
    });
    let created = server.post(path!("runs/create"), &request)?;
    text(&created["run"]["info"]["run_id"], path!("runs/create"), "run.info.run_id")
}

/// Sends what a trial was and what came out, and ends the run. Sent again, it changes nothing.
fn log(id: &str, record: &TrialRecord, server: &mut dyn JsonServer) -> Result<(), ServerError> {
    for parameters in parameters(record).chunks(MOST_PARAMETERS) {
        server.post(path!("runs/log-batch"), &json!({"run_id": id, "params": parameters}))?;
    }
    let (metrics, ended) = metrics(record);
    for metrics in metrics.chunks(MOST_METRICS) {
        server.post(path!("runs/log-batch"), &json!({"run_id": id, "metrics": metrics}))?;
    }
    let status = if record.status.is_success() { "FINISHED" } else { "FAILED" };
    server.post(path!("runs/update"), &json!({"run_id": id, "status": status, "end_time": ended}))?;
    Ok(())
}

fn parameters(record: &TrialRecord) -> Vec<Value> {
    // What was read from a record can be written again.
    let experiment = serde_json::to_value(&record.trial.experiment).unwrap_or_default();
    let seed = ("seed".to_owned(), record.trial.seed.to_string());
    let parameter = |(name, value): (String, String)| {
        let value: String = value.chars().take(LONGEST).collect();
        // The server takes no brackets in names.
        json!({"key": name.replace('[', ".").replace(']', ""), "value": value})
    };
    leaves_of(&experiment).into_iter().chain([seed]).map(parameter).collect()
}

/// Returns all metrics, and when the trial ended, in milliseconds since 1970.
fn metrics(record: &TrialRecord) -> (Vec<Value>, i64) {
    let mut metrics = Vec::new();
    let mut time = record.began.as_millisecond() as f64;
    time += record.finished.as_ref().map_or(0.0, |finished| finished.setup_seconds) * 1e3;
    for epoch in &record.epochs {
        time += (epoch.train_seconds + epoch.validation_seconds + epoch.checkpoint_seconds) * 1e3;
        let values = [
            ("train-loss", Some(epoch.train.loss)),
            ("train-accuracy", Some(epoch.train.accuracy)),
            ("validation-loss", epoch.validation.map(|score| score.loss)),
            ("validation-accuracy", epoch.validation.map(|score| score.accuracy)),
            ("learning-rate", Some(epoch.learning_rate)),
            ("samples-per-second", Some(epoch.samples_per_second())),
        ];
        let values = values.into_iter().filter_map(|(key, value)| Some((key, value?)));
        metrics.extend(values.map(|(key, value)| metric(key, value, time as i64, epoch.epoch)));
    }
    let last = record.epochs.last().map_or(0, |epoch| epoch.epoch);
    let of_trial = |metric: &&Metric| !metric.has_parameter() && !metric.is_of_every_epoch();
    for known in METRICS.iter().filter(of_trial) {
        if let Some(value) = known.value(&record.results()) {
            metrics.push(metric(&known.word(), value, time as i64, last));
        }
    }
    (metrics, time as i64)
}

fn metric(key: &str, value: f64, timestamp: i64, step: u32) -> Value {
    // JSON has no such numbers; the server reads these words.
    let value = if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(value)
    };
    let fields =
        [("key", json!(key)), ("value", value), ("timestamp", json!(timestamp)), ("step", json!(step))];
    Value::Object(Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))))
}

fn text(value: &Value, path: &'static str, field: &'static str) -> Result<String, ServerError> {
    value.as_str().map(str::to_owned).ok_or(ServerError::Answer { path, field })
}
