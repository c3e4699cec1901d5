//! What a night says while it goes on: with the time where no person watches.

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::Arc;

use crate::recipe::Trial;
use crate::record::TrialRecord;
use crate::runner::{Interrupt, Observer, ending, observer};
use crate::terminal::tell;

/// Lines on stderr; each begins with the time (UTC) where that is no terminal.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    stamped: bool,
}

impl Log {
    /// Returns a log whose lines begin with the time where stderr is no terminal.
    pub fn new() -> Self {
        Log { stamped: !std::io::stderr().is_terminal() }
    }

    /// Says a line on stderr.
    pub fn say(&self, message: impl Display) {
        if self.stamped {
            tell!("{} {message}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        } else {
            tell!("{message}");
        }
    }

    /// Returns what tells how these trials are trained.
    pub fn observer(self, trials: &[Trial], interrupt: &Arc<Interrupt>) -> Box<dyn Observer> {
        if self.stamped {
            Box::new(StampedLines { log: self, ended: 0, trials: trials.len() })
        } else {
            observer(trials, trials.len(), false, interrupt)
        }
    }
}

/// A line for each trial that ends.
struct StampedLines {
    log: Log,
    ended: usize,
    trials: usize,
}

impl Observer for StampedLines {
    fn kept(&mut self, _record: &TrialRecord) {
        self.ended += 1;
    }

    fn warn(&mut self, message: &str) {
        self.log.say(format_args!("warning: {message}"));
    }

    fn ended(&mut self, _trial: usize, record: &TrialRecord) {
        self.ended += 1;
        self.log.say(format_args!("[{}/{}] {}", self.ended, self.trials, ending(record)));
    }
}
