//! The device: opened under deterministic kernels, and described.

use super::error::Error;
use super::{probe, shim};
use crate::event::Engine;
use crate::suite::{self, Environment};

/// Sets the threads and the deterministic kernels, and adds CUDA where it is asked for. The environment variables that fix numerics were set before this process started.
///
/// # Errors
/// No such device, or a libtorch that cannot use it.
pub fn open(environment: &Environment) -> Result<tch::Device, Error> {
    shim::configure(environment.threads, environment.numerics)?;
    match environment.device {
        suite::Device::Cpu => Ok(tch::Device::Cpu),
        suite::Device::Cuda(index) => {
            let no_cuda = |reason: String| Error::NoCuda { index, reason };
            shim::load_cuda().map_err(|error| no_cuda(error.to_string()))?;
            if i64::from(index) >= tch::Cuda::device_count() {
                return Err(no_cuda(format!("{} found", tch::Cuda::device_count())));
            }
            Ok(tch::Device::Cuda(index as usize))
        }
    }
}

/// What computes in this environment.
///
/// # Errors
/// As [`open`].
pub fn describe(environment: &Environment) -> Result<Engine, Error> {
    let device = open(environment)?;
    let facts = match environment.device {
        suite::Device::Cpu => None,
        suite::Device::Cuda(index) => Some(shim::cuda_facts(index)?),
    };
    let (numerics_class, kernels) = probe::run(device)?;
    Ok(Engine {
        tchbench: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: shim::version(),
        tch: "0.24.0".to_owned(),
        rustc: env!("TCHBENCH_RUSTC").to_owned(),
        device: facts.as_ref().map_or("cpu".to_owned(), |facts| facts.name.clone()),
        driver: facts.as_ref().map(|facts| facts.driver.clone()),
        cuda: facts.map(|facts| facts.versions),
        threads: environment.threads,
        numerics: environment.numerics,
        capability: shim::capability(),
        numerics_class,
        kernels,
    })
}

/// Peak memory of the device, in bytes; none for the CPU.
pub fn peak_memory(device: tch::Device) -> Result<Option<u64>, Error> {
    match device {
        tch::Device::Cuda(index) => shim::device_peak_memory(index as u32).map(Some),
        _ => Ok(None),
    }
}
