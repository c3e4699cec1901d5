//! Files on disk: what a run and its trials left, versions, digests, atomic writes.

mod fingerprint;
mod format;
mod trial;

pub use fingerprint::{Engine, Fingerprint, Host, Load};
pub use format::Format;
pub use trial::{Status, TrialRecord};
