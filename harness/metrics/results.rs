//! What a trial left, as metrics see it.

use crate::event::{Epoch, Finished, Started};
use crate::recipe::Trial;
use crate::stats::median;

/// What a trial left.
#[derive(Clone, Copy, Debug)]
pub struct TrialResults<'a> {
    /// The trial as it was planned.
    pub trial: &'a Trial,
    /// What was known before the first step; `None` if the trial failed before.
    pub started: Option<&'a Started>,
    /// All epochs that were finished, in order.
    pub epochs: &'a [Epoch],
    /// How the trial ended; `None` if it failed.
    pub finished: Option<&'a Finished>,
}

impl<'a> TrialResults<'a> {
    /// Returns the same results without the epochs after `last`.
    pub fn up_to(self, last: u32) -> Self {
        let count = self.epochs.iter().take_while(|epoch| epoch.epoch <= last).count();
        TrialResults { epochs: self.epochs.get(..count).unwrap_or_default(), ..self }
    }

    /// Returns the epoch whose weights were kept and tested.
    pub fn kept(&self) -> Option<&'a Epoch> {
        let finished = self.finished?;
        match finished.best_epoch.filter(|_| finished.restored_best) {
            Some(best) => self.epochs.iter().find(|epoch| epoch.epoch == best),
            None => self.epochs.last(),
        }
    }

    /// Returns the training throughput in samples per second: the median over the epochs, because the first is slower,
    /// and so is one that was disturbed.
    pub fn throughput(&self) -> Option<f64> {
        median(&self.epochs.iter().map(Epoch::samples_per_second).collect::<Vec<_>>())
    }

    /// Returns each epoch that was validated, with its validation accuracy.
    pub(super) fn validated(&self) -> impl DoubleEndedIterator<Item = (&'a Epoch, f64)> + use<'a> {
        self.epochs.iter().filter_map(|epoch| Some((epoch, epoch.validation?.accuracy)))
    }

    /// Returns the first epoch whose validation accuracy is at least `target`, but for rounding.
    pub(super) fn first_at(&self, target: f64) -> Option<&'a Epoch> {
        let reached = self.validated().find(|(_, accuracy)| *accuracy >= target - SLACK);
        reached.map(|(epoch, _)| epoch)
    }
}

/// By how much a value may miss a bound that it touches but for rounding.
pub const SLACK: f64 = 1e-12;
