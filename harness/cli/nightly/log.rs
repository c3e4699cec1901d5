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
    pub fn new() -> Self {
        Log { stamped: !std::io::stderr().is_terminal() }
    }

    pub fn say(&self, message: impl Display) {
        match self.stamped {
            true => tell!("{} {message}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ")),
            false => tell!("{message}"),
        }
    }

    /// Watches the training of these trials.
    pub fn observer(self, trials: &[Trial], interrupt: &Arc<Interrupt>) -> Box<dyn Observer> {
        match self.stamped {
            true => Box::new(Ended { log: self, ended: 0, trials: trials.len() }),
            false => observer(trials, false, interrupt),
        }
    }
}

/// A line for each trial that ends.
struct Ended {
    log: Log,
    ended: usize,
    trials: usize,
}

impl Observer for Ended {
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
