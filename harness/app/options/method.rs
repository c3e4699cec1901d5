//! How throughput is measured.

use crate::record::Method;

/// How throughput is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct MethodOptions {
    /// Fresh processes of each case, one after the other
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    processes: u32,
    /// Timed rounds in each process
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// What a round should last, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0.05, value_parser = seconds)]
    round_seconds: f64,
    /// The order of the cases within a round is drawn from it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

impl MethodOptions {
    /// Returns the method that the options ask for.
    pub fn method(self) -> Method {
        let MethodOptions { processes, rounds, round_seconds, seed } = self;
        Method { processes, rounds, round_seconds, seed }
    }
}

/// Returns the options that ask for this method, as they are written.
pub fn options(method: &Method) -> String {
    let Method { processes, rounds, round_seconds, seed } = method;
    format!("--processes {processes} --rounds {rounds} --round-seconds {round_seconds} --seed {seed}")
}

/// Reads a time in seconds.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give seconds, more than 0 and at most 86400".to_owned()),
    }
}
