//! Files on disk: what a run and its trials left, versions, digests, atomic writes.

mod fingerprint;
mod format;
mod run;
mod trial;

pub use fingerprint::{Fingerprint, Host, Load};
pub use format::Format;
pub use run::{Run, TrialKey};
pub use trial::{Status, TrialRecord};
