//! A fixed piece of work whose duration says how fast the machine is at the moment.

use std::hint::black_box;
use std::time::Instant;

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::shim::DeviceTimer;

/// 8 KiB: in the first-level cache, and little is driven out of it.
const VALUES: usize = 2 << 10;
/// The number of passes over all values.
const PASSES: usize = 40;

/// Side of the matrices on CUDA.
const SIDE: i64 = 2048;

/// The calibration kernel. On the host it takes some tens of microseconds of arithmetic, in plain Rust,
/// so that no change to libtorch or to our kernels changes it: it feels the core's frequency, and
/// whether another virtual machine computes on the core's other hyper-thread. On CUDA it is a product
/// of two 2048 x 2048 matrices.
pub enum CalibrationKernel {
    Host { values: Vec<f32> },
    Cuda { a: Tensor, b: Tensor },
}

impl CalibrationKernel {
    /// Returns the kernel of this device.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn new(device: Device) -> Result<Self, Error> {
        Ok(match device {
            Device::Cuda(_) => CalibrationKernel::Cuda {
                a: Tensor::f_ones([SIDE, SIDE], (Kind::Float, device))?,
                b: Tensor::f_ones([SIDE, SIDE], (Kind::Float, device))?,
            },
            _ => CalibrationKernel::Host { values: vec![0.5; VALUES] },
        })
    }

    /// Returns how long it takes now, in seconds.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn seconds(&mut self, timer: &mut Option<DeviceTimer>) -> Result<f64, Error> {
        match (self, timer) {
            (CalibrationKernel::Cuda { a, b }, Some(timer)) => {
                timer.begin()?;
                let _ = black_box(a.f_matmul(b)?);
                timer.end()
            }
            (CalibrationKernel::Cuda { .. }, None) => {
                Err(Error::System("the device has no timer".to_owned()))
            }
            (CalibrationKernel::Host { values }, _) => {
                let wall = Instant::now();
                for _ in 0..PASSES {
                    compute(black_box(values));
                }
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
