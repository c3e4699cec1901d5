//! `tchbench worker`: one trial, asked for on stdin, told of on stdout.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::app::exit::{Exit, Failure};
use crate::engine::{self, Error};
use crate::event::Event;
use crate::runner::protocol::{Request, say};

/// Does what stdin asks for. What goes wrong with the trial is an event, not a failure.
///
/// # Errors
/// Fails if the request cannot be read, or if stdout cannot be written.
pub fn execute() -> Result<Exit, Failure> {
    let request = Request::read(&mut io::stdin().lock()).map_err(|error| {
        let message =
            format!("worker: cannot read the request on stdin: {error}; `tchbench run` starts workers");
        Failure::new(Exit::Usage, message)
    })?;
    let mut stdout = io::stdout().lock();
    let mut gone = None;
    let mut emit = |event: Event| {
        if let Err(error) = say(&event, &mut stdout) {
            gone = Some(error);
        }
    };
    if let Err(error) = answer(request, &mut emit) {
        let text = error.to_string();
        let out_of_memory = matches!(error, Error::OutOfMemory(_));
        emit(match error {
            Error::RefusedCheckpoint { .. } => Event::Refused { error: text },
            _ => Event::Failed { error: text, out_of_memory },
        });
    }
    match gone {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Internal, format!("worker: cannot write to stdout: {error}")))
        }
        Some(_) => Ok(Exit::Internal),
        None => Ok(Exit::Success),
    }
}

fn answer(request: Request, emit: &mut dyn FnMut(Event)) -> Result<(), Error> {
    match request {
        Request::Describe { environment } => emit(Event::Described(engine::describe(&environment)?)),
        Request::Check { trial, data } => engine::check(&trial, &data.open()?, emit)?,
        Request::Train { trial, data, checkpoint, weights } => {
            let stop = stop_when_asked();
            engine::train(&trial, &data.open()?, checkpoint, weights, &stop, emit)?;
        }
        Request::Inspect { trial, data, weights, view } => {
            engine::inspect(&trial, &data.open()?, &weights, &view, emit)?;
        }
        Request::Measure { trial, data } => {
            let mut stdin = io::stdin().lock();
            let mut next = || match Request::read(&mut stdin) {
                Ok(Request::Round(task)) => Some(task),
                _ => None,
            };
            engine::measure(&trial, &data.open()?, &mut next, emit)?;
        }
        Request::Robustness { trial, data, weights, transforms } => {
            engine::robustness(&trial, &data.open()?, &weights, &transforms, emit)?;
        }
        // Nothing is under way.
        Request::Round(_) | Request::Stop => {}
    }
    Ok(())
}

/// Set once another line on stdin asks to stop.
fn stop_when_asked() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    thread::spawn(move || {
        if let Ok(Request::Stop) = Request::read(&mut io::stdin().lock()) {
            asked.store(true, Ordering::Relaxed);
        }
    });
    stop
}
