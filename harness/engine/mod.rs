//! Training on libtorch: the only place that names tch.

mod calibration;
mod checkpoint;
mod clip;
mod cuda;
mod device;
mod digest;
mod driver;
mod error;
mod fit;
mod init;
mod inspect;
mod kernel;
mod layers;
mod model;
mod numbers;
mod optimizer;
mod optimizers;
mod planned;
mod planned_probe;
mod probe;
mod program;
mod robustness;
mod rounds;
mod samples;
mod shim;
mod tensors;
mod trained;
mod trainer;
mod usage;
mod watch;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

pub use device::describe;
pub use error::Error;
pub use inspect::inspect;
pub use robustness::robustness;
pub use rounds::Rounds;
pub use trained::Trained;
pub use trainer::Trainer;

use crate::data::Dataset;
use crate::event::{Event, Task};
use crate::recipe::Trial;
use checkpoint::CheckpointFiles;
use fit::Fit;

/// Trains `trial` on `dataset`; `emit` is told what happens, the end included. With `checkpoint`, a
/// path without extension, the state after every epoch is kept there, and where one is kept already
/// training goes on from it. With `weights`, a path, the weights of a training that does not diverge are
/// kept there, as [`KeptWeights`](crate::record::KeptWeights) says. Once `stop` is set, it ends after
/// the epoch.
///
/// # Errors
/// As for [`check`]; [`Error::RefusedCheckpoint`] where the checkpoint is broken, forged or another trial's; a
/// file that cannot be written; what libtorch refuses while it trains. A loss that is not finite is none: it is how that trial ends.
pub fn train(
    trial: &Trial,
    dataset: &Dataset,
    checkpoint: Option<PathBuf>,
    weights: Option<PathBuf>,
    stop: &AtomicBool,
    emit: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    let began = Instant::now();
    let trainer = Trainer::new(trial, dataset)?;
    let fit = Fit::new(trial, trainer, checkpoint.map(CheckpointFiles::new), weights)?;
    if let Some(finished) = fit.run(began, stop, emit)? {
        emit(Event::Finished(finished));
    }
    Ok(())
}

/// Does everything short of training: builds the model, prepares the data, takes one batch forward
/// and backward.
///
/// # Errors
/// Data that cannot be prepared; layers that do not fit together; a number of parameters other than
/// the suite states; a device that is not there or has no memory left.
pub fn check(trial: &Trial, dataset: &Dataset, emit: &mut dyn FnMut(Event)) -> Result<(), Error> {
    let mut trainer = Trainer::new(trial, dataset)?;
    emit(Event::Started(trainer.started()));
    emit(Event::Checked { loss: trainer.check()? });
    Ok(())
}

/// Gets ready to train and times rounds of steps, as long as `next` asks for them; `emit` is told.
///
/// # Errors
/// As for [`check`]; what libtorch refuses while it trains.
pub fn measure(
    trial: &Trial,
    dataset: &Dataset,
    next: &mut dyn FnMut() -> Option<Task>,
    emit: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    let trainer = Trainer::new(trial, dataset)?;
    let started = trainer.started();
    let mut rounds = Rounds::new(trainer)?;
    emit(Event::Started(started));
    while let Some(task) = next() {
        emit(Event::Round(rounds.time(task)?));
    }
    Ok(())
}
