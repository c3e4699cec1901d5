//! Ctrl-C: once lets the workers finish their epoch and keep a checkpoint, twice kills them, and
//! the run says what is done; a third time ends at once.

use std::io;
use std::mem::MaybeUninit;
use std::process::{Child, ChildStdin};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{ptr, thread};

use libc::{SIGHUP, SIGINT, SIGTERM, c_int};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::iterator::Signals;

use super::protocol::Request;

/// Whether a run is to stop, and the workers that stop with it.
#[derive(Debug, Default)]
pub struct Interrupt {
    urgency: AtomicU8,
    running: Mutex<Vec<RunningWorker>>,
}

const STOP: u8 = 1;
const KILL: u8 = 2;

#[derive(Debug)]
struct RunningWorker {
    child: Arc<Mutex<Child>>,
    /// Of a worker that can be asked to stop.
    input: Option<ChildStdin>,
}

impl Interrupt {
    /// Returns an interrupt that stops the workers on SIGINT, SIGTERM or SIGHUP, and kills them at the
    /// second of these; at the third the process ends with exit code `code`. A signal that is ignored, as
    /// SIGHUP is under `nohup` and SIGINT in the background of a script, stays ignored. It may be called
    /// once a process.
    ///
    /// # Errors
    /// Fails if the system refuses a handler or a thread.
    pub fn on_signals(code: u8) -> io::Result<Arc<Self>> {
        let interrupt = Arc::new(Interrupt::default());
        let handled = Arc::clone(&interrupt);
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)))?;
        let handle = move || {
            for _ in signals.forever() {
                match handled.urgency.load(Ordering::SeqCst) {
                    0 => handled.stop(),
                    STOP => handled.kill(),
                    _ => std::process::exit(code.into()),
                }
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(handle)?;
        Ok(interrupt)
    }

    /// Asks the workers that keep checkpoints to finish their epoch, kills the others; no other
    /// starts.
    pub fn stop(&self) {
        self.urgency.fetch_max(STOP, Ordering::SeqCst);
        for running in lock(&self.running).iter_mut() {
            match running.input.take() {
                // A worker that cannot be written to is about to end.
                Some(mut input) => drop(Request::Stop.write(&mut input)),
                None => end(&mut lock(&running.child)),
            }
        }
    }

    /// Kills the running workers; no other starts.
    pub fn kill(&self) {
        self.urgency.store(KILL, Ordering::SeqCst);
        for running in lock(&self.running).iter() {
            end(&mut lock(&running.child));
        }
    }

    /// Returns whether the run is to stop.
    pub fn is_requested(&self) -> bool {
        self.urgency.load(Ordering::SeqCst) > 0
    }

    /// Stops the worker with the run, at once where that has been asked already, until what this returns is dropped.
    pub(super) fn register<'a>(&'a self, child: &Arc<Mutex<Child>>) -> RegisteredWorker<'a> {
        lock(&self.running).push(RunningWorker { child: Arc::clone(child), input: None });
        if self.is_requested() {
            end(&mut lock(child));
        }
        RegisteredWorker { interrupt: self, child: Arc::clone(child) }
    }
}

/// Whether whoever started this process had it ignore a signal.
fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action this only asks; all zeros are a valid `sigaction`.
    let action = unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// A worker that is stopped with the run.
#[derive(Debug)]
pub(super) struct RegisteredWorker<'a> {
    interrupt: &'a Interrupt,
    child: Arc<Mutex<Child>>,
}

impl RegisteredWorker<'_> {
    /// From now on it is asked to stop, by its input, rather than killed.
    pub fn listens(&self, input: ChildStdin) {
        let mut running = lock(&self.interrupt.running);
        if let Some(running) = running.iter_mut().find(|running| Arc::ptr_eq(&running.child, &self.child)) {
            running.input = Some(input);
        }
    }
}

impl Drop for RegisteredWorker<'_> {
    fn drop(&mut self) {
        lock(&self.interrupt.running).retain(|running| !Arc::ptr_eq(&running.child, &self.child));
    }
}

/// Kills a worker and all of its group, unless it has ended and been waited for.
pub(super) fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
}

/// Returns the content of a mutex, whatever happened to the thread that held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
