//! What a person sees of a run while it goes on; all of it on stderr.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Event;
use crate::record::{Status, TrialRecord};
use crate::suite::Trial;

/// Watches a run. Trials are named by their index in the plan.
pub trait Observer {
    /// A worker was started.
    fn began(&mut self, _trial: usize) {}
    /// It said something.
    fn said(&mut self, _trial: usize, _event: &Event) {}
    /// Its record is written.
    fn ended(&mut self, _trial: usize, _record: &TrialRecord) {}
}

/// Sees nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {}

/// Bars where stderr is a terminal, else a line for each trial that ends; nothing where `quiet`.
pub fn observer(trials: &[Trial], quiet: bool) -> Box<dyn Observer + '_> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars::new(trials, ProgressDrawTarget::stderr()))
    } else {
        Box::new(Lines { ended: 0, trials: trials.len() })
    }
}

struct Lines {
    ended: usize,
    trials: usize,
}

impl Observer for Lines {
    fn ended(&mut self, _trial: usize, record: &TrialRecord) {
        self.ended += 1;
        eprintln!("[{}/{}] {}", self.ended, self.trials, line(record));
    }
}

/// A bar a running trial, and below them one for the whole run.
struct Bars<'a> {
    trials: &'a [Trial],
    all: MultiProgress,
    whole: ProgressBar,
    running: BTreeMap<usize, ProgressBar>,
}

impl<'a> Bars<'a> {
    fn new(trials: &'a [Trial], target: ProgressDrawTarget) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let whole = all.add(ProgressBar::new(trials.len() as u64));
        whole.set_style(style("{pos}/{len} trials {wide_bar} {elapsed} elapsed, {eta} left"));
        whole.enable_steady_tick(Duration::from_millis(500));
        Bars { trials, all, whole, running: BTreeMap::new() }
    }
}

/// A template that indicatif does not take is shown as its default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Observer for Bars<'_> {
    fn began(&mut self, trial: usize) {
        let bar = self.all.insert_before(&self.whole, ProgressBar::new(0));
        bar.set_style(style("  {prefix} {bar:20} {msg} {eta} left"));
        bar.set_prefix(self.trials.get(trial).map(Trial::name).unwrap_or_default());
        bar.set_message("starting");
        self.running.insert(trial, bar);
    }

    fn said(&mut self, trial: usize, event: &Event) {
        let Some(bar) = self.running.get(&trial) else { return };
        match event {
            Event::Started(started) => {
                bar.set_length(u64::from(started.epochs) * u64::from(started.steps));
                bar.reset_eta();
                bar.set_message(format!("epoch 1/{}", started.epochs));
            }
            Event::Step { epoch, step, steps } => {
                bar.set_position(u64::from(epoch.saturating_sub(1)) * u64::from(*steps) + u64::from(*step));
            }
            Event::Epoch(epoch) => {
                let epochs =
                    self.trials.get(trial).map_or(0, |trial| trial.experiment.training.epochs).max(1);
                let steps = bar.length().unwrap_or(0) / u64::from(epochs);
                bar.set_position(u64::from(epoch.epoch) * steps);
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
        if let Some(bar) = self.running.remove(&trial) {
            self.all.remove(&bar);
        }
        // Only a terminal that is gone cannot be written to.
        let _ = self.all.println(line(record));
        self.whole.inc(1);
    }
}

impl Drop for Bars<'_> {
    fn drop(&mut self) {
        let _ = self.all.clear();
    }
}

/// A trial that ended, in a line; more where it failed.
fn line(record: &TrialRecord) -> String {
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
