//! Training on libtorch: the only place that names tch.

mod device;
mod digest;
mod error;
mod init;
mod model;
mod optimizer;
mod probe;
mod recurrent;
mod samples;
mod shim;
mod trainer;
mod usage;
mod watch;

#[cfg(test)]
mod tests;

use std::time::Instant;

pub use device::describe;
pub use error::Error;
pub use trainer::Trainer;

use crate::data::Dataset;
use crate::event::Event;
use crate::suite::Trial;

/// Trains `trial` on `dataset`; `emit` is told what happens, the end included.
///
/// # Errors
/// As for `check`, and what libtorch refuses while it trains. A loss that is not finite is none: it
/// is how that trial ends.
pub fn train(trial: &Trial, dataset: &Dataset, emit: &mut dyn FnMut(Event)) -> Result<(), Error> {
    let began = Instant::now();
    let trainer = Trainer::new(trial, dataset)?;
    emit(Event::Started(trainer.started()));
    let finished = trainer.train(began, emit)?;
    emit(Event::Finished(finished));
    Ok(())
}

/// Does everything short of training: builds the model, prepares the data, takes one batch forward
/// and backward.
///
/// # Errors
/// Data that cannot be prepared; layers that do not fit together; a number of parameters other than
/// the suite states; a device that is not there or has no memory left.
pub fn check(trial: &Trial, dataset: &Dataset, emit: &mut dyn FnMut(Event)) -> Result<(), Error> {
    let trainer = Trainer::new(trial, dataset)?;
    emit(Event::Started(trainer.started()));
    emit(Event::Checked { loss: trainer.check()? });
    Ok(())
}
