//! What one program of two is to have other than the rest.

use std::str::FromStr;

use super::compute;
use crate::recipe::{Device, Numerics};

/// What one side is to have other than the rest.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// Where it computes.
    Device(Device),
    /// How it computes.
    Numerics(Numerics),
    /// Intra-op threads of a trial.
    Threads(u32),
    /// Busy work after every step, as a fraction of the step.
    Slowdown(f64),
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match key {
            "device" => compute::device(value).map(Setting::Device),
            "numerics" => compute::numerics(value).map(Setting::Numerics),
            "threads" => match value.parse() {
                Ok(threads @ 1..=1024) => Ok(Setting::Threads(threads)),
                _ => Err("give threads from 1 to 1024".to_owned()),
            },
            "slowdown" => match value.parse() {
                Ok(slowdown) if (0.0..=10.0).contains(&slowdown) => Ok(Setting::Slowdown(slowdown)),
                _ => Err("give a slowdown from 0 to 10, as in 0.02 for 2 %".to_owned()),
            },
            _ => Err("give device=, numerics=, threads= or slowdown=".to_owned()),
        }
    }
}
