//! Files on disk: what a run and its trials left, versions, digests, atomic writes.

mod aside;
mod baseline;
mod calibration;
mod checkpoint;
mod copy;
mod error;
mod events;
mod file;
mod fingerprint;
mod folder;
mod format;
mod history;
mod inspection;
mod layout;
mod lock;
mod measurement;
mod names;
mod paired;
mod provenance;
mod robustness;
mod run;
mod trial;
pub mod validate;
mod weights;

pub use aside::set_aside;
pub use baseline::{Baseline, CaseResults, SeedResult, Throughput, class};
pub use calibration::{CalibratedCase, Calibration};
pub use checkpoint::{Checkpoint, crc32, read_tensors};
pub use error::Error;
pub use events::{EventLog, read_events};
pub use file::{create_compact, overwrite, read, write, write_bytes, write_compact, write_in_turn};
pub use fingerprint::{Fingerprint, Host, Load};
pub use folder::{Folder, Latest, run_name};
pub use format::Format;
pub use history::{History, Mean, Night, StepTime, Verdicts};
pub use inspection::Inspection;
pub use lock::Lock;
pub use measurement::{Measurement, Method, Process, Round};
pub use paired::{Block, Paired, PairedCase, ProcessPair, Side};
pub use provenance::Provenance;
pub use robustness::Robustness;
pub use run::{Run, Shard, TrialKey};
pub use trial::{Status, TrialRecord};
pub use weights::{KeptWeights, Weights, WeightsChoice};

pub use crate::event::Slice;
