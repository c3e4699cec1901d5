//! Round values along an axis.

use crate::report::units;

/// A value and how people read it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

impl Tick {
    /// Returns the tick at a value that may not be round.
    pub fn at(value: f64) -> Self {
        let label = if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
            format!("{value:e}")
        } else if value.fract() == 0.0 {
            units::whole(value)
        } else {
            value.to_string()
        };
        Tick { value, label }
    }

    /// At `mantissa`·10^`exponent`, written with as many decimals as 10^`decimal` needs.
    fn round(mantissa: i64, exponent: i32, decimal: i32) -> Self {
        let value = scientific(mantissa, exponent);
        let label = if decimal < 0 {
            format!("{value:.*}", decimal.unsigned_abs() as usize)
        } else {
            units::whole(value)
        };
        Tick { value, label }
    }

    /// A power of ten.
    fn power(exponent: i32) -> Self {
        match exponent {
            -3..=6 => Tick::round(1, exponent, exponent),
            _ => Tick { value: scientific(1, exponent), label: format!("10^{exponent}") },
        }
    }
}

/// The double nearest to `mantissa`·10^`exponent`.
fn scientific(mantissa: i64, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}").parse().unwrap_or(f64::NAN)
}

/// The largest power of ten that is not above a positive value.
fn exponent(value: f64) -> i32 {
    let mut exponent = libm::floor(libm::log10(value)) as i32;
    while scientific(1, exponent + 1) <= value {
        exponent += 1;
    }
    while scientific(1, exponent) > value {
        exponent -= 1;
    }
    exponent
}

/// About how many steps an axis has.
const STEPS: f64 = 6.0;

/// Multiples of 1, 2 or 5 times a power of ten from at most `low` to at least `high`; `low` < `high`.
pub(super) fn linear(low: f64, high: f64) -> Vec<Tick> {
    let exact = (high - low) / STEPS;
    let power = exponent(exact);
    let wide_enough = |(mantissa, power): &(i64, i32)| scientific(*mantissa, *power) >= exact * (1.0 - 1e-9);
    let steps = [(1, power), (2, power), (5, power), (1, power + 1)];
    let (mantissa, power) = steps.into_iter().find(wide_enough).unwrap_or((1, power + 1));
    let step = scientific(mantissa, power);
    // A value that is a multiple but for rounding is one.
    let first = libm::floor(low / step + 1e-9) as i64;
    let last = libm::ceil(high / step - 1e-9) as i64;
    (first..=last).map(|n| Tick::round(n * mantissa, power, power)).collect()
}

/// No double is a smaller power of ten and above 0.
const LEAST: i32 = -323;

/// Powers of ten, with 2 and 5 times each where these are few, from at most `low` to at least `high`;
/// 0 < `low` < `high`.
pub(super) fn log(low: f64, high: f64) -> Vec<Tick> {
    let first = exponent(low);
    let last = exponent(high);
    if last - first <= 2 {
        let fine = (first..=last + 1).flat_map(|power| [1, 2, 5].map(|mantissa| (mantissa, power)));
        let fine: Vec<Tick> = fine
            .map(|(mantissa, power)| match mantissa {
                1 => Tick::power(power),
                _ if (-3..=6).contains(&power) => Tick::round(mantissa, power, power),
                _ => Tick { value: scientific(mantissa, power), label: format!("{mantissa}·10^{power}") },
            })
            .filter(|tick| tick.value > 0.0)
            .collect();
        let from = fine.iter().rposition(|tick| tick.value <= low).unwrap_or(0);
        let to = fine.iter().position(|tick| tick.value >= high).unwrap_or(fine.len() - 1);
        return fine[from..=to].to_vec();
    }
    let last = if scientific(1, last) < high { last + 1 } else { last };
    let stride = [1, 2, 5, 10, 20, 50].into_iter().find(|stride| (last - first) / stride <= 7).unwrap_or(100);
    let from = first.div_euclid(stride);
    let to = -(-last).div_euclid(stride);
    (from..=to).map(|n| Tick::power((n * stride).max(LEAST))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(ticks: &[Tick]) -> String {
        ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&linear(0.0, 1.0)), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(&linear(83.7, 99.25)), "80 85 90 95 100");
        assert_eq!(labels(&linear(98.69, 99.14)), "98.6 98.7 98.8 98.9 99.0 99.1 99.2");
        assert_eq!(labels(&linear(1.0, 150.0)), "0 50 100 150");
        assert_eq!(labels(&linear(-3.0, 4.0)), "-4 -2 0 2 4");
        assert_eq!(labels(&linear(0.0, 12_000.0)), "0 2,000 4,000 6,000 8,000 10,000 12,000");
        assert_eq!(labels(&log(10.0, 1000.0)), "10 20 50 100 200 500 1,000");
        assert_eq!(labels(&log(7_850.0, 1_937_354.0)), "1,000 10,000 100,000 1,000,000 10^7");
        assert_eq!(labels(&log(0.03, 0.7)), "0.02 0.05 0.1 0.2 0.5 1");
        assert_eq!(labels(&log(3e-22, 0.9)), "10^-25 10^-20 10^-15 10^-10 10^-5 1");
        assert_eq!(labels(&log(1e-310, 1.0)), "10^-323 10^-300 10^-250 10^-200 10^-150 10^-100 10^-50 1");
        assert_eq!(labels(&linear(-3000.0, 4000.0)), "-4,000 -2,000 0 2,000 4,000");
        assert_eq!(labels(&linear(0.0, 4e22)), "0 1e22 2e22 3e22 4e22");
        assert_eq!(Tick::at(214_282.0).label, "214,282");
        assert_eq!(Tick::at(0.05).label, "0.05");
    }

    fn covers(ticks: &[Tick], low: f64, high: f64) -> Result<(), TestCaseError> {
        prop_assert!((2..=20).contains(&ticks.len()), "{}", ticks.len());
        prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
        let labels: std::collections::BTreeSet<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        prop_assert_eq!(labels.len(), ticks.len());
        let slack = 1e-6 * (high - low);
        prop_assert!(ticks[0].value <= low + slack && ticks[ticks.len() - 1].value >= high - slack);
        Ok(())
    }

    proptest! {
        #[test]
        fn linear_ticks_cover_the_data(low in -1e6..1e6f64, width in 1e-4..1e6f64) {
            covers(&linear(low, low + width), low, low + width)?;
        }

        #[test]
        fn log_ticks_cover_the_data(low in -60.0..20.0f64, decades in 0.01..60.0f64) {
            let high = libm::exp10(low + decades);
            let low = libm::exp10(low);
            covers(&log(low, high), low, high)?;
        }
    }
}
