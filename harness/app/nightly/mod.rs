//! What a night does: check, train, measure, compare, and add to the history.

mod begin;
pub mod budget;
mod end;
pub mod file;
pub mod gate;
pub mod log;
pub mod night;
