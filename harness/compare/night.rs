//! What a night's records say, in one line a case.

use crate::record::{Format, Mean, Measurement, Night, Process, Run, Step, TrialRecord, Verdicts};
use crate::stats::{Summary, location};

/// One line for each case of a run: its results over all seeds, the first of its measurements, and
/// what `verdicts` says of it by suite and case.
pub fn nights(
    run: &Run,
    records: &[TrialRecord],
    measurements: &[Measurement],
    verdicts: impl Fn(&str, &str) -> Option<Verdicts>,
) -> Vec<Night> {
    let mut nights: Vec<Night> = Vec::new();
    for key in &run.trials {
        let (suite, case) = (&key.suite, &key.case);
        if nights.iter().any(|night| night.suite == *suite && night.case == *case) {
            continue;
        }
        let scores: Vec<_> = records
            .iter()
            .filter(|record| record.trial.suite == *suite && record.trial.case == *case)
            .filter_map(score)
            .collect();
        let of_case = |found: &&Measurement| found.trial.suite == *suite && found.trial.case == *case;
        nights.push(Night {
            format: Format::CURRENT,
            began: run.began,
            run: run.name.clone(),
            suite: suite.clone(),
            case: case.clone(),
            identity: key.identity.clone(),
            numerics_class: run.fingerprint.engine.numerics_class.clone(),
            machine: run.fingerprint.machine(),
            accuracy: mean(scores.iter().map(|&(_, accuracy)| accuracy)),
            loss: mean(scores.iter().map(|&(loss, _)| loss)),
            step: measurements.iter().filter(of_case).min_by_key(|found| found.attempt).and_then(step),
            verdicts: verdicts(suite, case),
        });
    }
    nights
}

/// Loss and accuracy of the tested weights; where nothing was tested, of the validation that they came
/// from.
fn score(record: &TrialRecord) -> Option<(f64, f64)> {
    let finished = record.finished.as_ref().filter(|_| record.status.is_success())?;
    let kept = finished.best_epoch.filter(|_| finished.restored_best);
    let epoch =
        kept.map_or(record.epochs.last(), |best| record.epochs.iter().find(|epoch| epoch.epoch == best));
    finished.test.or_else(|| epoch?.validation).map(|score| (score.loss, score.accuracy))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<Mean> {
    let Summary { count, mean, deviation, .. } = Summary::of(&values.collect::<Vec<_>>())?;
    Some(Mean { mean, deviation, seeds: count })
}

/// Each process's time by its [`location`], their geometric mean, and their spread.
fn step(measurement: &Measurement) -> Option<Step> {
    let over = |time: &dyn Fn(&Process) -> Option<f64>| {
        let logs: Option<Vec<f64>> = measurement
            .processes
            .iter()
            .map(|process| time(process).filter(|&time| time > 0.0).map(f64::ln))
            .collect();
        Summary::of(&logs?)
    };
    let seconds = |process: &Process| located(process, |round| round.seconds / f64::from(round.steps));
    let kernel = |process: &Process| located(process, |round| round.calibration_seconds);
    let (raw, calibrated) = (over(&seconds)?, over(&|process| Some(seconds(process)? / kernel(process)?)));
    let round = measurement.processes.first()?.rounds.first()?;
    let seconds = raw.mean.exp();
    Some(Step {
        seconds,
        calibrated: calibrated.map(|calibrated| calibrated.mean.exp()),
        spread: calibrated.unwrap_or(raw).deviation,
        samples_per_second: round.samples as f64 / f64::from(round.steps) / seconds,
    })
}

fn located(process: &Process, value: impl Fn(&crate::record::Round) -> f64) -> Option<f64> {
    let values: Vec<f64> = process.rounds.iter().map(value).collect();
    let quiet: Vec<bool> = process.rounds.iter().map(|round| !round.noisy).collect();
    location(&values, &quiet)
}
