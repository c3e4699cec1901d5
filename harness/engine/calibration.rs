//! A fixed piece of work whose duration says how fast the machine is at the moment.

use std::hint::black_box;
use std::time::Instant;

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::shim::DeviceTimer;

/// So often is it done; the shortest counts, which no interruption has lengthened.
const REPEATS: usize = 3;

/// Fits the first-level cache: 16 KiB.
const NEAR: usize = 4 << 10;
/// Fits no core's own caches, so that it meets those who share the last level: 4 MiB.
const FAR: usize = 1 << 20;
/// Over the near array, for each over the far one.
const PASSES: usize = 100;

/// Side of the matrices on CUDA.
const SIDE: i64 = 2048;

/// The calibration kernel, under 1 ms. On the host it is plain Rust, so that no change to libtorch
/// or to our kernels changes it; on CUDA a product of two 2048 x 2048 matrices.
pub enum Calibration {
    Host { near: Vec<f32>, far: Vec<f32> },
    Cuda { a: Tensor, b: Tensor },
}

impl Calibration {
    /// The kernel of this device.
    pub fn new(device: Device) -> Result<Self, Error> {
        Ok(match device {
            Device::Cuda(_) => Calibration::Cuda {
                a: Tensor::f_ones([SIDE, SIDE], (Kind::Float, device))?,
                b: Tensor::f_ones([SIDE, SIDE], (Kind::Float, device))?,
            },
            _ => Calibration::Host { near: vec![0.5; NEAR], far: vec![0.5; FAR] },
        })
    }

    /// How long it takes now, in seconds.
    pub fn seconds(&mut self, timer: &mut Option<DeviceTimer>) -> Result<f64, Error> {
        let mut shortest = f64::INFINITY;
        for _ in 0..REPEATS {
            shortest = shortest.min(self.once(timer)?);
        }
        Ok(shortest)
    }

    fn once(&mut self, timer: &mut Option<DeviceTimer>) -> Result<f64, Error> {
        match (self, timer) {
            (Calibration::Cuda { a, b }, Some(timer)) => {
                timer.begin()?;
                let _ = black_box(a.f_matmul(b)?);
                timer.end()
            }
            (Calibration::Cuda { .. }, None) => Err(Error::System("the device has no timer".to_owned())),
            (Calibration::Host { near, far }, _) => {
                let wall = Instant::now();
                for _ in 0..PASSES {
                    compute(black_box(near));
                }
                stream(black_box(far));
                Ok(wall.elapsed().as_secs_f64())
            }
        }
    }
}

/// Multiplications and additions, as many as the core can do: 8 of each for a value loaded.
fn compute(values: &mut [f32]) {
    for value in values {
        let mut x = *value;
        for _ in 0..8 {
            x = x * 0.75 + 0.125;
        }
        *value = x;
    }
}

/// One pass through memory.
fn stream(values: &mut [f32]) {
    for value in values {
        *value = *value * 0.5 + 0.25;
    }
}
