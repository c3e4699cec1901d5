//! What a worker has said of one trial, and the record that makes.

use super::fault::Fault;
use crate::event::{Ending, Epoch, Event, Finished, Started};
use crate::recipe::Trial;
use crate::record::validate;
use crate::record::{Fingerprint, Format, Status, TrialRecord};
use crate::valid::Invalid;

/// What a worker has said of one trial, in its turn.
#[derive(Debug)]
pub(super) struct Transcript<'a> {
    trial: &'a Trial,
    started: Option<Started>,
    epochs: Vec<Epoch>,
    finished: Option<Finished>,
    stopped: bool,
}

impl<'a> Transcript<'a> {
    /// Returns the transcript of a worker that has said nothing yet.
    pub fn new(trial: &'a Trial) -> Self {
        Transcript { trial, started: None, epochs: Vec::new(), finished: None, stopped: false }
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// Returns why the event is out of turn or cannot be.
    pub fn hear(&mut self, event: &Event) -> Result<(), String> {
        let nonsense = |why: Invalid| format!("it said what cannot be: {why}");
        match event {
            Event::Failed { .. } => {}
            Event::Refused { .. } if self.started.is_none() => {}
            _ if self.stopped => return Err("it went on after it had stopped".to_owned()),
            _ if self.finished.is_some() => return Err("it went on after it had finished".to_owned()),
            Event::Started(started) if self.started.is_none() => {
                validate::started(self.trial, started).map_err(nonsense)?;
                self.started = Some(started.clone());
            }
            _ if self.started.is_none() => return Err("it trained before it had started".to_owned()),
            Event::Step { epoch, step, steps } => {
                let next = self.epochs.len() + 1;
                let most = self.started.as_ref().map_or(0, |it| it.steps);
                if *epoch as usize != next || *steps != most || step > steps {
                    return Err(format!(
                        "it reported step {step} of {steps} of epoch {epoch}, of {most} of {next}"
                    ));
                }
            }
            Event::Epoch(epoch) if epoch.epoch as usize == self.epochs.len() + 1 => {
                validate::epoch(self.trial, self.started.as_ref(), &self.epochs, epoch).map_err(nonsense)?;
                self.epochs.push(epoch.clone());
            }
            Event::Epoch(epoch) => {
                return Err(format!("it reported epoch {} after {} epochs", epoch.epoch, self.epochs.len()));
            }
            Event::Stopped { .. } => self.stopped = true,
            Event::Finished(finished) => {
                validate::finished(self.trial, self.started.as_ref(), &self.epochs, finished)
                    .map_err(nonsense)?;
                self.finished = Some(finished.clone());
            }
            Event::Started(_)
            | Event::Described(_)
            | Event::Checked { .. }
            | Event::Refused { .. }
            | Event::Round(_)
            | Event::Insight(_)
            | Event::Tested(_)
            | Event::Transformed(_) => {
                return Err("it answered what was not asked".to_owned());
            }
        }
        Ok(())
    }

    /// Returns whether it ended between two epochs, because it was asked to.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Returns the trial's record, whose worker ended with `end`.
    pub fn into_record(
        self,
        jobs: u32,
        end: Result<(), Fault>,
        fingerprint: Fingerprint,
        began: jiff::Timestamp,
    ) -> TrialRecord {
        let finished = end.and_then(|()| self.finished.ok_or(Fault::Incomplete));
        let status = match &finished {
            Ok(finished) => ending(finished.ending),
            Err(fault) if fault.is_out_of_memory() => Status::OutOfMemory,
            Err(_) => Status::Failed,
        };
        TrialRecord {
            format: Format::CURRENT,
            trial: self.trial.clone(),
            jobs,
            status,
            error: finished.as_ref().err().map(Fault::to_string),
            started: self.started,
            epochs: self.epochs,
            // What a worker that failed had finished is no result.
            finished: finished.ok(),
            fingerprint,
            began,
        }
    }
}

fn ending(ending: Ending) -> Status {
    match ending {
        Ending::Completed => Status::Completed,
        Ending::StoppedEarly => Status::StoppedEarly,
        Ending::Diverged => Status::Diverged,
    }
}
