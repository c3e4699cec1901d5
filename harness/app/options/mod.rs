//! Options that several verbs have.

pub mod compute;
pub mod method;
pub mod policy;
pub mod terms;
