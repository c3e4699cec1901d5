//! Starts workers and asks one thing of each.

use std::path::PathBuf;

use super::fault::Fault;
use super::interrupt::Interrupt;
use super::process::WorkerProcess;
use super::protocol::Request;
use crate::data::Handle;
use crate::event::{Engine, Event, Insight, Started, View};
use crate::recipe::{Environment, Trial};
use crate::record::{Weights, validate};

/// Starts workers: a program, called with the one argument `worker`.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
}

impl Launcher {
    /// Returns what starts the program that is running, even if its file has been replaced since: all
    /// workers of a run are of one build.
    pub fn this_program() -> Self {
        Launcher::new("/proc/self/exe")
    }

    /// Returns what starts another program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Launcher { program: program.into() }
    }

    /// Starts a worker, asks `request` of it and hands each event to `hear`, until it ends.
    ///
    /// The worker dies with the thread that calls this, whatever kills that: it must be called from
    /// one that lives as long as the process.
    ///
    /// # Errors
    ///
    /// How the worker failed; so, too, with what `hear` has against an event.
    pub fn ask(
        &self,
        request: &Request,
        environment: &Environment,
        interrupt: &Interrupt,
        mut hear: impl FnMut(&Event) -> Result<(), String>,
    ) -> Result<(), Fault> {
        let mut process = self.start(request, environment, interrupt)?;
        if request.can_stop() {
            process.leave_input_to_interrupt();
        } else {
            process.close_input();
        }
        while let Some(event) = process.next()? {
            if let Err(what) = hear(&event) {
                return Err(process.reject(what));
            }
            match event {
                Event::Failed { error, out_of_memory } => return Err(process.reported(error, out_of_memory)),
                Event::Refused { error } => return Err(process.refused(error)),
                _ => {}
            }
        }
        process.end()
    }

    /// Starts a worker and asks `request` of it; the rest is up to the caller.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub(super) fn start<'a>(
        &self,
        request: &Request,
        environment: &Environment,
        interrupt: &'a Interrupt,
    ) -> Result<WorkerProcess<'a>, Fault> {
        WorkerProcess::start(&self.program, request, environment, interrupt)
    }

    /// Returns what computes in `environment`.
    ///
    /// # Errors
    /// Fails as the worker failed: with [`Fault::Reported`] if the device cannot be used.
    pub fn describe(&self, environment: &Environment, interrupt: &Interrupt) -> Result<Engine, Fault> {
        let mut engine = None;
        let request = Request::Describe { environment: *environment };
        self.ask(&request, environment, interrupt, |event| {
            match event {
                Event::Described(described) => engine = Some(described.clone()),
                Event::Failed { .. } => {}
                _ => return Err("it answered what was not asked".to_owned()),
            }
            Ok(())
        })?;
        engine.ok_or(Fault::Incomplete)
    }

    /// Takes one batch of `trial` forward and backward. Returns what is known before the first step, and the loss.
    ///
    /// # Errors
    ///
    /// Fails as the worker failed: with [`Fault::Reported`] if the trial cannot be trained.
    pub fn check(
        &self,
        trial: &Trial,
        data: &Handle,
        interrupt: &Interrupt,
    ) -> Result<(Started, f64), Fault> {
        let mut begun = None;
        let mut checked = None;
        let request = Request::Check { trial: Box::new(trial.clone()), data: data.clone() };
        self.ask(&request, &trial.environment, interrupt, |event| {
            match event {
                Event::Started(started) => begun = Some(started.clone()),
                Event::Checked { loss } => checked = Some(*loss),
                Event::Failed { .. } => {}
                _ => return Err("it answered what was not asked".to_owned()),
            }
            Ok(())
        })?;
        begun.zip(checked).ok_or(Fault::Incomplete)
    }

    /// Returns what the network of `trial` shows with these weights, row by row.
    ///
    /// # Errors
    ///
    /// Fails as the worker failed: with [`Fault::Reported`] if the weights or the network are not what is asked for.
    pub fn inspect(
        &self,
        trial: &Trial,
        data: &Handle,
        weights: &Weights,
        view: &View,
        interrupt: &Interrupt,
    ) -> Result<Vec<Insight>, Fault> {
        let request = Request::Inspect {
            trial: Box::new(trial.clone()),
            data: data.clone(),
            weights: weights.clone(),
            view: view.clone(),
        };
        let mut insights = Vec::new();
        self.ask(&request, &trial.environment, interrupt, |event| {
            match event {
                Event::Insight(insight) => {
                    let classes = trial.experiment.data.geometry.classes;
                    validate::insight(insight, classes)
                        .map_err(|why| format!("it said what cannot be: {why}"))?;
                    insights.push(insight.clone());
                }
                Event::Failed { .. } => {}
                _ => return Err("it answered what was not asked".to_owned()),
            }
            Ok(())
        })?;
        if insights.is_empty() { Err(Fault::Incomplete) } else { Ok(insights) }
    }
}
