//! What a run found of one suite, in short: what a later run is compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::fingerprint::Fingerprint;
use super::folder::Folder;
use super::format::Format;
use super::measurement::{Measurement, Method, Process, Round};
use super::run::{Run, TrialKey};
use super::trial::{Status, TrialRecord};
use crate::event::Score;
use crate::recipe::{Device, Name, Numerics, Trial};
use crate::suite::case::{Case, Suite};
use crate::suite::gate::Gate;

/// What a run found of one suite: `baselines/<suite>/<class>.json`, once it was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// The version of this file.
    pub format: Format,
    /// The name of the suite.
    pub suite: Name,
    /// The class of devices, see [`class`].
    pub class: Name,
    /// The run that found it.
    pub run: Name,
    /// The machine and software: of the measurements, where there are any.
    pub fingerprint: Fingerprint,
    /// What the suite holds against a baseline besides accuracy and loss; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// In the order of the suite.
    pub cases: Vec<CaseResults>,
}

/// What was found of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseResults {
    /// What was trained, with its first seed.
    pub trial: Trial,
    /// One a seed that was planned.
    pub seeds: Vec<SeedResult>,
    /// One an attempt to measure, in their order.
    pub throughput: Vec<Throughput>,
}

/// What was found with one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedResult {
    /// The seed of the trial.
    pub seed: u64,
    /// The identity of the trial.
    pub identity: String,
    /// How the trial ended; `None` where it left no record.
    pub status: Option<Status>,
    /// How many epochs were finished.
    pub epochs: usize,
    /// The trajectory after the last of them.
    pub trajectory: Option<String>,
    /// Mean softmax cross-entropy over the test samples, else over the validation samples, of the
    /// weights that count at the end. Returns `None` where the trial did not end well or held nothing out.
    pub loss: Option<f64>,
    /// The fraction of the same samples that was right.
    pub accuracy: Option<f64>,
    /// The value of each metric of the suite's gates that the trial yields, by its word; `null` if the trial never
    /// reached the target that the metric asks for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Option<f64>>,
}

/// One measurement: of every process, the times of its rounds to five digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// The number of the measurement, from 1.
    pub attempt: u32,
    /// Busy work put in after every step, as a fraction of a step.
    pub slowdown: f64,
    /// How it was measured.
    pub method: Method,
    /// The time of a step in the fastest slice of each round.
    pub step_seconds: Vec<Vec<f64>>,
    /// The shortest time of the calibration kernel in each round.
    pub calibration_seconds: Vec<Vec<f64>>,
}

impl Baseline {
    /// Returns what a run found of each of its suites, and why some of its records cannot be read.
    ///
    /// # Errors
    /// Fails if the run's plan cannot be read.
    pub fn of(folder: &Folder) -> Result<(Vec<Self>, Vec<Error>), Error> {
        let run = folder.read_run()?;
        let (records, mut errors) = folder.read_trials();
        let (measurements, more) = folder.read_measurements();
        errors.extend(more);
        one_machine(folder, &measurements)?;
        let fingerprint = measurements.first().map_or(&run.fingerprint, |first| &first.fingerprint);
        let mut all = Vec::new();
        for suite in &run.suites {
            let found = suite.cases.iter().map(|case| {
                let name = (&suite.name, &case.name);
                let records: Vec<&TrialRecord> = of_case(&records, |record| &record.trial, name);
                let measurements: Vec<&Measurement> = of_case(&measurements, |one| &one.trial, name);
                case_results(folder, &run, suite, case, &records, &measurements)
            });
            let cases: Vec<CaseResults> = found.collect::<Result<_, _>>()?;
            all.push(Baseline {
                format: Format::CURRENT,
                suite: suite.name.clone(),
                class: class(&run),
                run: run.name.clone(),
                fingerprint: fingerprint.clone(),
                gates: suite.gates.clone(),
                cases,
            });
        }
        Ok((all, errors))
    }

    /// Returns where the baseline of a suite and a class of devices is or will be, below `root`.
    pub fn path(root: &Path, suite: &str, class: &str) -> PathBuf {
        root.join(suite).join(format!("{class}.json"))
    }

    /// Returns the results of a case. Returns `None` if the baseline does not have it.
    pub fn case(&self, name: &str) -> Option<&CaseResults> {
        self.cases.iter().find(|case| case.trial.case == name)
    }
}

impl CaseResults {
    /// Returns the result with a seed. Returns `None` if the case was not trained with it.
    pub fn seed(&self, seed: u64) -> Option<&SeedResult> {
        self.seeds.iter().find(|result| result.seed == seed)
    }
}

/// Returns the class of devices that a run was on: `cpu-native`, `cpu-portable`, or the name of the CUDA
/// device in lower case with hyphens.
pub fn class(run: &Run) -> Name {
    Name::of_words(match (run.environment.device, run.environment.numerics) {
        (Device::Cpu, Numerics::Native) => "cpu native",
        (Device::Cpu, Numerics::Portable) => "cpu portable",
        (Device::Cuda(_), _) => &run.fingerprint.engine.device,
    })
}

fn one_machine(folder: &Folder, measurements: &[Measurement]) -> Result<(), Error> {
    let Some(first) = measurements.first().map(|first| first.fingerprint.digest()) else { return Ok(()) };
    match measurements.iter().find(|measurement| measurement.fingerprint.digest() != first) {
        None => Ok(()),
        Some(Measurement { trial, .. }) => Err(Error::Machines {
            path: folder.path().to_owned(),
            case: format!("{}/{}", trial.suite, trial.case),
        }),
    }
}

fn of_case<'a, T>(all: &'a [T], trial: impl Fn(&T) -> &Trial, (suite, case): (&Name, &Name)) -> Vec<&'a T> {
    all.iter().filter(|one| trial(one).suite == *suite && trial(one).case == *case).collect()
}

fn case_results(
    folder: &Folder,
    run: &Run,
    suite: &Suite,
    case: &Case,
    records: &[&TrialRecord],
    measurements: &[&Measurement],
) -> Result<CaseResults, Error> {
    let is_own = |key: &&TrialKey| key.suite == suite.name && key.case == case.name;
    let keys: Vec<&TrialKey> = run.trials.iter().filter(is_own).collect();
    let planned = || Trial {
        suite: suite.name.clone(),
        case: case.name.clone(),
        seed: keys.first().map_or(0, |key| key.seed),
        identity: keys.first().map(|key| key.identity.clone()).unwrap_or_default(),
        experiment: case.experiment.clone(),
        parameters: case.parameters,
        dataset: run.datasets.get(&case.experiment.data.dataset).cloned().unwrap_or_default(),
        environment: run.environment,
        engine_revision: run.engine_revision,
    };
    let trained = records.first().map(|record| &record.trial);
    for measurement in measurements {
        unmixed(folder, &measurement.trial, trained.unwrap_or(&measurement.trial))?;
    }
    let measured = measurements.first().map(|measurement| &measurement.trial);
    let seed = |key: &&TrialKey| {
        let record = records.iter().find(|record| record.trial.seed == key.seed);
        match record {
            Some(record) => seed_result(record, &suite.gates),
            None => SeedResult {
                seed: key.seed,
                identity: key.identity.clone(),
                status: None,
                epochs: 0,
                trajectory: None,
                loss: None,
                accuracy: None,
                metrics: BTreeMap::new(),
            },
        }
    };
    Ok(CaseResults {
        trial: trained.or(measured).cloned().unwrap_or_else(planned),
        seeds: keys.iter().map(seed).collect(),
        throughput: measurements.iter().map(|measurement| Throughput::of(measurement)).collect(),
    })
}

/// Whether a measurement is of what was trained.
fn unmixed(folder: &Folder, measured: &Trial, trained: &Trial) -> Result<(), Error> {
    let same = Trial { seed: trained.seed, identity: trained.identity.clone(), ..measured.clone() };
    if same == *trained {
        return Ok(());
    }
    let case = format!("{}/{}", trained.suite, trained.case);
    Err(Error::Mixed { path: folder.path().to_owned(), case })
}

impl SeedResult {
    /// Returns what a trial's record says in short, with its value of each metric of these gates.
    pub fn of(record: &TrialRecord, gates: &[Gate]) -> Self {
        seed_result(record, gates)
    }
}

fn seed_result(record: &TrialRecord, gates: &[Gate]) -> SeedResult {
    let score = score(record).filter(|_| record.status.is_success());
    // Weights that score no finite loss are as lost as those of a training loss that is not.
    let is_lost = score.is_some_and(|score| !score.loss.is_finite());
    let (status, score) = if is_lost { (Status::Diverged, None) } else { (record.status, score) };
    let value = |gate: &Gate| {
        let value = gate.metric.value(&record.results())?;
        Some((gate.metric.word(), Some(value).filter(|value| value.is_finite())))
    };
    let metrics = gates.iter().filter(|_| status.is_success()).filter_map(value).collect();
    SeedResult {
        seed: record.trial.seed,
        identity: record.trial.identity.clone(),
        status: Some(status),
        epochs: record.epochs.len(),
        trajectory: record.epochs.last().map(|epoch| epoch.trajectory.clone()),
        loss: score.map(|score| score.loss),
        accuracy: score.map(|score| score.accuracy),
        metrics,
    }
}

/// The test's score; where nothing is tested, the validation's after the epoch whose weights count.
fn score(record: &TrialRecord) -> Option<Score> {
    let finished = record.finished.as_ref()?;
    let restored = finished.best_epoch.filter(|_| finished.restored_best);
    let counts = match restored {
        Some(best) => record.epochs.iter().find(|epoch| epoch.epoch == best),
        None => record.epochs.last(),
    };
    finished.test.or_else(|| counts?.validation)
}

impl Throughput {
    /// Returns the part of a measurement that a comparison needs.
    pub fn of(measurement: &Measurement) -> Self {
        let of = |value: fn(&Round) -> f64| {
            let process =
                |process: &Process| process.rounds.iter().map(|round| five_digits(value(round))).collect();
            measurement.processes.iter().map(process).collect()
        };
        Throughput {
            attempt: measurement.attempt,
            slowdown: measurement.slowdown,
            method: measurement.method,
            step_seconds: of(Round::fastest_step),
            calibration_seconds: of(Round::fastest_calibration),
        }
    }
}

/// Far more than a time repeats by.
fn five_digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}
