//! A run: every trial of a plan in a worker of its own, and a record of how each ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Sender, channel};

use super::cost::{expected_seconds, longest_first};
use super::datasets::Datasets;
use super::fault::Fault;
use super::host::{self, LoadWatch};
use super::interrupt::Interrupt;
use super::plan::{Error, Plan, train};
use super::progress::Observer;
use super::protocol::Request;
use super::schedule::side_by_side;
use super::summary::RunSummary;
use super::survey::{set_checkpoint_aside, survey};
use super::transcript::Transcript;
use super::worker::Launcher;
use crate::event::{Commit, Engine, Event};
use crate::recipe::Trial;
use crate::record::{EventLog, Fingerprint, Folder, Host, TrialRecord};

/// Trains all trials of `plan` and writes the run into `folder`; the calling thread alone writes. Returns
/// how many ended, and how.
///
/// # Errors
/// Fails if the data at hand are not those of the plan, if the folder cannot be written, or if the machine
/// has no room for a process. A trial that fails is no error: it is recorded and counted.
pub fn run(
    plan: &Plan,
    launcher: &Launcher,
    datasets: &Datasets,
    folder: &Folder,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<RunSummary, Error> {
    let requests = plan.requests(datasets, folder).inspect_err(|_| folder.remove_unstarted())?;
    let _lock = folder.lock()?;
    let fingerprint = Fingerprint {
        host: host::host(),
        engine: plan.engine.clone(),
        load: LoadWatch::begin().end(),
        commit: plan.commit.clone(),
    };
    let name = folder.run_name()?;
    folder.write_run(&plan.to_run(name, fingerprint)).inspect_err(|_| folder.remove_unstarted())?;
    let writer = Writer::new(plan, folder, observer, RunSummary::default());
    let order = order(plan, datasets, &plan.own_trials());
    do_all(writer, &order, &requests, launcher, interrupt)
}

/// Trains what is left of a plan whose run has begun in `folder`: trials with a record are kept (with
/// `retry_failed` only those with a result), others go on from their checkpoint. Returns how many ended,
/// and how.
///
/// # Errors
/// Fails as [`run()`] does.
pub fn resume(
    plan: &Plan,
    retry_failed: bool,
    launcher: &Launcher,
    datasets: &Datasets,
    folder: &Folder,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<RunSummary, Error> {
    let requests = plan.requests(datasets, folder)?;
    let _lock = folder.lock()?;
    let (kept, remaining) = survey(plan, folder, retry_failed, observer)?;
    let writer = Writer::new(plan, folder, observer, kept);
    let order = order(plan, datasets, &remaining);
    do_all(writer, &order, &requests, launcher, interrupt)
}

/// These trials of a plan, the longest expected first.
fn order(plan: &Plan, datasets: &Datasets, trials: &[usize]) -> Vec<usize> {
    let trials: BTreeSet<&usize> = trials.iter().collect();
    let mut order = longest_first(&expected_seconds(&plan.trials, |name| datasets.sizes(name)));
    order.retain(|index| trials.contains(index));
    order
}

fn do_all(
    mut writer: Writer,
    order: &[usize],
    requests: &[Request],
    launcher: &Launcher,
    interrupt: &Interrupt,
) -> Result<RunSummary, Error> {
    let plan = writer.plan;
    let attempt = Attempt {
        launcher,
        interrupt,
        engine: &plan.engine,
        commit: plan.commit.as_ref(),
        host: &host::host(),
        jobs: plan.jobs,
    };
    let work = |index: usize, sender: &Sender<TrainingMessage>| {
        // The receiver outlives every worker.
        let tell = |message| drop(sender.send(message));
        tell(TrainingMessage::Began(index));
        let said = |event: &Event| tell(TrainingMessage::Said(index, Box::new(event.clone())));
        let set_aside = |why: &str| {
            let (done, is_done) = channel();
            tell(TrainingMessage::Refused(index, why.to_owned(), done));
            // Where the run ends meanwhile, nobody answers.
            is_done.recv().unwrap_or(false)
        };
        match attempt.make(&plan.trials[index], &requests[index], said, set_aside) {
            Ok(Some(record)) => tell(TrainingMessage::Ended(index, Box::new(record))),
            Ok(None) => {}
            Err(shortage) => tell(TrainingMessage::Shortage(shortage)),
        }
    };
    side_by_side(order, plan.jobs, interrupt, work, |message| writer.take(message))?;
    let RunSummary { succeeded, failed, .. } = writer.summary;
    Ok(RunSummary { unfinished: plan.own_trials().len() - succeeded - failed, ..writer.summary })
}

/// Trains one trial again, without a trace on disk, and returns the record it would leave. Returns `None`
/// if it was interrupted.
///
/// # Errors
/// Fails if the data at hand are not the trial's, or if the machine has no room for a process.
pub fn repeat(
    trial: &Trial,
    launcher: &Launcher,
    engine: &Engine,
    datasets: &Datasets,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<Option<TrialRecord>, Error> {
    let request = train(trial, datasets, None, None)?;
    let attempt = Attempt { launcher, interrupt, engine, commit: None, host: &host::host(), jobs: 1 };
    observer.began(0);
    attempt.make(trial, &request, |event| observer.said(0, event), |_| false).map_err(Error::Shortage)
}

/// What it takes to do a trial.
struct Attempt<'a> {
    launcher: &'a Launcher,
    interrupt: &'a Interrupt,
    engine: &'a Engine,
    commit: Option<&'a Commit>,
    host: &'a Host,
    jobs: usize,
}

impl Attempt<'_> {
    /// Returns the record of the trial; `None` where it was interrupted, or for [`Fault::Shortage`]. Where a worker
    /// refuses the trial's checkpoint and `set_aside` sets that aside, another worker begins anew.
    fn make(
        &self,
        trial: &Trial,
        request: &Request,
        mut said: impl FnMut(&Event),
        set_aside: impl Fn(&str) -> bool,
    ) -> Result<Option<TrialRecord>, Fault> {
        let began = jiff::Timestamp::now();
        let load = LoadWatch::begin();
        let mut ask = || {
            let mut transcript = Transcript::new(trial);
            let end = self.launcher.ask(request, &trial.environment, self.interrupt, |event| {
                if matches!(event, Event::Stopped { .. }) && !self.interrupt.is_requested() {
                    return Err("it stopped without being asked to".to_owned());
                }
                transcript.hear(event)?;
                said(event);
                Ok(())
            });
            (transcript, end)
        };
        let (mut transcript, mut end) = ask();
        if let Err(Fault::Refused { error }) = &end
            && set_aside(error)
        {
            (transcript, end) = ask();
        }
        match end {
            Err(Fault::Shortage(_)) => return end.map(|()| None),
            Err(Fault::Interrupted) => return Ok(None),
            Ok(()) if transcript.is_stopped() => return Ok(None),
            _ => {}
        }
        let fingerprint = Fingerprint {
            host: self.host.clone(),
            engine: self.engine.clone(),
            load: load.end(),
            commit: self.commit.cloned(),
        };
        Ok(Some(transcript.into_record(self.jobs as u32, end, fingerprint, began)))
    }
}

/// What the threads that watch workers tell the one that writes.
enum TrainingMessage {
    Began(usize),
    Said(usize, Box<Event>),
    /// Why the checkpoint is refused, and where to say whether it is set aside.
    Refused(usize, String, Sender<bool>),
    Ended(usize, Box<TrialRecord>),
    Shortage(Fault),
}

struct Writer<'a> {
    plan: &'a Plan,
    folder: &'a Folder,
    observer: &'a mut dyn Observer,
    logs: BTreeMap<usize, EventLog>,
    summary: RunSummary,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan, folder: &'a Folder, observer: &'a mut dyn Observer, summary: RunSummary) -> Self {
        Writer { plan, folder, observer, logs: BTreeMap::new(), summary }
    }

    fn take(&mut self, message: TrainingMessage) -> Result<(), Error> {
        match message {
            TrainingMessage::Began(index) => {
                let Trial { suite, case, seed, .. } = &self.plan.trials[index];
                self.logs.insert(index, EventLog::open(&self.folder.events_path(suite, case, *seed))?);
                self.observer.began(index);
            }
            TrainingMessage::Said(index, event) => {
                if let Some(log) = self.logs.get_mut(&index) {
                    log.append(&event)?;
                }
                self.observer.said(index, &event);
            }
            TrainingMessage::Refused(index, why, done) => {
                let trial = &self.plan.trials[index];
                let is_aside = set_checkpoint_aside(trial, self.folder, &why, self.observer)?;
                // Who asked waits for the answer.
                let _ = done.send(is_aside);
            }
            TrainingMessage::Ended(index, record) => {
                self.logs.remove(&index);
                self.folder.write_trial(&record)?;
                if record.has_ended() {
                    let Trial { suite, case, seed, .. } = &record.trial;
                    self.folder.remove_checkpoint(suite, case, *seed)?;
                }
                self.summary.count(&record);
                self.observer.ended(index, &record);
            }
            TrainingMessage::Shortage(fault) => return Err(Error::Shortage(fault)),
        }
        Ok(())
    }
}
