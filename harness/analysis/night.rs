//! What a night found, in one line a case.

use crate::compare::{CaseFinding, locations};
use crate::record::{
    Baseline, Format, Mean, Measurement, Night, Provenance, Run, StepTime, Throughput, Verdicts,
};
use crate::stats::Summary;

/// Returns one line of the history for each case of a run: its results over all seeds, the first of its
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
            let is_it = |other: &str, case: &str| suite.suite == *other && *name == *case;
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
                numerics_class: run.fingerprint.engine.class_of(&case.trial.experiment),
                device_class: suite.class.clone(),
                machine: run.fingerprint.machine(),
                accuracy: mean(case.seeds.iter().filter_map(|seed| seed.accuracy)),
                loss: mean(case.seeds.iter().filter_map(|seed| seed.loss)),
                step: measurement.and_then(step),
                verdicts: finding.map(|finding| Verdicts {
                    accuracy: finding.accuracy.verdict.name().to_owned(),
                    throughput: finding.throughput.verdict.name().to_owned(),
                }),
                provenance: Some(Provenance::from(&run.fingerprint)),
            });
        }
    }
    nights
}

fn mean(values: impl Iterator<Item = f64>) -> Option<Mean> {
    let Summary { count, mean, deviation, .. } = Summary::of(&values.collect::<Vec<_>>())?;
    Some(Mean { mean, deviation, seeds: count })
}

/// What each process says its time is ([`locations`]), their geometric mean, and their spread.
fn step(measurement: &Measurement) -> Option<StepTime> {
    let short = Throughput::of(measurement);
    let over = |calibrated| {
        let times = locations(std::slice::from_ref(&short), calibrated)?;
        Summary::of(&times.iter().map(|time| time.ln()).collect::<Vec<_>>())
    };
    let raw = over(false)?;
    let calibrated = over(true);
    let rounds = || measurement.processes.iter().flat_map(|process| &process.rounds);
    let samples: u64 = rounds().map(|round| round.samples).sum();
    let steps: u64 = rounds().map(|round| u64::from(round.steps)).sum();
    let seconds = raw.mean.exp();
    Some(StepTime {
        seconds,
        calibrated: calibrated.map(|calibrated| calibrated.mean.exp()).filter(|time| time.is_finite()),
        spread: calibrated.unwrap_or(raw).deviation.filter(|spread| spread.is_finite()),
        samples_per_second: samples as f64 / steps as f64 / seconds,
    })
}
