//! The throughput of some cases: fresh processes of each, rounds of all in turn.

use std::collections::BTreeMap;

use super::datasets::Datasets;
use super::fault::Fault;
use super::host::{LoadWatch, host};
use super::interrupt::Interrupt;
use super::plan::Error;
use super::protocol::Request;
use super::timed_worker::{TimedWorker, request};
use super::worker::Launcher;
use crate::event::{Commit, Engine};
use crate::recipe::Trial;
use crate::record::{self, Fingerprint, Format, Measurement, Method, Process};
use crate::rng::{Purpose, Stream};

/// So many workers at most are alive at once; each holds libtorch and its data in memory.
const ALIVE: usize = 16;

/// What it takes to measure.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// What starts the workers.
    pub launcher: &'a Launcher,
    /// What computes, as a worker described it.
    pub engine: &'a Engine,
    /// Of the user's own repository; `None` if it is not known.
    pub commit: Option<&'a Commit>,
    /// The datasets of all cases.
    pub datasets: &'a Datasets,
    /// What ends a measurement.
    pub interrupt: &'a Interrupt,
}

/// A case whose throughput is measured.
#[derive(Clone, Debug)]
pub struct MeasuredCase {
    /// A case with one seed.
    pub trial: Trial,
    /// The number of the measurement, from 1: [`Folder::next_attempt`](record::Folder::next_attempt).
    pub attempt: u32,
    /// Busy work after every step, as a fraction of a step; 0 but for calibration.
    pub slowdown: f64,
}

/// What was measured of all cases.
#[derive(Debug, Default)]
pub struct Measurements {
    /// In the order of the subjects, with as many whole processes as there are; cases without any are
    /// left out.
    pub measurements: Vec<Measurement>,
    /// Cases that failed; each was given up at once, and what was measured of it before is kept.
    pub failed: Vec<Failed>,
    /// Whether an interrupt ended it before its time.
    pub interrupted: bool,
}

/// A case that cannot be measured to the end.
#[derive(Debug)]
pub struct Failed {
    /// The name of the trial, as `suite/case/seed`.
    pub trial: String,
    /// Why the case failed.
    pub fault: Fault,
}

/// Measures all `subjects`. In each of `method.processes` passes every case gets a fresh process,
/// which is warmed up; then come `method.rounds` rounds, in each of which every case has its turn, in
/// an order drawn from `method.seed`. So what changes while it goes on changes for all cases, and a
/// case's processes are spread over the whole time. After each pass `save` is given every case anew;
/// `tick` is called after each timed round of a case.
///
/// To be called on a thread that lives as long as the process.
///
/// # Errors
///
/// Where the data at hand are not a subject's, or the machine has no room for a process; what `save` fails
/// with.
pub fn measure(
    bench: &Bench,
    subjects: &[MeasuredCase],
    method: &Method,
    save: &mut dyn FnMut(&Measurement) -> Result<(), record::Error>,
    tick: &mut dyn FnMut(),
) -> Result<Measurements, Error> {
    let mut work = Work {
        bench,
        method,
        requests: subjects
            .iter()
            .map(|subject| request(&subject.trial, bench.datasets))
            .collect::<Result<_, _>>()?,
        measurements: subjects.iter().map(|subject| empty(bench, subject, method)).collect(),
        steps: BTreeMap::new(),
        failed: BTreeMap::new(),
        load: LoadWatch::begin(),
    };
    let mut interrupted = false;
    'passes: for pass in 0..method.processes {
        let indices: Vec<usize> = (0..subjects.len()).collect();
        for chunk in indices.chunks(ALIVE) {
            let begun: Vec<usize> =
                chunk.iter().copied().filter(|index| !work.failed.contains_key(index)).collect();
            work.pass(pass, &begun, tick);
            work.has_room()?;
            interrupted = bench.interrupt.is_requested();
            if interrupted {
                break 'passes;
            }
            work.save(&begun, save)?;
        }
    }
    let failed = work.failed.into_iter().filter(|(_, fault)| !matches!(fault, Fault::Interrupted));
    Ok(Measurements {
        failed: failed
            .filter_map(|(index, fault)| Some(Failed { trial: subjects.get(index)?.trial.name(), fault }))
            .collect(),
        measurements: work.measurements.into_iter().filter(|found| !found.processes.is_empty()).collect(),
        interrupted,
    })
}

fn empty(bench: &Bench, subject: &MeasuredCase, method: &Method) -> Measurement {
    Measurement {
        format: Format::CURRENT,
        trial: subject.trial.clone(),
        attempt: subject.attempt,
        slowdown: subject.slowdown,
        method: *method,
        processes: Vec::new(),
        fingerprint: Fingerprint {
            host: host(),
            engine: bench.engine.clone(),
            load: LoadWatch::begin().end(),
            commit: bench.commit.cloned(),
        },
        began: jiff::Timestamp::now(),
    }
}

/// A measurement under way; cases are named by their index.
struct Work<'a> {
    bench: &'a Bench<'a>,
    method: &'a Method,
    requests: Vec<Request>,
    measurements: Vec<Measurement>,
    /// Steps a round, as the case's first process found them.
    steps: BTreeMap<usize, u32>,
    failed: BTreeMap<usize, Fault>,
    load: LoadWatch,
}

/// A case with its process of this pass.
struct RunningCase<'a> {
    case: usize,
    session: TimedWorker<'a>,
    process: Process,
}

impl<'a> Work<'a> {
    /// A fresh process of each of these cases, and all of their rounds.
    fn pass(&mut self, pass: u32, cases: &[usize], tick: &mut dyn FnMut()) {
        let mut running = self.start(cases);
        running.retain_mut(|RunningCase { case, session, .. }| {
            let ready = session.ready();
            self.is_well(*case, ready)
        });
        running.retain_mut(|RunningCase { case, session, process }| {
            let slowdown = self.measurements[*case].slowdown;
            let steps = self.steps.get(case).copied();
            let warmed = session.warm_up(self.method.round_seconds, steps, slowdown).map(|warmup| {
                self.steps.insert(*case, session.steps());
                (process.warmup, process.steady) = (warmup.rounds, warmup.steady);
            });
            self.is_well(*case, warmed)
        });
        for round in 0..self.method.rounds {
            let number = u64::from(pass) << 32 | u64::from(round);
            let order = Stream::new(self.method.seed, Purpose::Rounds, number).permutation(running.len());
            for turn in order {
                let RunningCase { case, session, process } = &mut running[turn as usize];
                let timed = session.round().map(|round| process.rounds.push(round));
                if self.is_well(*case, timed) {
                    tick();
                }
            }
            running.retain(|running| !self.failed.contains_key(&running.case));
        }
        for RunningCase { case, process, .. } in running {
            self.measurements[case].processes.push(process);
        }
    }

    /// Starts all of them; they get ready side by side.
    fn start(&mut self, cases: &[usize]) -> Vec<RunningCase<'a>> {
        let Bench { launcher, interrupt, .. } = *self.bench;
        let mut running = Vec::new();
        for &case in cases {
            let trial = &self.measurements[case].trial;
            match TimedWorker::start(launcher, &self.requests[case], trial, interrupt) {
                Ok(session) => {
                    let process = Process { warmup: Vec::new(), steady: false, rounds: Vec::new() };
                    running.push(RunningCase { case, session, process });
                }
                Err(fault) => drop(self.failed.insert(case, fault)),
            }
        }
        running
    }

    /// Fails if the machine had no room for a process.
    fn has_room(&mut self) -> Result<(), Error> {
        let mut failed = self.failed.iter();
        let case = failed.find(|(_, fault)| matches!(fault, Fault::Shortage(_))).map(|(case, _)| *case);
        case.and_then(|case| self.failed.remove(&case)).map_or(Ok(()), |fault| Err(Error::Shortage(fault)))
    }

    /// Whether a case goes on; if not, why is noted.
    fn is_well(&mut self, case: usize, result: Result<(), Fault>) -> bool {
        result.map_err(|fault| self.failed.insert(case, fault)).is_ok()
    }

    /// Saves those of these cases that have been measured.
    fn save(
        &mut self,
        cases: &[usize],
        save: &mut dyn FnMut(&Measurement) -> Result<(), record::Error>,
    ) -> Result<(), Error> {
        for &case in cases.iter().filter(|case| !self.failed.contains_key(case)) {
            let measurement = &mut self.measurements[case];
            measurement.fingerprint.load = self.load.end();
            save(measurement)?;
        }
        Ok(())
    }
}
