//! Looks into trained networks.

mod network;
pub mod options;
pub mod output;
pub mod views;
