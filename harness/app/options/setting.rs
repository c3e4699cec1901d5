//! What one program of two is to have other than the rest.

use std::str::FromStr;

use super::compute;
use crate::recipe::{Device, Numerics};

/// What one side is to have other than the rest.
#[derive(Clone, Copy, Debug)]
pub enum SideSetting {
    /// The device that it computes on.
    Device(Device),
    /// The numerics mode that it computes in.
    Numerics(Numerics),
    /// Intra-op threads of a trial.
    Threads(u32),
    /// Busy work after every step, as a fraction of the step.
    Slowdown(f64),
}

impl FromStr for SideSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match key {
            "device" => compute::device(value).map(SideSetting::Device),
            "numerics" => compute::numerics(value).map(SideSetting::Numerics),
            "threads" => match value.parse() {
                Ok(threads @ 1..=1024) => Ok(SideSetting::Threads(threads)),
                _ => Err("give threads from 1 to 1024".to_owned()),
            },
            "slowdown" => match value.parse() {
                Ok(slowdown) if (0.0..=10.0).contains(&slowdown) => Ok(SideSetting::Slowdown(slowdown)),
                _ => Err("give a slowdown from 0 to 10, as in 0.02 for 2 %".to_owned()),
            },
            _ => Err("give device=, numerics=, threads= or slowdown=".to_owned()),
        }
    }
}
