//! Ctrl-C: once stops the workers and lets the run say what is done, twice ends at once.

use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

/// Whether a run is to stop, and the workers that stop with it.
#[derive(Debug, Default)]
pub struct Interrupt {
    requested: AtomicBool,
    running: Mutex<Vec<Arc<Mutex<Child>>>>,
}

impl Interrupt {
    /// Stops on SIGINT, SIGTERM and SIGHUP; at the second the process ends with exit code `code`.
    /// To be called once a process.
    ///
    /// # Errors
    ///
    /// Where a handler is set already, or the system refuses.
    pub fn on_signals(code: u8) -> Result<Arc<Self>, ctrlc::Error> {
        let interrupt = Arc::new(Interrupt::default());
        let handled = Arc::clone(&interrupt);
        ctrlc::set_handler(move || {
            if handled.is_requested() {
                std::process::exit(code.into());
            }
            handled.request();
        })?;
        Ok(interrupt)
    }

    /// Kills the running workers; no other starts.
    pub fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        for child in lock(&self.running).iter() {
            end(&mut lock(child));
        }
    }

    /// Whether the run is to stop.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// The worker is stopped with the run, at once where that has been asked already, until the
    /// guard is dropped.
    pub(super) fn register<'a>(&'a self, child: &'a Arc<Mutex<Child>>) -> impl Drop + 'a {
        lock(&self.running).push(Arc::clone(child));
        if self.is_requested() {
            end(&mut lock(child));
        }
        Registered { interrupt: self, child }
    }
}

struct Registered<'a> {
    interrupt: &'a Interrupt,
    child: &'a Arc<Mutex<Child>>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        lock(&self.interrupt.running).retain(|child| !Arc::ptr_eq(child, self.child));
    }
}

/// Kills a worker and all of its group, unless it has ended and been waited for.
pub(super) fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
}

/// Locks, whatever happened to the thread that held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
