//! Quantities as people read them.

/// Returns a count with its digits in groups: `214,282`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns the nearest whole number: `-4,000`; `2e19` where digits would be made up.
pub fn whole(value: f64) -> String {
    let rounded = value.round();
    if rounded.abs() >= 1e15 || !value.is_finite() {
        format!("{value:e}")
    } else if rounded < 0.0 {
        format!("-{}", count(-rounded as u64))
    } else {
        count(rounded as u64)
    }
}

/// Returns a time in seconds for people: `0.52 s`, `58.3 s`, `9m 43s`, `1h 02m`.
pub fn seconds(value: f64) -> String {
    let whole = value.round();
    if !value.is_finite() {
        "-".to_owned()
    } else if value < 9.995 {
        format!("{value:.2} s")
    } else if value < 99.95 {
        format!("{value:.1} s")
    } else if whole < 3600.0 {
        format!("{:.0}m {:02.0}s", (whole / 60.0).floor(), whole % 60.0)
    } else {
        let minutes = (value / 60.0).round();
        format!("{:.0}h {:02.0}m", (minutes / 60.0).floor(), minutes % 60.0)
    }
}

/// Returns a number of bytes for people: `812 B`, `1.5 MiB`, `410 MiB`: powers of 1024, three digits.
pub fn bytes(value: u64) -> String {
    let mut scaled = value as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if scaled < 999.5 {
            break;
        }
        scaled /= 1024.0;
        unit = larger;
    }
    let digits = if unit == "B" || scaled >= 99.95 { 0 } else { 1 };
    format!("{scaled:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(
            [0, 999, 1000, 214_282, 1_937_354].map(count),
            ["0", "999", "1,000", "214,282", "1,937,354"]
        );
        assert_eq!([-0.4, -1.0, -4000.4, 1e15].map(whole), ["0", "-1", "-4,000", "1e15"]);
    }

    #[test]
    fn times() {
        let values = [0.0, 0.524, 9.994, 9.996, 58.34, 99.96, 583.2, 3599.4, 3599.6, 7384.0, f64::NAN];
        assert_eq!(
            values.map(seconds),
            [
                "0.00 s", "0.52 s", "9.99 s", "10.0 s", "58.3 s", "1m 40s", "9m 43s", "59m 59s", "1h 00m",
                "2h 03m", "-"
            ]
        );
    }

    #[test]
    fn sizes() {
        let values = [0, 812, 1_000, 1_572_864, 429_916_160, 1 << 40, u64::MAX];
        assert_eq!(
            values.map(bytes),
            ["0 B", "812 B", "1.0 KiB", "1.5 MiB", "410 MiB", "1.0 TiB", "16777216 TiB"]
        );
    }
}
