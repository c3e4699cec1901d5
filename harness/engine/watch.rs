//! What is decided from epoch to epoch: the learning rate, the best epoch, when to stop.

use crate::event::Epoch;
use crate::recipe::schedules::TrainingLength;
use crate::recipe::{Monitor, Patience, Schedule, Training};

/// The learning rate over a training.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRate {
    schedule: Schedule,
    course: TrainingLength,
    current: f64,
    plateau: Patience,
}

impl LearningRate {
    /// Returns the rate before the first step of a training with so many steps an epoch.
    pub fn new(training: &Training, steps: u32) -> Self {
        LearningRate {
            schedule: training.schedule.clone(),
            course: TrainingLength { steps: steps.max(1).into(), epochs: training.epochs },
            current: training.optimizer.lr(),
            plateau: Patience::default(),
        }
    }

    /// Returns the rate at `step`, counted from 0 over the whole training.
    pub fn at(&self, step: u64) -> f64 {
        self.schedule.rate(self.current, step, self.course)
    }

    /// Takes an epoch into account.
    pub fn observe(&mut self, epoch: &Epoch) {
        if let Some(score) = epoch.validation {
            self.current = self.schedule.after_epoch(self.current, &mut self.plateau, score.loss);
        }
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
    /// Returns the state before the first epoch.
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

    /// Returns whether the patience of early stopping is spent.
    pub fn is_over(&self) -> bool {
        self.patience.is_some_and(|patience| self.best.waited >= patience)
    }

    /// Returns the best epoch so far.
    pub fn best_epoch(&self) -> Option<u32> {
        self.best_epoch
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::Score;
    use crate::recipe::optimizers::Sgd;
    use crate::recipe::schedules::{Constant, InverseTime, ReduceOnPlateau};
    use crate::recipe::{EarlyStopping, Optimizer};

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

    const SGD: Optimizer = Optimizer::Sgd(Sgd { lr: 1.0, momentum: 0.0, nesterov: false });

    fn rate_of(schedule: Schedule) -> LearningRate {
        let training = Training {
            epochs: 9,
            batch: 1,
            optimizer: SGD,
            schedule,
            weight_decay: 0.0,
            gradient_clip: None,
            early_stopping: None,
        };
        LearningRate::new(&training, 1)
    }

    const PLATEAU: ReduceOnPlateau =
        ReduceOnPlateau { factor: 0.1, patience: 1, min_lr: 0.0, min_delta: 0.0, threshold: 0.0 };

    #[test]
    fn a_better_loss_is_lower_by_as_much_as_is_asked_for() {
        let rates = |schedule| -> Vec<f64> {
            let mut rate = rate_of(Schedule::ReduceOnPlateau(schedule));
            [4.0, 3.75, 3.5, 3.25]
                .map(|loss| {
                    rate.observe(&epoch(1, loss, 0.0));
                    rate.at(0)
                })
                .to_vec()
        };
        let plateau = ReduceOnPlateau { factor: 0.5, ..PLATEAU };
        assert_eq!(rates(plateau), [1.0; 4]);
        assert_eq!(rates(ReduceOnPlateau { min_delta: 0.25, ..plateau }), [1.0, 0.5, 0.5, 0.25]);
        assert_eq!(rates(ReduceOnPlateau { threshold: 0.0625, ..plateau }), [1.0, 0.5, 0.5, 0.5]);
        assert_eq!(rates(ReduceOnPlateau { threshold: 0.0624, ..plateau }), [1.0; 4]);
    }

    #[test]
    fn plateau_reduces_after_patience_and_not_below_its_floor() {
        let schedule =
            Schedule::ReduceOnPlateau(ReduceOnPlateau { factor: 0.2, patience: 2, min_lr: 0.05, ..PLATEAU });
        let mut rate = rate_of(schedule);
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
        let schedule =
            Schedule::ReduceOnPlateau(ReduceOnPlateau { factor: 0.5, patience: 1, min_lr: 3.0, ..PLATEAU });
        let mut rate = rate_of(schedule);
        [2.0, 2.0, 2.0].iter().for_each(|&loss| rate.observe(&epoch(1, loss, 0.0)));
        assert_eq!(rate.at(0), 1.0);
    }

    #[test]
    fn inverse_time_decays_with_steps() {
        let rate = rate_of(Schedule::InverseTime(InverseTime { decay: 0.5 }));
        assert_eq!([rate.at(0), rate.at(2), rate.at(6)], [1.0, 0.5, 0.25]);
    }

    #[test]
    fn watching_stops_after_patience_and_remembers_the_best() {
        let training = |monitor| Training {
            epochs: 9,
            batch: 1,
            optimizer: SGD,
            schedule: Schedule::Constant(Constant),
            weight_decay: 0.0,
            gradient_clip: None,
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
