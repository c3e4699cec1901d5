//! The program that trains and measures, and what stops it.

use std::path::Path;
use std::sync::Arc;

use super::exit::{Exit, Failure};
use crate::event::Engine;
use crate::recipe::Environment;
use crate::runner::{Bench, Datasets, Fault, Interrupt, Launcher};

/// What starts worker processes, and what ends them.
pub struct Workers {
    /// What starts the workers.
    pub launcher: Launcher,
    /// What ends them on Ctrl-C, SIGTERM and SIGHUP, unless those are ignored.
    pub interrupt: Arc<Interrupt>,
}

impl Workers {
    /// Returns what starts `program` as workers, or this program where none is named.
    ///
    /// # Errors
    /// Fails if this program is to be started but has no engine, or if signals cannot be watched for.
    pub fn new(program: Option<&Path>) -> Result<Self, Failure> {
        let launcher = launcher(program)?;
        let interrupt = Interrupt::on_signals(Exit::Interrupted as u8)
            .map_err(|error| Failure::new(Exit::Internal, format!("cannot watch for Ctrl-C: {error}")))?;
        Ok(Workers { launcher, interrupt })
    }

    /// Returns what computes in `environment`. `what` says whose environment it is.
    ///
    /// # Errors
    /// Fails with `exit` if the environment's device cannot be used.
    pub fn describe(&self, environment: &Environment, exit: Exit, what: &str) -> Result<Engine, Failure> {
        let described = self.launcher.describe(environment, &self.interrupt);
        described.map_err(|fault| undescribed(fault, exit, what))
    }

    /// Returns what it takes to measure with these workers, of no commit.
    pub fn bench<'a>(&'a self, engine: &'a Engine, datasets: &'a Datasets) -> Bench<'a> {
        Bench { launcher: &self.launcher, engine, commit: None, datasets, interrupt: &self.interrupt }
    }

    /// Checks that no interrupt came before anything was begun.
    ///
    /// # Errors
    /// Fails if one did.
    pub fn check_uninterrupted(&self) -> Result<(), Failure> {
        if self.interrupt.is_requested() {
            return Err(undescribed(Fault::Interrupted, Exit::Interrupted, ""));
        }
        Ok(())
    }
}

/// Returns why nothing can be computed, with the exit code `exit` where `what` names a device that cannot be
/// used.
pub fn undescribed(fault: Fault, exit: Exit, what: &str) -> Failure {
    match fault {
        Fault::Interrupted => Failure::new(Exit::Interrupted, "interrupted before anything was begun"),
        Fault::Reported { error, .. } => Failure::new(exit, format!("{what}: {error}")),
        fault => Failure::new(Exit::Internal, fault),
    }
}

fn launcher(program: Option<&Path>) -> Result<Launcher, Failure> {
    if let Some(program) = program {
        return Ok(Launcher::new(program));
    }
    if !cfg!(feature = "torch") {
        let message = "this tchbench was built without its engine (--no-default-features) and cannot train; \
                       build it with `make build`";
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(Launcher::this_program())
}
