//! Training steps for the sake of their duration.

use std::time::Instant;

use tch::{Device, Tensor};

use super::calibration::Calibration;
use super::error::Error;
use super::samples::Tally;
use super::shim::DeviceTimer;
use super::trainer::Trainer;
use super::usage;
use crate::event::{Task, Timing};

/// Steps before a timed one: what the calibration kernel and the processes between two rounds have
/// taken out of the caches is put back there.
const UNTIMED: u32 = 1;

/// Rounds of training steps on whole batches of the first epoch's order, which goes on from round to
/// round.
///
/// Every round begins with the initial weights and optimiser state. A model that is trained far
/// beyond its epochs fits its samples so well that gradients become denormal numbers, with which
/// processors compute many times slower.
pub struct Rounds<'a> {
    trainer: Trainer<'a>,
    initial: Vec<Tensor>,
    order: Tensor,
    batch: i64,
    position: i64,
    calibration: Calibration,
    timer: Option<DeviceTimer>,
}

impl<'a> Rounds<'a> {
    /// Of a trainer that has not begun.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn new(trainer: Trainer<'a>) -> Result<Self, Error> {
        let (initial, order) = (trainer.state()?, trainer.order(1)?);
        let batch = order.size1()?.min(trainer.trial().experiment.training.batch.into());
        let timer = match trainer.device() {
            Device::Cuda(index) => Some(DeviceTimer::new(index)?),
            _ => None,
        };
        let calibration = Calibration::new(trainer.device())?;
        Ok(Rounds { trainer, initial, order, batch, position: 0, calibration, timer })
    }

    /// Does one round and times it.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn time(&mut self, task: Task) -> Result<Timing, Error> {
        self.trainer.rewind(&self.initial)?;
        let before = self.calibration.seconds(&mut self.timer)?;
        self.run(UNTIMED)?;
        let (waited, cpu) = (usage::wait_seconds(), usage::cpu_seconds());
        let wall = Instant::now();
        self.begin()?;
        let samples = self.steps(task)?;
        let device_seconds = self.wait()?;
        let seconds = wall.elapsed().as_secs_f64();
        let cpu_seconds = usage::cpu_seconds() - cpu;
        let wait_seconds = usage::wait_seconds() - waited;
        let after = self.calibration.seconds(&mut self.timer)?;
        Ok(Timing {
            steps: task.steps,
            samples,
            seconds,
            cpu_seconds,
            device_seconds,
            wait_seconds,
            calibration_seconds: before.min(after),
        })
    }

    /// Does so many steps and waits for the device. Returns the samples trained on.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn run(&mut self, steps: u32) -> Result<u64, Error> {
        self.begin()?;
        let samples = self.steps(Task { steps, busy_seconds: 0.0 })?;
        self.wait()?;
        Ok(samples)
    }

    fn steps(&mut self, task: Task) -> Result<u64, Error> {
        let lr = self.trainer.trial().experiment.training.optimizer.lr();
        let whole = self.order.size1()? / self.batch;
        let (mut tally, mut busy) = (Tally::default(), Busy::default());
        for _ in 0..task.steps {
            let index = self.order.f_narrow(0, self.position % whole * self.batch, self.batch)?;
            self.trainer.step(&index, lr, &mut tally)?;
            self.position += 1;
            if task.busy_seconds > 0.0 {
                self.wait()?;
                busy.work(task.busy_seconds);
            }
        }
        Ok(u64::from(task.steps) * self.batch as u64)
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.timer.as_mut().map_or(Ok(()), DeviceTimer::begin)
    }

    /// Waits for the device; the seconds since [`begin`](Self::begin) on its own clock.
    fn wait(&mut self) -> Result<Option<f64>, Error> {
        self.timer.as_mut().map(DeviceTimer::end).transpose()
    }
}

/// Busy work of an exact total: what one turn takes too long, the next is shorter.
#[derive(Default)]
struct Busy {
    ahead: f64,
}

impl Busy {
    /// Computes for so many seconds of this thread's own CPU time, which does not pass while another
    /// process has the core.
    fn work(&mut self, seconds: f64) {
        let begin = usage::thread_seconds();
        let wanted = seconds - self.ahead;
        let mut spent = 0.0;
        while spent < wanted {
            spent = usage::thread_seconds() - begin;
        }
        self.ahead = spent - wanted;
    }
}
