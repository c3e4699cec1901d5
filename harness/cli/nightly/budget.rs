//! How long a night may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::app::exit::{Exit, Failure};
use crate::runner::Interrupt;

/// Once the time is over, the run is asked to stop as by Ctrl-C.
#[derive(Debug)]
pub struct Budget {
    interrupt: Arc<Interrupt>,
    is_spent: Arc<AtomicBool>,
}

impl Budget {
    /// Begins now; none for a night without an end.
    pub fn begin(limit: Option<Duration>, interrupt: &Arc<Interrupt>) -> Result<Self, Failure> {
        let budget = Budget { interrupt: Arc::clone(interrupt), is_spent: Arc::default() };
        if let Some(limit) = limit {
            let (interrupt, is_spent) = (Arc::clone(interrupt), Arc::clone(&budget.is_spent));
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

    /// Why the night is to stop, if it is.
    pub fn stopped(&self) -> Option<Exit> {
        self.interrupt.is_requested().then(|| match self.is_spent.load(Ordering::SeqCst) {
            true => Exit::Incomplete,
            false => Exit::Interrupted,
        })
    }
}

/// `2h`, `90m`, `1h 30m`, `PT2H`.
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
