//! How long a night may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::app::exit::{Exit, Failure};
use crate::runner::Interrupt;

/// The time of a night. Once it is over, the run is asked to stop as by Ctrl-C.
#[derive(Debug)]
pub struct Budget {
    interrupt: Arc<Interrupt>,
    is_spent: Arc<AtomicBool>,
}

impl Budget {
    /// Begins now. A night without a `limit` has no end.
    ///
    /// # Errors
    /// Fails if no thread can be started.
    pub fn begin(limit: Option<Duration>, interrupt: &Arc<Interrupt>) -> Result<Self, Failure> {
        let budget = Budget { interrupt: Arc::clone(interrupt), is_spent: Arc::default() };
        if let Some(limit) = limit {
            let interrupt = Arc::clone(interrupt);
            let is_spent = Arc::clone(&budget.is_spent);
            let wait = move || {
                thread::sleep(limit);
                is_spent.store(true, Ordering::SeqCst);
                interrupt.stop();
            };
            thread::Builder::new()
                .spawn(wait)
                .map_err(|error| Failure::new(Exit::Internal, format!("cannot start a thread: {error}")))?;
        }
        Ok(budget)
    }

    /// Returns the exit code with which the night is to stop. Returns `None` if it may go on.
    pub fn stopped(&self) -> Option<Exit> {
        if !self.interrupt.is_requested() {
            return None;
        }
        let is_spent = self.is_spent.load(Ordering::SeqCst);
        Some(if is_spent { Exit::Incomplete } else { Exit::Interrupted })
    }
}

/// Reads a time such as `2h`, `90m`, `1h 30m` or `PT2H`.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn parse(text: &str) -> Result<Duration, String> {
    let given = text.parse::<jiff::SignedDuration>().ok();
    given
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "give a time such as 2h, 90m or 1h 30m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("2h", 7200), ("90m", 5400), ("1h 30m", 5400), ("5s", 5), ("PT2H", 7200)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "2", "-1h", "0s", "tomorrow"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
