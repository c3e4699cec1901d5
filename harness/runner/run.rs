//! A run: every trial of a plan in a worker of its own, and a record of how each ended.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::Sender;

use super::datasets::Datasets;
use super::fault::Fault;
use super::host::{self, LoadWatch};
use super::interrupt::Interrupt;
use super::progress::Observer;
use super::protocol::Request;
use super::schedule::{longest_first, side_by_side};
use super::transcript::Transcript;
use super::worker::Launcher;
use crate::event::{Engine, Event};
use crate::record::{self, EventLog, Fingerprint, Folder, Format, Load, Run, TrialKey, TrialRecord};
use crate::suite::case::Suite;
use crate::suite::{Environment, Trial, identity};

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A record cannot be written.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// A trial is not what its identity says.
    #[error(
        "{trial}: its identity is {stated}, but what would be trained on the data at hand has {actual}; \
         plan the run anew"
    )]
    Identity {
        /// `suite/case/seed`.
        trial: String,
        /// The plan's.
        stated: String,
        /// Of what would be trained.
        actual: String,
    },
    /// A trial's dataset was not handed over.
    #[error("{trial}: its dataset `{dataset}` is not loaded")]
    NoData {
        /// `suite/case/seed`.
        trial: String,
        /// Its name.
        dataset: String,
    },
    /// The system gives no more threads.
    #[error("cannot start a thread: {0}; run fewer --jobs")]
    Thread(#[from] io::Error),
}

/// What is to be done, all decided.
#[derive(Debug)]
pub struct Plan {
    /// With only the cases and seeds selected.
    pub suites: Vec<Suite>,
    /// In the order planned.
    pub trials: Vec<Trial>,
    /// Of all trials.
    pub environment: Environment,
    /// What computes, as a worker described it.
    pub engine: Engine,
    /// The command line.
    pub invocation: Vec<String>,
    /// When it was begun.
    pub began: jiff::Timestamp,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Trials that yielded a result.
    pub succeeded: usize,
    /// Trials that failed or diverged, and are recorded so.
    pub failed: usize,
    /// Trials that an interrupt kept from beginning or from ending; they have no record.
    pub unfinished: usize,
}

/// Does all trials of `plan`, at most `jobs` side by side, and writes the run into `folder`. The calling thread alone writes.
///
/// # Errors
///
/// What ends a run before its time. A trial that fails is no error, but recorded and counted.
pub fn run(
    plan: &Plan,
    jobs: usize,
    launcher: &Launcher,
    datasets: &Datasets,
    folder: &Folder,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<Summary, Error> {
    let requests: Vec<Request> =
        plan.trials.iter().map(|trial| request(trial, datasets)).collect::<Result<_, _>>()?;
    let _lock = folder.lock()?;
    let host = host::host();
    let fingerprint = |load: Load| Fingerprint { host: host.clone(), engine: plan.engine.clone(), load };
    folder.write_run(&Run {
        format: Format::CURRENT,
        name: folder.name(),
        began: plan.began,
        invocation: plan.invocation.clone(),
        environment: plan.environment,
        jobs: jobs as u32,
        suites: plan.suites.clone(),
        trials: plan.trials.iter().map(TrialKey::from).collect(),
        fingerprint: fingerprint(LoadWatch::begin().end()),
    })?;

    let work = |index: usize, sender: &Sender<News>| {
        // The receiver outlives every worker.
        let tell = |news| drop(sender.send(news));
        tell(News::Began(index));
        let (trial, began, load) = (&plan.trials[index], jiff::Timestamp::now(), LoadWatch::begin());
        let mut transcript = Transcript::default();
        let end = launcher.ask(&requests[index], &trial.environment, interrupt, |event| {
            transcript.hear(event)?;
            tell(News::Said(index, Box::new(event.clone())));
            Ok(())
        });
        if !matches!(end, Err(Fault::Interrupted)) {
            let record = transcript.into_record(trial, jobs as u32, end, fingerprint(load.end()), began);
            tell(News::Ended(index, Box::new(record)));
        }
    };
    let order = longest_first(&plan.trials, |name| datasets.train_samples(name));
    let mut writer = Writer { plan, folder, observer, logs: BTreeMap::new(), summary: Summary::default() };
    side_by_side(&order, jobs, interrupt, work, |news| writer.take(news))?;
    let Summary { succeeded, failed, .. } = writer.summary;
    Ok(Summary { unfinished: plan.trials.len() - succeeded - failed, ..writer.summary })
}

/// What to ask a worker, if the trial's identity holds for the data at hand.
fn request(trial: &Trial, datasets: &Datasets) -> Result<Request, Error> {
    let dataset = &trial.experiment.data.dataset;
    let (Some(data), Some(digests)) = (datasets.handle(dataset), datasets.digests(dataset)) else {
        return Err(Error::NoData { trial: trial.name(), dataset: dataset.clone() });
    };
    let actual = identity(&trial.experiment, trial.seed, digests, &trial.environment);
    if actual != trial.identity || *digests != trial.dataset {
        return Err(Error::Identity { trial: trial.name(), stated: trial.identity.clone(), actual });
    }
    Ok(Request::Train { trial: Box::new(trial.clone()), data: data.clone(), checkpoint: None })
}

/// What the threads that watch workers tell the one that writes.
enum News {
    Began(usize),
    Said(usize, Box<Event>),
    Ended(usize, Box<TrialRecord>),
}

struct Writer<'a> {
    plan: &'a Plan,
    folder: &'a Folder,
    observer: &'a mut dyn Observer,
    logs: BTreeMap<usize, EventLog>,
    summary: Summary,
}

impl Writer<'_> {
    fn take(&mut self, news: News) -> Result<(), Error> {
        match news {
            News::Began(index) => {
                let Trial { suite, case, seed, .. } = &self.plan.trials[index];
                self.logs.insert(index, EventLog::open(&self.folder.events_path(suite, case, *seed))?);
                self.observer.began(index);
            }
            News::Said(index, event) => {
                if let Some(log) = self.logs.get_mut(&index) {
                    log.append(&event)?;
                }
                self.observer.said(index, &event);
            }
            News::Ended(index, record) => {
                self.logs.remove(&index);
                self.folder.write_trial(&record)?;
                match record.status.is_success() {
                    true => self.summary.succeeded += 1,
                    false => self.summary.failed += 1,
                }
                self.observer.ended(index, &record);
            }
        }
        Ok(())
    }
}
