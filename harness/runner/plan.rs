//! What a run is to do, decided anew or taken up from where it was left.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::datasets::Datasets;
use super::fault::Fault;
use super::protocol::Request;
use crate::data::Handle;
use crate::event::{Commit, Engine};
use crate::recipe::datasets::BUILT_INS;
use crate::recipe::{ENGINE_REVISION, Environment, Name, Trial, identity};
use crate::record::{self, Fingerprint, Folder, Format, Run, Shard, TrialKey};
use crate::suite::case::Suite;
use crate::suite::expand;

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
        /// The name of the trial, as `suite/case/seed`.
        trial: String,
        /// The identity in the plan.
        stated: String,
        /// Of what would be trained.
        actual: String,
    },
    /// A trial's dataset was not handed over.
    #[error("{trial}: its dataset `{dataset}` is not loaded")]
    NoData {
        /// The name of the trial, as `suite/case/seed`.
        trial: String,
        /// The name of the dataset.
        dataset: String,
    },
    /// A run that would not go on to the same bits.
    #[error(
        "{}: it cannot go on, because its {what} was {was} when it began and is {is} here; go on where it \
         began, or start it anew",
        path.display()
    )]
    Changed {
        /// The path of the run's folder.
        path: PathBuf,
        /// What differs from when it began.
        what: String,
        /// The value in `run.json`.
        was: String,
        /// The value here and now.
        is: String,
    },
    /// The machine has no room for another worker; what is under way is not recorded.
    #[error(transparent)]
    Shortage(Fault),
    /// The system gives no more threads.
    #[error("cannot start a thread: {0}; run fewer --jobs")]
    Thread(#[from] io::Error),
}

/// What is to be done, all decided.
#[derive(Clone, Debug)]
pub struct Plan {
    /// With only the cases and seeds selected.
    pub suites: Vec<Suite>,
    /// The trials, in the order planned.
    pub trials: Vec<Trial>,
    /// The part of the trials that is trained here; `None` if all are.
    pub shard: Option<Shard>,
    /// The environment of all trials.
    pub environment: Environment,
    /// What computes, as a worker described it.
    pub engine: Engine,
    /// Of the user's own repository; `None` if it is not known.
    pub commit: Option<Commit>,
    /// So many trials side by side at most.
    pub jobs: usize,
    /// Keep trials' weights beside their records.
    pub keep_weights: bool,
    /// The command line that began it.
    pub invocation: Vec<String>,
    /// When it was begun.
    pub began: jiff::Timestamp,
}

impl Plan {
    /// Returns the plan of a run that has begun, to go on with where `engine` computes in its environment.
    ///
    /// # Errors
    /// Fails with what differs from when it began, if that could change a bit.
    pub fn of_run(run: Run, folder: &Folder, engine: Engine) -> Result<Plan, Error> {
        let same = |what: String, was: &str, is: &str| {
            if was == is {
                return Ok(());
            }
            let path = folder.path().to_owned();
            Err(Error::Changed { path, what, was: was.to_owned(), is: is.to_owned() })
        };
        let was = run.engine_revision.to_string();
        let is = ENGINE_REVISION.to_string();
        same("engine revision".to_owned(), &was, &is)?;
        // Of another dataset the content is compared when it is loaded.
        for manifest in BUILT_INS.iter() {
            for (file, was) in run.datasets.get(&manifest.name).into_iter().flatten() {
                let is = manifest.content.get(file).map_or("unknown", String::as_str);
                same(format!("digest of {}'s {file}", manifest.name), was, is)?;
            }
        }
        let known = |name: &str| run.datasets.get(name).cloned();
        let was = &run.fingerprint.engine;
        same("device".to_owned(), &was.device, &engine.device)?;
        for case in run.suites.iter().flat_map(|suite| &suite.cases) {
            let experiment = &case.experiment;
            same("numerics class".to_owned(), &was.class_of(experiment), &engine.class_of(experiment))?;
        }

        let trials: Vec<Trial> =
            run.suites.iter().flat_map(|suite| expand(suite, run.environment, known)).collect();
        same("number of trials".to_owned(), &run.trials.len().to_string(), &trials.len().to_string())?;
        for (key, trial) in run.trials.iter().zip(&trials) {
            same(format!("identity of {}", trial.name()), &key.identity, &trial.identity)?;
        }
        let Run { suites, shard, environment, invocation, began, jobs, keep_weights, fingerprint, .. } = run;
        let jobs = jobs as usize;
        // The suites are those of the commit at which the run began.
        let commit = fingerprint.commit;
        Ok(Plan { suites, trials, shard, environment, engine, commit, jobs, keep_weights, invocation, began })
    }

    /// Returns the indices of the trials that are trained here.
    pub fn own_trials(&self) -> Vec<usize> {
        match &self.shard {
            Some(shard) => shard.trials.iter().map(|index| *index as usize).collect(),
            None => (0..self.trials.len()).collect(),
        }
    }

    /// Returns what `run.json` holds of the plan.
    pub fn to_run(&self, name: Name, fingerprint: Fingerprint) -> Run {
        let dataset = |trial: &Trial| (trial.experiment.data.dataset.clone(), trial.dataset.clone());
        // A run that only measures has no trials.
        let measured = self.suites.iter().flat_map(Suite::used_datasets);
        let mut run = Run {
            format: Format::CURRENT,
            name,
            began: self.began,
            invocation: self.invocation.clone(),
            environment: self.environment,
            engine_revision: ENGINE_REVISION,
            datasets: self.trials.iter().map(dataset).chain(measured).collect::<BTreeMap<_, _>>(),
            class_names: self.suites.iter().flat_map(|suite| suite.class_names.clone()).collect(),
            jobs: self.jobs as u32,
            keep_weights: self.keep_weights,
            suites: self.suites.clone(),
            trials: self.trials.iter().map(TrialKey::from).collect(),
            plan: None,
            shard: self.shard.clone(),
            fingerprint,
        };
        run.plan = Some(run.plan_digest());
        run
    }

    /// Returns what a worker is asked for each trial.
    ///
    /// # Errors
    /// Fails if the identity of a trial does not hold for the data at hand.
    pub(super) fn requests(&self, datasets: &Datasets, folder: &Folder) -> Result<Vec<Request>, Error> {
        let request = |trial: &Trial| {
            let Trial { suite, case, seed, .. } = trial;
            let weights = self.keep_weights.then(|| folder.weights_path(suite, case, *seed));
            train(trial, datasets, Some(folder.checkpoint_path(suite, case, *seed)), weights)
        };
        self.trials.iter().map(request).collect()
    }
}

/// Returns what a worker is asked to train a trial.
///
/// # Errors
/// Fails if the identity of the trial does not hold for the data at hand.
pub(super) fn train(
    trial: &Trial,
    datasets: &Datasets,
    checkpoint: Option<PathBuf>,
    weights: Option<PathBuf>,
) -> Result<Request, Error> {
    let data = data_of(trial, datasets)?.clone();
    Ok(Request::Train { trial: Box::new(trial.clone()), data, checkpoint, weights })
}

/// Returns the trial's dataset.
///
/// # Errors
/// Fails if the identity of the trial does not hold for it.
pub(super) fn data_of<'d>(trial: &Trial, datasets: &'d Datasets) -> Result<&'d Handle, Error> {
    let dataset = &trial.experiment.data.dataset;
    let (Some(data), Some(digests)) = (datasets.handle(dataset), datasets.digests(dataset)) else {
        return Err(Error::NoData { trial: trial.name(), dataset: dataset.clone() });
    };
    let actual = identity(&trial.experiment, trial.seed, digests, &trial.environment);
    if actual != trial.identity || *digests != trial.dataset {
        return Err(Error::Identity { trial: trial.name(), stated: trial.identity.clone(), actual });
    }
    Ok(data)
}
