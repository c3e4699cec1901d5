//! A worker that times rounds of training steps when it is told to.

use std::time::{Duration, Instant};

use super::datasets::Datasets;
use super::fault::Fault;
use super::interrupt::Interrupt;
use super::noise::NoiseWatch;
use super::plan::{Error, data_of};
use super::process::WorkerProcess;
use super::protocol::Request;
use super::worker::Launcher;
use crate::event::{Event, Task};
use crate::recipe::{Environment, Trial};
use crate::record::{Round, validate};

/// A worker is steady once the time of a step differs by no more than this factor between the
/// slowest and the fastest of its last rounds.
const STEADY: f64 = 1.05;
/// So many rounds are looked at for that.
const LOOKED_AT: usize = 3;
/// Warming up is given up after so many rounds, or so long.
const MOST_ROUNDS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(10);
/// So many rounds at most serve to find the number of steps.
const SEARCH: usize = 5;
/// The number of steps grows by no more than this factor from one round to the next.
const GROWTH: f64 = 32.0;
/// A number of steps is kept if its round lasts as long as it should within this factor.
const CLOSE: f64 = 1.25;

/// Returns what a worker is asked that is to time rounds of `trial`.
///
/// # Errors
/// Fails if the identity of the trial does not hold for the data at hand.
pub(super) fn request(trial: &Trial, datasets: &Datasets) -> Result<Request, Error> {
    let data = data_of(trial, datasets)?.clone();
    Ok(Request::Measure { trial: Box::new(trial.clone()), data })
}

/// A worker that times rounds.
pub(super) struct TimedWorker<'a> {
    process: WorkerProcess<'a>,
    task: Task,
    environment: Environment,
}

/// The rounds before a worker was steady.
pub(super) struct Warmup {
    pub rounds: Vec<Round>,
    pub steady: bool,
}

impl<'a> TimedWorker<'a> {
    /// Starts the worker, which gets ready on its own.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn start(
        launcher: &Launcher,
        request: &Request,
        trial: &Trial,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Fault> {
        let process = launcher.start(request, &trial.environment, interrupt)?;
        let task = Task { steps: 1, busy_seconds: 0.0 };
        Ok(TimedWorker { process, task, environment: trial.environment })
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// Fails if the worker fails.
    pub fn ready(&mut self) -> Result<(), Fault> {
        match self.answer()? {
            Event::Started(_) => Ok(()),
            _ => Err(self.process.reject("it answered what was not asked".to_owned())),
        }
    }

    /// Returns the number of training steps in a round.
    pub fn steps(&self) -> u32 {
        self.task.steps
    }

    /// Does rounds until the worker is steady: of `steps` steps, or of as many as last about
    /// `round_seconds`. From then on every step is followed by busy work of `slowdown` times the
    /// time of a step in the fastest of the last of these rounds.
    ///
    /// # Errors
    /// Fails if the worker fails.
    pub fn warm_up(
        &mut self,
        round_seconds: f64,
        steps: Option<u32>,
        slowdown: f64,
    ) -> Result<Warmup, Fault> {
        self.task = Task { steps: steps.unwrap_or(1), busy_seconds: 0.0 };
        let mut rounds = Vec::new();
        let mut searching = steps.is_none();
        let patience = Instant::now() + PATIENCE;
        let steady = loop {
            let round = self.round()?;
            let seconds = round.own_seconds(&self.environment);
            rounds.push(round);
            if searching {
                searching = rounds.len() < SEARCH && self.correct(round_seconds / seconds);
                continue;
            }
            let last = self.last_steps(&rounds);
            if last.len() == LOOKED_AT && is_steady(&last) {
                break true;
            }
            if rounds.len() >= MOST_ROUNDS || Instant::now() > patience {
                break false;
            }
        };
        let fastest = self.last_steps(&rounds).into_iter().reduce(f64::min);
        self.task.busy_seconds = slowdown * fastest.unwrap_or(0.0);
        Ok(Warmup { rounds, steady })
    }

    /// Changes the number of steps by about this factor; whether it was far off.
    fn correct(&mut self, factor: f64) -> bool {
        let steps = f64::from(self.task.steps);
        let wanted = (steps * factor.min(GROWTH)).round().max(1.0);
        let far = wanted > steps * CLOSE || wanted * CLOSE < steps;
        if far {
            self.task.steps = wanted as u32;
        }
        far
    }

    /// Times one round.
    ///
    /// # Errors
    /// Fails if the worker fails.
    pub fn round(&mut self) -> Result<Round, Fault> {
        let watch = NoiseWatch::begin(self.process.id());
        self.process.say(&Request::Round(self.task))?;
        match self.answer()? {
            Event::Round(timing) if timing.steps == self.task.steps => {
                let round = watch.end(timing);
                match validate::round(&round) {
                    Ok(()) => Ok(round),
                    Err(why) => Err(self.process.reject(format!("it said what cannot be: {why}"))),
                }
            }
            _ => Err(self.process.reject("it answered what was not asked".to_owned())),
        }
    }

    fn answer(&mut self) -> Result<Event, Fault> {
        match self.process.next()? {
            Some(Event::Failed { error, out_of_memory }) => Err(self.process.reported(error, out_of_memory)),
            Some(event) => Ok(event),
            None => Err(self.process.end().err().unwrap_or(Fault::Incomplete)),
        }
    }

    /// The time of a step in each of the last rounds of one size, in seconds.
    fn last_steps(&self, rounds: &[Round]) -> Vec<f64> {
        let alike = rounds.iter().rev().take_while(|round| round.steps == self.task.steps);
        let step = |round: &Round| round.own_seconds(&self.environment) / f64::from(round.steps);
        alike.take(LOOKED_AT).map(step).collect()
    }
}

fn is_steady(times: &[f64]) -> bool {
    let fastest = times.iter().copied().fold(f64::INFINITY, f64::min);
    times.iter().all(|&time| time <= fastest * STEADY)
}
