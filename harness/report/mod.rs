//! Tables, made from records alone.

mod table;
mod units;

pub use table::{Cell, Column, Format, Table, render, terminal_width};
pub use units::{bytes, count, seconds};
