//! Suites on a machine: what is computed, where and by what.

use super::exit::Failure;
use super::options::compute::Compute;
use super::results::invocation;
use super::suites::{common_numerics, trials};
use super::workers::Workers;
use crate::event::{Commit, Engine};
use crate::recipe::{Environment, Trial};
use crate::runner::{Plan, default_jobs};
use crate::suite::case::Suite;

/// Suites, and what computes them.
pub struct Session {
    /// With only the cases and seeds that are asked for.
    pub suites: Vec<Suite>,
    /// The environment of all their trials.
    pub environment: Environment,
    /// What computes in that environment.
    pub engine: Engine,
    /// Of the user's own repository; `None` if it is not known.
    pub commit: Option<Commit>,
}

impl Session {
    /// Decides the environment of `suites`: their numerics mode unless an option names one, and a device that
    /// can be used.
    ///
    /// # Errors
    /// Fails if the suites ask for different modes, or if nothing can be computed on the device.
    pub fn begin(compute: &Compute, suites: Vec<Suite>, workers: &Workers) -> Result<Self, Failure> {
        let numerics = compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
        let (environment, engine) = compute.describe(numerics, workers)?;
        Ok(Session { suites, environment, engine, commit: None })
    }

    /// Returns all trials of the suites.
    pub fn trials(&self) -> Vec<Trial> {
        trials(&self.suites, self.environment)
    }

    /// Returns the plan of a run of these `trials` that begins now: `jobs` side by side, or as many as there are
    /// cores for.
    pub fn plan(self, trials: Vec<Trial>, jobs: Option<u32>, began: jiff::Timestamp) -> Plan {
        let Session { suites, environment, engine, commit } = self;
        let jobs = jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
        let invocation = invocation();
        Plan {
            suites,
            trials,
            shard: None,
            environment,
            engine,
            commit,
            jobs,
            keep_weights: false,
            invocation,
            began,
        }
    }
}
