//! Where and how trials are computed.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::app::exit::{Exit, Failure};
use crate::app::workers::{Workers, undescribed};
use crate::event::Engine;
use crate::recipe::{Device, Environment, Numerics};
use crate::runner::Fault;
use crate::terminal::tell;

/// Where and how trials are computed.
#[derive(Debug, Args)]
pub struct Compute {
    /// auto (CUDA where it can be used, else the CPU), cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: Choice,
    /// Intra-op threads of a trial.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Fastest here, or the same bits on more machines [default: as the suite says].
    #[arg(long)]
    numerics: Option<Mode>,
    #[command(flatten)]
    worker: WorkerProgram,
}

/// The program that computes.
#[derive(Clone, Debug, Args)]
pub struct WorkerProgram {
    /// The program that computes, called with the argument `worker`
    #[arg(id = "worker", long = "worker", value_name = "WORKER", hide = true)]
    program: Option<PathBuf>,
}

impl WorkerProgram {
    /// Returns what starts this program, which is `tchbench` itself where none is named.
    ///
    /// # Errors
    /// Fails if `tchbench` is to compute but has no engine, or if signals cannot be watched for.
    pub fn workers(&self) -> Result<Workers, Failure> {
        Workers::new(self.program.as_deref())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Auto,
    This(Device),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("cuda:").map(str::parse)) {
            ("auto", _) => Ok(Choice::Auto),
            ("cpu", _) => Ok(Choice::This(Device::Cpu)),
            ("cuda", _) => Ok(Choice::This(Device::Cuda(0))),
            (_, Some(Ok(index))) => Ok(Choice::This(Device::Cuda(index))),
            _ => Err("give auto, cpu, cuda or cuda:N, as in cuda:0".to_owned()),
        }
    }
}

/// Reads a device's name.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn device(text: &str) -> Result<Device, String> {
    match text.parse()? {
        Choice::This(device) => Ok(device),
        Choice::Auto => Err("give cpu, cuda or cuda:N, as in cuda:0".to_owned()),
    }
}

/// Reads a numerics mode's name.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn numerics(text: &str) -> Result<Numerics, String> {
    Mode::from_str(text, false).map(Numerics::from).map_err(|_| "give native or portable".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    Native,
    Portable,
}

impl From<Mode> for Numerics {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Native => Numerics::Native,
            Mode::Portable => Numerics::Portable,
        }
    }
}

impl Compute {
    /// Returns the numerics mode that is asked for, if one is.
    pub fn numerics(&self) -> Option<Numerics> {
        self.numerics.map(Numerics::from)
    }

    /// Returns what starts workers and stops them.
    ///
    /// # Errors
    /// Fails if this program is to train but has no engine, or if signals cannot be watched for.
    pub fn workers(&self) -> Result<Workers, Failure> {
        self.worker.workers()
    }

    /// Returns the environment, with its device decided, and what computes there.
    ///
    /// # Errors
    /// Fails if the device that is asked for cannot be used.
    pub fn describe(&self, numerics: Numerics, workers: &Workers) -> Result<(Environment, Engine), Failure> {
        let on = |device| {
            let environment = Environment { device, threads: self.threads, numerics }.canonical();
            workers.launcher.describe(&environment, &workers.interrupt).map(|engine| (environment, engine))
        };
        let described = match self.device {
            Choice::This(device) => on(device),
            Choice::Auto if has_nvidia_driver() => match on(Device::Cuda(0)) {
                Err(Fault::Reported { error, .. }) => {
                    tell!("note: an NVIDIA driver is here, but CUDA cannot be used ({error}); using the CPU");
                    on(Device::Cpu)
                }
                described => described,
            },
            Choice::Auto => on(Device::Cpu),
        };
        let (environment, engine) =
            described.map_err(|fault| undescribed(fault, Exit::BadInput, "--device"))?;
        if environment.numerics != numerics {
            tell!("note: `portable` numerics are of the CPU; on {} they change nothing", environment.device);
        }
        Ok((environment, engine))
    }
}

/// Whether an NVIDIA driver is installed: its device files (of Linux, or of Windows' Linux), or its
/// library. Without either there is no use in asking a worker for CUDA.
fn has_nvidia_driver() -> bool {
    let has_files = ["/dev/nvidiactl", "/dev/dxg"].iter().any(|path| Path::new(path).exists());
    // SAFETY: the name ends in 0, and the driver's library may be loaded at any time.
    has_files || !unsafe { libc::dlopen(c"libcuda.so.1".as_ptr(), libc::RTLD_LAZY) }.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_they_are_printed() {
        assert_eq!("auto".parse(), Ok(Choice::Auto));
        assert_eq!("cuda".parse(), Ok(Choice::This(Device::Cuda(0))));
        for device in [Device::Cpu, Device::Cuda(3)] {
            assert_eq!(device.to_string().parse(), Ok(Choice::This(device)));
        }
        for wrong in ["gpu", "cuda:", "cuda:x", "cuda:-1", ""] {
            assert!(wrong.parse::<Choice>().unwrap_err().contains("cuda:N"), "{wrong}");
        }
    }
}
