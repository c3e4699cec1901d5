//! Worker processes: their environment, what is said to them, how they are started, scheduled and
//! watched, and what is recorded of them.

pub mod environment;
pub mod protocol;
