//! What is decided from epoch to epoch: the learning rate, the best epoch, when to stop.

use crate::event::Epoch;
use crate::recipe::{Monitor, Optimizer, Schedule, Training};

/// The learning rate over a training.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRate {
    schedule: Schedule,
    current: f64,
    plateau: Patience,
}

impl LearningRate {
    /// Before the first step.
    pub fn new(schedule: Schedule, optimizer: &Optimizer) -> Self {
        LearningRate { schedule, current: optimizer.lr(), plateau: Patience::default() }
    }

    /// At `step`, counted from 0 over the whole training.
    pub fn at(&self, step: u64) -> f64 {
        match self.schedule {
            Schedule::InverseTime { decay } => self.current / (1.0 + decay * step as f64),
            Schedule::Constant | Schedule::ReduceOnPlateau { .. } => self.current,
        }
    }

    /// Takes an epoch into account.
    pub fn observe(&mut self, epoch: &Epoch) {
        if let (Schedule::ReduceOnPlateau { factor, patience, min_lr }, Some(score)) =
            (self.schedule, epoch.validation)
        {
            self.plateau.observe(score.loss);
            if self.plateau.waited >= patience {
                self.current = (self.current * factor).max(min_lr.min(self.current));
                self.plateau.waited = 0;
            }
        }
    }
}

/// How long a value has not improved; smaller is better, and NaN is never better.
#[derive(Clone, Debug, Default, PartialEq)]
struct Patience {
    best: Option<f64>,
    waited: u32,
}

impl Patience {
    fn observe(&mut self, value: f64) -> bool {
        let better = value < self.best.unwrap_or(f64::INFINITY);
        if better {
            self.best = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        better
    }
}

/// The best epoch so far, and whether it is time to stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    monitor: Option<Monitor>,
    patience: Option<u32>,
    best: Patience,
    best_epoch: Option<u32>,
}

impl Watch {
    /// Before the first epoch.
    pub fn new(training: &Training) -> Self {
        Watch {
            monitor: training.early_stopping.map(|rule| rule.monitor),
            patience: training.early_stopping.map(|rule| rule.patience),
            best: Patience::default(),
            best_epoch: None,
        }
    }

    /// Takes an epoch into account; whether it is the best so far.
    pub fn observe(&mut self, epoch: &Epoch) -> bool {
        let value = match (epoch.validation, self.monitor) {
            (Some(score), Some(Monitor::ValidationAccuracy)) => -score.accuracy,
            (Some(score), _) => score.loss,
            (None, _) => epoch.train.loss,
        };
        let better = self.best.observe(value);
        if better {
            self.best_epoch = Some(epoch.epoch);
        }
        better
    }

    /// Whether the patience of early stopping is spent.
    pub fn is_over(&self) -> bool {
        self.patience.is_some_and(|patience| self.best.waited >= patience)
    }

    /// The best epoch so far.
    pub fn best_epoch(&self) -> Option<u32> {
        self.best_epoch
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::Score;
    use crate::recipe::EarlyStopping;

    fn epoch(epoch: u32, loss: f64, accuracy: f64) -> Epoch {
        Epoch {
            epoch,
            train: Score { loss: 0.0, accuracy: 0.0 },
            validation: Some(Score { loss, accuracy }),
            learning_rate: 0.0,
            samples: 1,
            train_seconds: 1.0,
            train_cpu_seconds: 1.0,
            validation_seconds: 0.0,
            checkpoint_seconds: 0.0,
            trajectory: String::new(),
            tensors: BTreeMap::new(),
        }
    }

    const SGD: Optimizer = Optimizer::Sgd { lr: 1.0, momentum: 0.0, nesterov: false };

    #[test]
    fn plateau_reduces_after_patience_and_not_below_its_floor() {
        let schedule = Schedule::ReduceOnPlateau { factor: 0.2, patience: 2, min_lr: 0.05 };
        let mut rate = LearningRate::new(schedule, &SGD);
        let losses = [3.0, 2.0, 2.0, 2.5, 2.0, 2.0, 1.0, 1.0, f64::NAN];
        let rates: Vec<f64> = losses
            .iter()
            .map(|&loss| {
                rate.observe(&epoch(1, loss, 0.0));
                rate.at(0)
            })
            .collect();
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.2, 0.2, 0.05, 0.05, 0.05, 0.05]);
    }

    /// A suite that asks for such a floor is refused; a trial on disk may still have it.
    #[test]
    fn a_floor_above_the_rate_does_not_raise_it() {
        let schedule = Schedule::ReduceOnPlateau { factor: 0.5, patience: 1, min_lr: 3.0 };
        let mut rate = LearningRate::new(schedule, &SGD);
        [2.0, 2.0, 2.0].iter().for_each(|&loss| rate.observe(&epoch(1, loss, 0.0)));
        assert_eq!(rate.at(0), 1.0);
    }

    #[test]
    fn inverse_time_decays_with_steps() {
        let rate = LearningRate::new(Schedule::InverseTime { decay: 0.5 }, &SGD);
        assert_eq!([rate.at(0), rate.at(2), rate.at(6)], [1.0, 0.5, 0.25]);
    }

    #[test]
    fn watching_stops_after_patience_and_remembers_the_best() {
        let training = |monitor| Training {
            epochs: 9,
            batch: 1,
            optimizer: SGD,
            schedule: Schedule::Constant,
            weight_decay: 0.0,
            early_stopping: Some(EarlyStopping { patience: 2, monitor, restore_best: true }),
        };
        let mut loss = Watch::new(&training(Monitor::ValidationLoss));
        let mut accuracy = Watch::new(&training(Monitor::ValidationAccuracy));
        for (i, (l, a)) in [(2.0, 0.1), (1.0, 0.2), (1.5, 0.3), (1.5, 0.3)].into_iter().enumerate() {
            loss.observe(&epoch(i as u32 + 1, l, a));
            accuracy.observe(&epoch(i as u32 + 1, l, a));
        }
        assert_eq!((loss.best_epoch(), loss.is_over()), (Some(2), true));
        assert_eq!((accuracy.best_epoch(), accuracy.is_over()), (Some(3), false));
    }
}
