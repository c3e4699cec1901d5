//! Records made by hand.
#![allow(dead_code, reason = "each test crate uses a part")]

use std::collections::BTreeMap;

use tchbench::event::{Ending, Engine, Epoch, Finished, Score, Started};
use tchbench::metrics::Metric;
use tchbench::recipe::layers::dense::Dense;
use tchbench::recipe::layers::flatten::Flatten;
use tchbench::recipe::optimizers::Adam;
use tchbench::recipe::schedules::Constant;
use tchbench::recipe::{
    Activation, Convention, DataPlan, Experiment, Geometry, Layer, Optimizer, Schedule, Training,
};
use tchbench::recipe::{Device, ENGINE_REVISION, Environment, Numerics, Trial, identity};
use tchbench::record::{Fingerprint, Format, Host, Load, Run, Status, TrialKey, TrialRecord};
use tchbench::suite::case::{Case, Claim, Suite};
use tchbench::suite::presentation::Presentation;

pub fn environment() -> Environment {
    Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Native }
}

pub fn fingerprint() -> Fingerprint {
    Fingerprint {
        host: Host {
            cpu: "Test CPU @ 2.00GHz".to_owned(),
            cpu_model: "6/85/7".to_owned(),
            cores: 2,
            memory: 8 << 30,
            os: "Testix 1".to_owned(),
            kernel: "6.1".to_owned(),
        },
        engine: Engine {
            tchbench: "0.1.0".to_owned(),
            libtorch: "2.11.0".to_owned(),
            tch: "0.24.0".to_owned(),
            rustc: "1.95.0".to_owned(),
            device: "cpu".to_owned(),
            driver: None,
            cuda: None,
            threads: 1,
            numerics: Numerics::Native,
            capability: "AVX512".to_owned(),
            numerics_class: "c".repeat(64),
            kernels: BTreeMap::from([("matmul".to_owned(), "d".repeat(64))]),
            program: None,
        },
        load: Load { load_average: 0.25, steal: Some(0.0) },
        commit: None,
    }
}

pub fn experiment(units: u32) -> Experiment {
    let layer = |units, activation| Layer::Dense(Dense { units, activation, bias: true, l2: 0.0 });
    Experiment {
        data: DataPlan {
            geometry: Geometry::MNIST,
            dataset: "glyphs".to_owned(),
            validation: None,
            train_samples: None,
            test_samples: None,
            label_noise: 0.0,
            augmentation: None,
            resize: None,
            pixel_noise: None,
            binarize: None,
            normalize: None,
        },
        convention: Convention::Torch,
        layers: vec![Layer::Flatten(Flatten), layer(units, Activation::Relu), layer(10, Activation::Linear)],
        training: Training {
            epochs: 2,
            batch: 100,
            optimizer: Optimizer::Adam(Adam { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 }),
            schedule: Schedule::Constant(Constant),
            weight_decay: 0.0,
            gradient_clip: None,
            early_stopping: None,
        },
    }
}

/// A trial that went well: dense with `units`, this accuracy at the end.
pub fn record(case: &str, units: u32, seed: u64, accuracy: f64) -> TrialRecord {
    let experiment = experiment(units);
    let dataset = BTreeMap::from([("train".to_owned(), "a".repeat(64))]);
    let parameters = u64::from(units) * (784 + 1 + 10) + 10;
    let epoch = |epoch: u32, accuracy: f64| Epoch {
        epoch,
        train: Score { loss: 1.0 - accuracy, accuracy },
        validation: None,
        learning_rate: 1e-3,
        samples: 12_000,
        train_seconds: 1.5 + f64::from(epoch) / 10.0,
        train_cpu_seconds: 1.5,
        validation_seconds: 0.0,
        checkpoint_seconds: 0.0,
        trajectory: format!("{epoch:064}"),
        tensors: BTreeMap::new(),
    };
    TrialRecord {
        format: Format::CURRENT,
        trial: Trial {
            suite: "smoke".parse().unwrap(),
            case: case.parse().unwrap(),
            seed,
            identity: identity(&experiment, seed, &dataset, &environment()),
            experiment,
            parameters: Some(parameters),
            dataset,
            environment: environment(),
            engine_revision: ENGINE_REVISION,
        },
        jobs: 2,
        status: Status::Completed,
        error: None,
        started: Some(Started {
            parameters,
            train_samples: 12_000,
            validation_samples: 0,
            test_samples: 2_000,
            steps: 120,
            epochs: 2,
            resumed_from: 0,
        }),
        epochs: vec![epoch(1, accuracy - 0.05), epoch(2, accuracy + 0.01)],
        finished: Some(Finished {
            ending: Ending::Completed,
            best_epoch: Some(2),
            restored_best: false,
            test: Some(Score { loss: 1.0 - accuracy, accuracy }),
            counts: None,
            weights: format!("{seed:064}"),
            setup_seconds: 0.5,
            train_seconds: 3.3,
            test_seconds: 0.1,
            wall_seconds: 3.9,
            cpu_seconds: 3.8,
            peak_memory: 410 << 20,
            device_peak_memory: None,
        }),
        fingerprint: fingerprint(),
        began: "2026-11-22T13:45:00Z".parse().unwrap(),
    }
}

/// As a machine of another numerics class would have made it.
pub fn of_another_class(mut record: TrialRecord) -> TrialRecord {
    let engine = &mut record.fingerprint.engine;
    engine.numerics_class = "e".repeat(64);
    engine.kernels = BTreeMap::from([("matmul".to_owned(), "e".repeat(64))]);
    record
}

/// The same trial, ended after `epochs` epochs.
pub fn unsuccessful(mut record: TrialRecord, status: Status, epochs: usize, error: &str) -> TrialRecord {
    record.status = status;
    record.error = (!error.is_empty()).then(|| error.to_owned());
    record.epochs.truncate(epochs);
    let diverged = |end: Finished| Finished {
        ending: Ending::Diverged,
        best_epoch: None,
        test: None,
        counts: None,
        ..end
    };
    record.finished = record.finished.filter(|_| status == Status::Diverged).map(diverged);
    record
}

/// A run that planned these records, with a claim on each case's test accuracy.
pub fn run(records: &[TrialRecord], at_least: f64) -> Run {
    let mut cases: Vec<Case> = Vec::new();
    for record in records {
        match cases.iter_mut().find(|case| case.name == record.trial.case) {
            Some(case) => case.seeds.push(record.trial.seed),
            None => cases.push(Case {
                name: record.trial.case.clone(),
                description: String::new(),
                experiment: record.trial.experiment.clone(),
                seeds: vec![record.trial.seed],
                parameters: record.trial.parameters,
                claims: vec![Claim {
                    metric: Metric::TEST_ACCURACY,
                    at_least: Some(at_least),
                    at_most: None,
                    by_epoch: None,
                    source: "a course, \"exercise\" 1".to_owned(),
                }],
            }),
        }
    }
    Run {
        format: Format::CURRENT,
        name: "2026-11-22T134500Z-smoke".parse().unwrap(),
        began: "2026-11-22T13:45:00Z".parse().unwrap(),
        invocation: vec!["tchbench".to_owned(), "run".to_owned(), "suites/smoke.toml".to_owned()],
        environment: environment(),
        engine_revision: ENGINE_REVISION,
        datasets: datasets(records),
        class_names: BTreeMap::new(),
        jobs: 2,
        keep_weights: false,
        suites: vec![Suite {
            name: "smoke".parse().unwrap(),
            description: String::new(),
            analysis: String::new(),
            profile: None,
            numerics: Numerics::Native,
            cases,
            gates: Vec::new(),
            datasets: datasets(records),
            class_names: BTreeMap::new(),
            presentation: Presentation::default(),
        }],
        trials: records.iter().map(|record| TrialKey::from(&record.trial)).collect(),
        plan: None,
        shard: None,
        fingerprint: fingerprint(),
    }
}

fn datasets(records: &[TrialRecord]) -> BTreeMap<String, BTreeMap<String, String>> {
    let of =
        |record: &TrialRecord| (record.trial.experiment.data.dataset.clone(), record.trial.dataset.clone());
    records.iter().map(of).collect()
}
