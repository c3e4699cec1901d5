//! Where and how trials are computed: the options that `run`, `check` and `env` share.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::app::exit::{Exit, Failure};
use crate::event::Engine;
use crate::recipe::{Device, Environment, Numerics};
use crate::runner::{Fault, Interrupt, Launcher};
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
    /// The program that trains, called with the argument `worker`.
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
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

/// A device by its name.
pub fn device(text: &str) -> Result<Device, String> {
    match text.parse()? {
        Choice::This(device) => Ok(device),
        Choice::Auto => Err("give cpu, cuda or cuda:N, as in cuda:0".to_owned()),
    }
}

/// A numerics mode by its name.
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
    /// The numerics mode asked for.
    pub fn numerics(&self) -> Option<Numerics> {
        self.numerics.map(Numerics::from)
    }

    /// What starts workers.
    pub fn launcher(&self) -> Result<Launcher, Failure> {
        launcher(self.worker.as_deref())
    }

    /// The environment, with its device decided, and what computes there.
    pub fn describe(
        &self,
        numerics: Numerics,
        launcher: &Launcher,
        interrupt: &Interrupt,
    ) -> Result<(Environment, Engine), Failure> {
        let on = |device| {
            let environment = Environment { device, threads: self.threads, numerics }.canonical();
            launcher.describe(&environment, interrupt).map(|engine| (environment, engine))
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

/// Why nothing can be computed; `exit` where `what` names a device that cannot be used.
pub fn undescribed(fault: Fault, exit: Exit, what: &str) -> Failure {
    match fault {
        Fault::Interrupted => Failure::new(Exit::Interrupted, "interrupted before anything was begun"),
        Fault::Reported { error, .. } => Failure::new(exit, format!("{what}: {error}")),
        fault => Failure::new(Exit::Internal, fault),
    }
}

/// What starts workers: this program itself, unless another is named.
pub fn launcher(worker: Option<&Path>) -> Result<Launcher, Failure> {
    if let Some(program) = worker {
        return Ok(Launcher::new(program));
    }
    if !cfg!(feature = "torch") {
        let message = "this tchbench was built without its engine (--no-default-features) and cannot train; \
                       build it with `make build`";
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(Launcher::this_program())
}

/// Whether an NVIDIA driver is installed: its device files (of Linux, or of Windows' Linux), or its
/// library. Without either there is no use in asking a worker for CUDA.
fn has_nvidia_driver() -> bool {
    let has_files = ["/dev/nvidiactl", "/dev/dxg"].iter().any(|path| Path::new(path).exists());
    // SAFETY: the name ends in 0, and the driver's library may be loaded at any time.
    has_files || !unsafe { libc::dlopen(c"libcuda.so.1".as_ptr(), libc::RTLD_LAZY) }.is_null()
}

/// Ctrl-C, SIGTERM and SIGHUP stop the run, unless they are ignored.
pub fn interrupt() -> Result<Arc<Interrupt>, Failure> {
    Interrupt::on_signals(Exit::Interrupted as u8)
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot watch for Ctrl-C: {error}")))
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
