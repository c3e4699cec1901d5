//! Measurements of throughput: rounds, and what a baseline or a calibration keeps of them.

use crate::event::Slice;
use crate::record::{
    Block, CalibratedCase, Calibration, Measurement, Method, Paired, PairedCase, Process, ProcessPair, Round,
    Side, Throughput,
};
use crate::valid::{
    Inside, Valid, Validate, between, each, each_once, ensure, fraction, not_negative, positive, seconds,
};

impl Validate for Measurement {
    fn validate(&self) -> Valid {
        self.trial.validate().inside("trial")?;
        let Measurement { attempt, slowdown, processes, .. } = self;
        ensure(*attempt >= 1, "attempt", "is 0, which is less than 1")?;
        not_negative("slowdown", *slowdown)?;
        method(&self.method).inside("method")?;
        // A measurement that was interrupted has fewer processes than planned.
        let planned = self.method.processes;
        counted("processes", processes.len(), 1..=planned as usize)?;
        let process = |process: &Process| {
            each("warmup", &process.warmup, round)?;
            each("rounds", &process.rounds, round)?;
            let planned = self.method.rounds as usize;
            counted("rounds", process.rounds.len(), planned..=planned)
        };
        each("processes", processes, process)?;
        self.fingerprint.validate().inside("fingerprint")
    }
}

fn method(method: &Method) -> Valid {
    ensure(method.processes >= 1, "processes", "is 0, which is less than 1")?;
    ensure(method.rounds >= 1, "rounds", "is 0, which is less than 1")?;
    positive("round_seconds", method.round_seconds)
}

fn counted(field: &str, is: usize, planned: std::ops::RangeInclusive<usize>) -> Valid {
    let least = planned.start();
    let most = planned.end();
    ensure(planned.contains(&is), field, format_args!("are {is}, but {least} to {most} were planned"))
}

/// Checks a round of training steps.
///
/// # Errors
/// Returns the first time or count that no round has.
pub fn round(round: &Round) -> Valid {
    ensure(round.steps >= 1, "steps", "is 0, which is less than 1")?;
    ensure(
        round.samples >= round.steps.into(),
        "samples",
        format_args!("is {}, less than steps", round.samples),
    )?;
    seconds("seconds", round.seconds).and(positive("seconds", round.seconds))?;
    seconds("cpu_seconds", round.cpu_seconds)?;
    seconds("device_seconds", round.device_seconds.unwrap_or(0.0))?;
    seconds("wait_seconds", round.wait_seconds)?;
    fraction("steal", round.steal.unwrap_or(0.0))?;
    not_negative("foreign", round.foreign)?;
    not_negative("load_average", round.load_average)?;
    let slice = |slice: &Slice| {
        ensure(slice.steps >= 1, "steps", "is 0, which is less than 1")?;
        positive("seconds", slice.seconds).and(seconds("seconds", slice.seconds))?;
        positive("calibration", slice.calibration).and(seconds("calibration", slice.calibration))
    };
    each("slices", &round.slices, slice)?;
    let steps: u64 = round.slices.iter().map(|slice| u64::from(slice.steps)).sum();
    let reason = format_args!("have {steps} steps, but the round has {}", round.steps);
    ensure(steps == u64::from(round.steps), "slices", reason)
}

impl Validate for Throughput {
    fn validate(&self) -> Valid {
        ensure(self.attempt >= 1, "attempt", "is 0, which is less than 1")?;
        not_negative("slowdown", self.slowdown)?;
        method(&self.method).inside("method")?;
        let processes = self.method.processes as usize;
        let rounds = self.method.rounds as usize;
        counted("step_seconds", self.step_seconds.len(), 1..=processes)?;
        let measured = self.step_seconds.len();
        counted("calibration_seconds", self.calibration_seconds.len(), measured..=measured)?;
        for (field, times) in
            [("step_seconds", &self.step_seconds), ("calibration_seconds", &self.calibration_seconds)]
        {
            for (process, times) in times.iter().enumerate() {
                let field = format!("{field}[{process}]");
                counted(&field, times.len(), rounds..=rounds)?;
                times.iter().try_for_each(|&time| positive(&field, time).and(seconds(&field, time)))?;
            }
        }
        Ok(())
    }
}

impl Validate for Calibration {
    fn validate(&self) -> Valid {
        self.fingerprint.validate().inside("fingerprint")?;
        seconds("seconds", self.seconds)?;
        between("noise_floor", self.noise_floor, 0.0..=1.0)?;
        positive("slowdown", self.slowdown)?;
        let case = |case: &CalibratedCase| {
            case.trial.validate().inside("trial")?;
            each("plain", &case.plain, Validate::validate)?;
            each("slowed", &case.slowed, Validate::validate)?;
            let plain = case.plain.len();
            let slowed = case.slowed.len();
            ensure(plain >= 1, "plain", "is empty")?;
            ensure(plain == slowed, "slowed", format_args!("are {slowed}, but {plain} stand in `plain`"))
        };
        each("cases", &self.cases, case)?;
        each_once("cases", &self.cases, |case| format!("{}/{}", case.trial.suite, case.trial.case))
    }
}

impl Validate for Paired {
    fn validate(&self) -> Valid {
        let side = |side: &Side| not_negative("slowdown", side.slowdown);
        side(&self.a).inside("a")?;
        side(&self.b).inside("b")?;
        let block = |block: &Block| each("a", &block.a, round).and_then(|()| each("b", &block.b, round));
        let pair = |pair: &ProcessPair| each("blocks", &pair.blocks, block);
        each("cases", &self.cases, |case: &PairedCase| each("pairs", &case.pairs, pair))
    }
}
