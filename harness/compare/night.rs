//! What a night found, in one line a case.

use super::diff::CaseFinding;
use crate::record::{Baseline, Format, Mean, Measurement, Night, Process, Round, Run, Step, Verdicts};
use crate::stats::{Summary, location};

/// One line for each case of what a run found: its results over all seeds, the first of its
/// measurements, and its verdicts.
pub fn nights(
    run: &Run,
    found: &[Baseline],
    measurements: &[Measurement],
    findings: &[CaseFinding],
) -> Vec<Night> {
    let mut nights = Vec::new();
    for suite in found {
        for case in &suite.cases {
            let name = &case.trial.case;
            let is_it = |other: &str, case: &str| other == suite.suite && case == name;
            let measurement = measurements
                .iter()
                .filter(|found| is_it(&found.trial.suite, &found.trial.case))
                .min_by_key(|found| found.attempt);
            let finding = findings.iter().find(|finding| is_it(&finding.suite, &finding.case));
            nights.push(Night {
                format: Format::CURRENT,
                began: run.began,
                run: run.name.clone(),
                suite: suite.suite.clone(),
                case: name.clone(),
                identity: case.seeds.first().map(|first| first.identity.clone()).unwrap_or_default(),
                numerics_class: run.fingerprint.engine.numerics_class.clone(),
                device_class: suite.class.clone(),
                machine: run.fingerprint.machine(),
                accuracy: mean(case.seeds.iter().filter_map(|seed| seed.accuracy)),
                loss: mean(case.seeds.iter().filter_map(|seed| seed.loss)),
                step: measurement.and_then(step),
                verdicts: finding.map(|finding| Verdicts {
                    accuracy: finding.accuracy.verdict.name().to_owned(),
                    throughput: finding.throughput.verdict.name().to_owned(),
                }),
            });
        }
    }
    nights
}

fn mean(values: impl Iterator<Item = f64>) -> Option<Mean> {
    let Summary { count, mean, deviation, .. } = Summary::of(&values.collect::<Vec<_>>())?;
    Some(Mean { mean, deviation, seeds: count })
}

/// Each process's time by its [`location`], their geometric mean, and their spread.
fn step(measurement: &Measurement) -> Option<Step> {
    let over = |time: &dyn Fn(&Process) -> Option<f64>| {
        let log = |process: &Process| time(process).filter(|&time| time > 0.0).map(f64::ln);
        Summary::of(&measurement.processes.iter().map(log).collect::<Option<Vec<f64>>>()?)
    };
    let seconds = |process: &Process| located(process, |round| round.seconds / f64::from(round.steps));
    let kernel = |process: &Process| located(process, |round| round.calibration_seconds);
    let (raw, calibrated) = (over(&seconds)?, over(&|process| Some(seconds(process)? / kernel(process)?)));
    let rounds = || measurement.processes.iter().flat_map(|process| &process.rounds);
    let samples: u64 = rounds().map(|round| round.samples).sum();
    let steps: u64 = rounds().map(|round| u64::from(round.steps)).sum();
    let seconds = raw.mean.exp();
    Some(Step {
        seconds,
        calibrated: calibrated.map(|calibrated| calibrated.mean.exp()).filter(|time| time.is_finite()),
        spread: calibrated.unwrap_or(raw).deviation.filter(|spread| spread.is_finite()),
        samples_per_second: samples as f64 / steps as f64 / seconds,
    })
}

fn located(process: &Process, value: impl Fn(&Round) -> f64) -> Option<f64> {
    let values: Vec<f64> = process.rounds.iter().map(value).collect();
    let quiet: Vec<bool> = process.rounds.iter().map(|round| !round.noisy).collect();
    location(&values, &quiet)
}
