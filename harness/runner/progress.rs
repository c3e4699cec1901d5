//! What a person sees of a run while it goes on; all of it on stderr.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{
    HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};

use super::interrupt::Interrupt;
use crate::escape::terminal;
use crate::event::Event;
use crate::recipe::Trial;
use crate::record::{Status, TrialRecord};
use crate::terminal::tell;

/// Watches a run. Trials are named by their index in the plan.
pub trait Observer {
    /// A trial was done before the run went on.
    fn kept(&mut self, _record: &TrialRecord) {}
    /// Something is not as it should be.
    fn warn(&mut self, message: &str) {
        tell!("warning: {message}");
    }
    /// A worker was started.
    fn began(&mut self, _trial: usize) {}
    /// A worker said something.
    fn said(&mut self, _trial: usize, _event: &Event) {}
    /// Its record is written.
    fn ended(&mut self, _trial: usize, _record: &TrialRecord) {}
}

/// Sees nothing but warnings.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {}

/// Returns what shows how `count` of these trials are trained: bars where stderr is a terminal, else a line for each trial that
/// ends; nothing where `quiet`. Bars say so while the workers finish their epoch after an `interrupt`.
pub fn observer(
    trials: &[Trial],
    count: usize,
    quiet: bool,
    interrupt: &Arc<Interrupt>,
) -> Box<dyn Observer> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        let names = trials.iter().map(|trial| terminal::line(&trial.name())).collect();
        Box::new(Bars::new(names, count, Arc::clone(interrupt), ProgressDrawTarget::stderr()))
    } else {
        Box::new(LinePerTrial { ended: 0, trials: count })
    }
}

struct LinePerTrial {
    ended: usize,
    trials: usize,
}

impl Observer for LinePerTrial {
    fn kept(&mut self, _record: &TrialRecord) {
        self.ended += 1;
    }

    fn ended(&mut self, _trial: usize, record: &TrialRecord) {
        self.ended += 1;
        tell!("[{}/{}] {}", self.ended, self.trials, ending(record));
    }
}

/// A bar a running trial, and below them one for the whole run.
struct Bars {
    names: Vec<String>,
    all: MultiProgress,
    whole: ProgressBar,
    running: BTreeMap<usize, RunningTrial>,
}

struct RunningTrial {
    bar: ProgressBar,
    epochs: u32,
    /// The number of steps in an epoch.
    steps: u32,
}

impl Bars {
    fn new(names: Vec<String>, count: usize, interrupt: Arc<Interrupt>, target: ProgressDrawTarget) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let whole = all.add(ProgressBar::new(count as u64));
        let outlook = move |state: &ProgressState, to: &mut dyn Write| {
            // Only a line that is never shown cannot be written to.
            let _ = if interrupt.is_requested() {
                write!(to, "finishing the epoch; Ctrl-C again to stop now")
            } else {
                write!(to, "{:#} left", HumanDuration(state.eta()))
            };
        };
        whole.set_style(
            style("{pos}/{len} trials {wide_bar} {elapsed} elapsed, {outlook}").with_key("outlook", outlook),
        );
        whole.enable_steady_tick(Duration::from_millis(500));
        Bars { names, all, whole, running: BTreeMap::new() }
    }
}

/// A template that indicatif does not take is shown as its default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Observer for Bars {
    fn kept(&mut self, _record: &TrialRecord) {
        self.whole.inc(1);
        self.whole.reset_eta();
    }

    fn warn(&mut self, message: &str) {
        // Only a terminal that is gone cannot be written to.
        let _ = self.all.println(terminal::text(&format!("warning: {message}")));
    }

    fn began(&mut self, trial: usize) {
        let bar = self.all.insert_before(&self.whole, ProgressBar::new(0));
        bar.set_style(style("  {prefix} {bar:20} {msg} {eta} left"));
        let widest = self.names.iter().map(String::len).max().unwrap_or(0);
        bar.set_prefix(self.names.get(trial).map(|name| format!("{name:<widest$}")).unwrap_or_default());
        bar.set_message("starting,");
        self.running.insert(trial, RunningTrial { bar, epochs: 0, steps: 0 });
    }

    fn said(&mut self, trial: usize, event: &Event) {
        let Some(RunningTrial { bar, epochs, steps }) = self.running.get_mut(&trial) else { return };
        match event {
            Event::Started(started) => {
                (*epochs, *steps) = (started.epochs, started.steps);
                bar.set_length(u64::from(*epochs) * u64::from(*steps));
                bar.reset_eta();
                bar.set_message(format!("epoch 1/{epochs},"));
            }
            Event::Step { epoch, step, .. } => {
                bar.set_position(u64::from(epoch.saturating_sub(1)) * u64::from(*steps) + u64::from(*step));
            }
            Event::Epoch(epoch) => {
                bar.set_position(u64::from(epoch.epoch) * u64::from(*steps));
                let score = epoch.validation.unwrap_or(epoch.train);
                bar.set_message(format!(
                    "epoch {}/{epochs}, loss {:.4}, accuracy {:.4}, {:.0} samples/s,",
                    epoch.epoch,
                    score.loss,
                    score.accuracy,
                    epoch.samples_per_second()
                ));
            }
            _ => {}
        }
    }

    fn ended(&mut self, trial: usize, record: &TrialRecord) {
        if let Some(running) = self.running.remove(&trial) {
            self.all.remove(&running.bar);
        }
        // Only a terminal that is gone cannot be written to.
        let _ = self.all.println(terminal::text(&ending(record)));
        self.whole.inc(1);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        let _ = self.all.clear();
    }
}

/// Returns how a trial ended, in a line, or in more if it failed.
pub fn ending(record: &TrialRecord) -> String {
    let ended = match record.status {
        Status::Completed => "completed",
        Status::StoppedEarly => "stopped early",
        Status::Diverged => "diverged: its loss is not finite",
        Status::OutOfMemory => "ran out of memory",
        Status::Failed => "failed",
    };
    let mut line = format!("{}: {ended}", record.trial.name());
    if let Some(error) = &record.error {
        line += &format!(": {error}");
    }
    if let Some(finished) = &record.finished {
        if let Some(score) = &finished.test {
            line += &format!(", test accuracy {:.4}, loss {:.4}", score.accuracy, score.loss);
        }
        let samples: u64 = record.epochs.iter().map(|epoch| epoch.samples).sum();
        let speed = samples as f64 / finished.train_seconds;
        line += &format!(", {speed:.0} samples/s, {:.1} s", finished.wall_seconds);
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::{Epoch, Score, Started};

    #[test]
    fn a_bar_follows_its_trial() {
        let names = vec!["smoke/mlp/1".to_owned()];
        let mut bars = Bars::new(names, 1, Arc::new(Interrupt::default()), ProgressDrawTarget::hidden());
        bars.began(0);
        bars.said(
            0,
            &Event::Started(Started {
                parameters: 1,
                train_samples: 96,
                validation_samples: 0,
                test_samples: 0,
                steps: 3,
                epochs: 4,
                resumed_from: 0,
            }),
        );
        bars.said(0, &Event::Step { epoch: 2, step: 1, steps: 3 });
        let RunningTrial { bar, .. } = &bars.running[&0];
        assert_eq!((bar.prefix().as_str(), bar.position(), bar.length()), ("smoke/mlp/1", 4, Some(12)));
        bars.said(
            0,
            &Event::Epoch(Epoch {
                epoch: 2,
                train: Score { loss: 0.5, accuracy: 0.75 },
                validation: None,
                learning_rate: 0.1,
                samples: 96,
                train_seconds: 0.5,
                train_cpu_seconds: 0.5,
                validation_seconds: 0.0,
                checkpoint_seconds: 0.0,
                trajectory: String::new(),
                tensors: BTreeMap::new(),
            }),
        );
        let RunningTrial { bar, .. } = &bars.running[&0];
        assert_eq!(bar.position(), 6);
        assert_eq!(bar.message(), "epoch 2/4, loss 0.5000, accuracy 0.7500, 192 samples/s,");
    }
}
