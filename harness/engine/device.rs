//! The device: opened under deterministic kernels, and described.

use super::driver::Driver;
use super::error::Error;
use super::program::program;
use super::{cuda, probe, shim};
use crate::event::Engine;
use crate::recipe;
use crate::recipe::Environment;

/// Sets the threads and the deterministic kernels, and adds CUDA where it is asked for. The environment variables that fix numerics were set before this process started.
///
/// # Errors
/// No driver that serves CUDA, no such device, or a libtorch that cannot use it.
pub fn open(environment: &Environment) -> Result<tch::Device, Error> {
    shim::configure(environment.threads, environment.numerics)?;
    let recipe::Device::Cuda(index) = environment.device else { return Ok(tch::Device::Cpu) };
    Driver::start()?.device(index)?;
    cuda::load()?;
    match tch::Cuda::device_count() {
        count if count > i64::from(index) => Ok(tch::Device::Cuda(index as usize)),
        count => {
            Err(Error::NoCuda(format!("the driver has the device {index}, libtorch finds {count} devices")))
        }
    }
}

/// Returns what computes in this environment: device, libraries and the digests of the kernels.
///
/// # Errors
/// As [`open`].
pub fn describe(environment: &Environment) -> Result<Engine, Error> {
    let device = open(environment)?;
    let (name, driver, cuda) = match environment.device {
        recipe::Device::Cpu => ("cpu".to_owned(), None, None),
        recipe::Device::Cuda(index) => {
            let driver = Driver::start()?;
            (driver.device(index)?, Some(driver.version()), Some(shim::cuda_versions()?))
        }
    };
    let (numerics_class, kernels) = probe::run(device, environment.threads, environment.numerics)?;
    Ok(Engine {
        tchbench: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: shim::version(),
        tch: "0.24.0".to_owned(),
        rustc: env!("TCHBENCH_RUSTC").to_owned(),
        device: name,
        driver,
        cuda,
        threads: environment.threads,
        numerics: environment.numerics,
        capability: shim::capability(),
        numerics_class,
        kernels,
        program: Some(program()),
    })
}

/// Returns the peak memory of the device, in bytes; `None` for the CPU.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn peak_memory(device: tch::Device) -> Result<Option<u64>, Error> {
    match device {
        tch::Device::Cuda(index) => shim::device_peak_memory(index as u32).map(Some),
        _ => Ok(None),
    }
}
