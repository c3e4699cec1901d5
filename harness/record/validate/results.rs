//! Results in short: baselines, and the nights of a history.

use crate::recipe::{ENGINE_REVISION, Trial, identity};
use crate::record::{Baseline, CaseResults, Mean, Night, SeedResult, Status, StepTime};
use crate::valid::{
    Inside, Valid, Validate, each, each_once, ensure, fraction, hexadecimal, not_negative, positive,
};

impl Validate for Baseline {
    fn validate(&self) -> Valid {
        self.fingerprint.validate().inside("fingerprint")?;
        each("gates", &self.gates, |gate| not_negative("margin", gate.margin))?;
        each("cases", &self.cases, |case| {
            let Trial { suite, .. } = &case.trial;
            let reason = format_args!("is {suite}, but the baseline is of {}", self.suite);
            ensure(*suite == self.suite, "trial.suite", reason)?;
            case.validate()
        })?;
        each_once("cases", &self.cases, |case| case.trial.case.clone())
    }
}

impl Validate for CaseResults {
    fn validate(&self) -> Valid {
        self.trial.validate().inside("trial")?;
        each("seeds", &self.seeds, |result| seed(&self.trial, result))?;
        each_once("seeds", &self.seeds, |result| result.seed)?;
        each("throughput", &self.throughput, Validate::validate)?;
        each_once("throughput", &self.throughput, |measured| measured.attempt)
    }
}

fn seed(trial: &Trial, result: &SeedResult) -> Valid {
    if trial.engine_revision == ENGINE_REVISION {
        let actual = identity(&trial.experiment, result.seed, &trial.dataset, &trial.environment);
        let reason = format_args!("is {}, but the trial's content gives {actual}", result.identity);
        ensure(actual == result.identity, "identity", reason)?;
    }
    let training = &trial.experiment.training;
    let done = result.epochs;
    let planned = training.epochs as usize;
    let allowed = match result.status {
        Some(Status::Completed) => done == planned,
        Some(Status::StoppedEarly) => {
            done == planned || (1..planned).contains(&done) && training.early_stopping.is_some()
        }
        Some(Status::Diverged) => (1..=planned).contains(&done),
        Some(Status::Failed | Status::OutOfMemory) => done <= planned,
        None => done == 0,
    };
    ensure(allowed, "epochs", format_args!("is {done} of {planned}, which `status` does not allow"))?;
    ensure(result.trajectory.is_some() == (done > 0), "trajectory", "is there exactly where epochs are")?;
    result.trajectory.as_ref().map_or(Ok(()), |digest| hexadecimal("trajectory", digest))?;
    let is_success = result.status.is_some_and(Status::is_success);
    let agree = result.loss.is_some() == result.accuracy.is_some() && (is_success || result.loss.is_none());
    let agree_metrics = is_success || result.metrics.is_empty();
    ensure(agree_metrics, "metrics", "is there though the trial did not go well")?;
    ensure(agree, "loss", "and `accuracy` are there together, and only where the trial went well")?;
    fraction("accuracy", result.accuracy.unwrap_or(0.0))?;
    not_negative("loss", result.loss.unwrap_or(0.0))
}

impl Validate for Night {
    fn validate(&self) -> Valid {
        if let Some(accuracy) = &self.accuracy {
            mean(accuracy).inside("accuracy")?;
            fraction("accuracy.mean", accuracy.mean)?;
        }
        self.loss.as_ref().map_or(Ok(()), |loss| mean(loss).inside("loss"))?;
        let Some(StepTime { seconds, calibrated, spread, samples_per_second }) = self.step else {
            return Ok(());
        };
        positive("step.seconds", seconds)?;
        positive("step.calibrated", calibrated.unwrap_or(1.0))?;
        not_negative("step.spread", spread.unwrap_or(0.0))?;
        positive("step.samples_per_second", samples_per_second)
    }
}

fn mean(mean: &Mean) -> Valid {
    not_negative("mean", mean.mean)?;
    not_negative("deviation", mean.deviation.unwrap_or(0.0))?;
    ensure(mean.seeds >= 1, "seeds", "is 0, which is less than 1")
}
