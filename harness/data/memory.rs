//! How much of this machine's memory a dataset may take.

use super::Error;

/// Returns half of this machine's memory in bytes; of a machine that does not say, all that can be addressed.
pub fn half() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    total.and_then(|kib| kib.trim().parse::<u64>().ok()).map_or(u64::MAX, |kib| kib.saturating_mul(512))
}

/// Refuses a dataset of `bytes` that takes more than half of the memory.
///
/// # Errors
/// Returns [`Error::TooLarge`].
pub(super) fn allow(name: &str, bytes: u64) -> Result<(), Error> {
    let half = half();
    if bytes <= half {
        return Ok(());
    }
    Err(Error::TooLarge { name: name.to_owned(), needed: bytes >> 20, half: half >> 20 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_of_the_memory_is_refused() {
        assert!(allow("small", 1 << 20).is_ok());
        let error = allow("large", u64::MAX).unwrap_err().to_string();
        assert!(error.starts_with("dataset `large` takes 17592186044415 MiB, more than half of"), "{error}");
    }
}
