//! Results of runs made by hand, to compare.

use std::collections::BTreeMap;

use tchbench::compare::{Across, Margins, Noise, Terms};
use tchbench::event::Slice;
use tchbench::record::{
    Baseline, CaseResults, Format, Measurement, Method, Process, Round, SeedResult, Status,
};
use tchbench::rng::Stream;

use super::records::{fingerprint, record};

pub fn terms() -> Terms {
    Terms {
        alpha: 0.05,
        accuracy_margin: 0.005,
        loss_margin: 0.1,
        suite_margin: 0.02,
        throughput_margin: 0.02,
        margins: Margins::default(),
        noise: Noise::default(),
        across: Across::default(),
    }
}

/// A case with an accuracy and a loss for each seed from 1 on; no two have one trajectory.
pub fn case(name: &str, scores: &[(f64, f64)]) -> CaseResults {
    let seed = |(index, &(accuracy, loss)): (usize, &(f64, f64))| {
        let seed = index as u64 + 1;
        SeedResult {
            seed,
            identity: format!("{name} {seed}"),
            status: Some(Status::Completed),
            epochs: 2,
            trajectory: Some(format!("{accuracy} {loss}")),
            loss: Some(loss),
            accuracy: Some(accuracy),
            metrics: BTreeMap::new(),
        }
    };
    CaseResults {
        trial: record(name, 16, 1, 0.9).trial,
        seeds: scores.iter().enumerate().map(seed).collect(),
        throughput: Vec::new(),
    }
}

pub fn side(cases: Vec<CaseResults>) -> Baseline {
    Baseline {
        format: Format::CURRENT,
        suite: "smoke".parse().unwrap(),
        class: "cpu-native".parse().unwrap(),
        run: "2026-11-22T134500Z-smoke".parse().unwrap(),
        fingerprint: fingerprint(),
        gates: Vec::new(),
        cases,
    }
}

/// Five processes of ten rounds whose steps take `seconds`, give or take a part `spread`.
pub fn measurement(case: &str, attempt: u32, seconds: f64, spread: f64, stream: &mut Stream) -> Measurement {
    let mut process = || {
        let own = spread * stream.normal();
        let mut round = || {
            let time = 10.0 * seconds * (own + 0.2 * spread * stream.normal()).exp();
            Round {
                steps: 10,
                samples: 1_000,
                seconds: time,
                cpu_seconds: 10.0 * seconds,
                device_seconds: None,
                wait_seconds: 0.0,
                slices: vec![Slice { steps: 10, seconds: time, calibration: 0.001 }],
                steal: Some(0.0),
                foreign: 0.0,
                load_average: 1.0,
                throttled: false,
                noisy: false,
            }
        };
        Process { warmup: vec![round()], steady: true, rounds: (0..10).map(|_| round()).collect() }
    };
    Measurement {
        format: Format::CURRENT,
        trial: record(case, 16, 1, 0.9).trial,
        attempt,
        slowdown: 0.0,
        method: Method { processes: 5, rounds: 10, round_seconds: 0.05, seed: 1 },
        processes: (0..5).map(|_| process()).collect(),
        fingerprint: fingerprint(),
        began: "2026-11-22T14:00:00Z".parse().unwrap(),
    }
}
