//! Training steps for the sake of their duration.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tch::{Device, Tensor};

use super::calibration::CalibrationKernel;
use super::error::Error;
use super::shim::DeviceTimer;
use super::trainer::{PassTally, SampleOrder, Trainer};
use super::usage;
use crate::event::{Slice, Task, Timing};

/// Steps before a timed one: what the calibration kernel and the processes between two rounds have
/// taken out of the caches is put back there.
const UNTIMED: u32 = 1;

/// A slice ends with the first step after this time.
const SLICE: Duration = Duration::from_millis(1);

/// Rounds of training steps on whole batches of the first epoch's order, which goes on from round to
/// round.
///
/// Every round begins with the initial weights and optimizer state. A model that is trained far
/// beyond its epochs fits its samples so well that gradients become denormal numbers, with which
/// processors compute many times slower.
pub struct Rounds<'a> {
    trainer: Trainer<'a>,
    initial: Vec<Tensor>,
    order: SampleOrder,
    batch: usize,
    /// Whole batches in the order.
    batches: usize,
    lr: f64,
    position: usize,
    calibration: CalibrationKernel,
    timer: Option<DeviceTimer>,
}

impl<'a> Rounds<'a> {
    /// Returns the rounds of a trainer that has not begun.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn new(mut trainer: Trainer<'a>) -> Result<Self, Error> {
        trainer.make_samples();
        let initial = trainer.state()?;
        let order = trainer.order(1)?;
        let training = &trainer.trial().experiment.training;
        let batch = order.len().min(training.batch as usize);
        let batches = order.len() / batch;
        let lr = training.optimizer.lr();
        let timer = match trainer.device() {
            Device::Cuda(index) => Some(DeviceTimer::new(index)?),
            _ => None,
        };
        let calibration = CalibrationKernel::new(trainer.device())?;
        Ok(Rounds { trainer, initial, order, batch, batches, lr, position: 0, calibration, timer })
    }

    /// Does one round and times it.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn time(&mut self, task: Task) -> Result<Timing, Error> {
        self.trainer.rewind(&self.initial)?;
        let turns = if task.busy_seconds > 0.0 { task.busy_seconds / turn_seconds() } else { 0.0 };
        self.run(UNTIMED)?;
        let mut before = self.calibration.seconds(&mut self.timer)?;
        let waited = usage::wait_seconds();
        let cpu = usage::cpu_seconds();
        let mut tally = PassTally::default();
        let mut slices = Vec::new();
        let mut left = task.steps;
        let mut calibrating = 0.0;
        let mut samples = 0;
        let mut device_seconds = None;
        while left > 0 {
            let wall = Instant::now();
            self.begin()?;
            let mut steps = 0;
            // At least one, however long the process had no core before it. What a device does it does
            // later: it is waited for once.
            while steps == 0 || steps < left && (self.timer.is_some() || wall.elapsed() < SLICE) {
                samples += self.step(&mut tally, turns as u64)?;
                steps += 1;
            }
            device_seconds = self.wait()?;
            let seconds = wall.elapsed().as_secs_f64();
            let after = self.calibration.seconds(&mut self.timer)?;
            slices.push(Slice { steps, seconds, calibration: before.max(after) });
            (left, before) = (left - steps, after);
            calibrating += after;
        }
        let seconds: f64 = slices.iter().map(|slice| slice.seconds).sum();
        let share = seconds / (seconds + calibrating);
        Ok(Timing {
            steps: task.steps,
            samples,
            seconds,
            cpu_seconds: (usage::cpu_seconds() - cpu) * share,
            device_seconds,
            wait_seconds: (usage::wait_seconds() - waited) * share,
            slices,
        })
    }

    /// Does so many steps and waits for the device. Returns the samples trained on.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn run(&mut self, steps: u32) -> Result<u64, Error> {
        self.begin()?;
        let mut tally = PassTally::default();
        let mut samples = 0;
        for _ in 0..steps {
            samples += self.step(&mut tally, 0)?;
        }
        self.wait()?;
        Ok(samples)
    }

    /// A step, followed by so many turns of busy work.
    fn step(&mut self, tally: &mut PassTally, turns: u64) -> Result<u64, Error> {
        let start = self.position % self.batches * self.batch;
        self.trainer.step(&self.order, start..start + self.batch, self.lr, tally)?;
        self.position += 1;
        if turns > 0 {
            self.wait()?;
            work(turns);
        }
        Ok(self.batch as u64)
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.timer.as_mut().map_or(Ok(()), DeviceTimer::begin)
    }

    /// Waits for the device; the seconds since [`begin`](Self::begin) on its own clock.
    fn wait(&mut self) -> Result<Option<f64>, Error> {
        self.timer.as_mut().map(DeviceTimer::end).transpose()
    }
}

/// Busy work: arithmetic that waits for itself, so that a turn always takes as many cycles, with
/// nothing of the caches and no system call, which would slow down the step after it.
fn work(turns: u64) {
    let mut x = 1.0f64;
    for _ in 0..turns {
        x = black_box(x * 0.5 + 0.25);
    }
}

/// What a turn of busy work takes now, in seconds: the shortest of a few tries.
fn turn_seconds() -> f64 {
    const TURNS: u64 = 20_000;
    let tries = (0..5).map(|_| {
        let wall = Instant::now();
        work(TURNS);
        wall.elapsed().as_secs_f64() / TURNS as f64
    });
    tries.fold(f64::INFINITY, f64::min)
}
