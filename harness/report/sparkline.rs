//! A row of small bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns a text with one bar for each value, from the lowest at the smallest to the highest at the largest, and a
/// space where there is none; all in the middle where the values are the same.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: &Option<f64>| {
        let Some(value) = value else { return ' ' };
        let height = if high > low { (value - low) / (high - low) } else { 0.5 };
        BARS[((height * BARS.len() as f64) as usize).min(BARS.len() - 1)]
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_from_the_smallest_to_the_largest() {
        let values: Vec<Option<f64>> = (0..8).map(|value| Some(f64::from(value))).collect();
        assert_eq!(sparkline(&values), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[Some(-2.0), None, Some(-1.0)]), "▁ █");
        assert_eq!(sparkline(&[Some(0.5), Some(0.5)]), "▅▅");
        assert_eq!(sparkline(&[]), "");
    }
}
