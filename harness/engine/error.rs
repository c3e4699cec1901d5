//! What goes wrong while training.

use crate::recipe::shape::ShapeError;

/// What goes wrong while training.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(String),
    /// The host or the device has no memory left.
    #[error("out of memory ({0}): give the case a smaller batch, or run fewer jobs side by side")]
    OutOfMemory(String),
    /// The layers do not fit together.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The network has no answer after every time step.
    #[error(transparent)]
    Reading(#[from] crate::recipe::shape::ReadingError),
    /// The data cannot be prepared.
    #[error(transparent)]
    Data(#[from] crate::data::Error),
    /// The suite states another number of parameters.
    #[error("the model has {counted} parameters, but the suite's `parameters` says {expected}")]
    Parameters {
        /// The number that the suite states.
        expected: u64,
        /// The number that the model has.
        counted: u64,
    },
    /// A batch of one has no variance.
    #[error(
        "a batch of one sample gives batch normalisation one value a feature, which has no variance: choose another \
         batch or train_samples, so that the last batch of an epoch has two samples or more"
    )]
    OneValue,
    /// CUDA is asked for, and there is no NVIDIA driver.
    #[error(
        "no NVIDIA driver here ({0}): install version 580 or newer (a container is given it with --gpus all), or use \
         --device cpu"
    )]
    NoDriver(String),
    /// A driver that does not serve the CUDA of this libtorch.
    #[error(
        "the NVIDIA driver here serves CUDA {served}, and libtorch needs {needed}: update it to version 580 or newer, \
         or use --device cpu"
    )]
    OldDriver {
        /// The highest version that it serves.
        served: String,
        /// The lowest that will do.
        needed: String,
    },
    /// A driver that gives an error.
    #[error(
        "the NVIDIA driver here does not work ({0}): see what `nvidia-smi` says (after an update, restart the \
         machine), or use --device cpu"
    )]
    DeadDriver(String),
    /// The driver has no such device.
    #[error(
        "no cuda device {index} here: the NVIDIA driver finds {found}{}; see `nvidia-smi -L`, or use --device cpu",
        visible.as_ref().map_or(String::new(), |visible| format!(" under CUDA_VISIBLE_DEVICES={visible}"))
    )]
    NoDevice {
        /// The index that was asked for.
        index: u32,
        /// Devices that are there.
        found: usize,
        /// The variable that says which devices a process sees.
        visible: Option<String>,
    },
    /// A libtorch that cannot use CUDA.
    #[error(
        "libtorch cannot use CUDA here ({0}): run `make libtorch`, which gets CUDA too where it finds an NVIDIA \
         driver, or use --device cpu"
    )]
    NoCuda(String),
    /// A checkpoint cannot be written, or is not what was written.
    #[error(transparent)]
    Record(#[from] crate::record::Error),
    /// A checkpoint whose content cannot be believed.
    #[error("{}: the checkpoint cannot be gone on from: {reason}", path.display())]
    RefusedCheckpoint {
        /// The path of its JSON file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Kept weights that are not those of the trial's record.
    #[error("{}: not the weights of this trial's record ({reason}): train it again with --keep-weights", path.display())]
    OtherWeights {
        /// The path of the file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system does not tell what it should.
    #[error("{0}")]
    System(String),
}

impl Error {
    /// Returns the error with libtorch's message, without its C++ backtrace.
    pub(super) fn from_libtorch(message: String) -> Error {
        let message = message.split("\nException raised from").next().unwrap_or_default().trim().to_owned();
        let memory = ["out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "bad_alloc"];
        if memory.iter().any(|words| message.contains(words)) {
            Error::OutOfMemory(message)
        } else {
            Error::Torch(message)
        }
    }
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Error {
        Error::from_libtorch(match error {
            tch::TchError::Torch(message) => message,
            other => other.to_string(),
        })
    }
}
