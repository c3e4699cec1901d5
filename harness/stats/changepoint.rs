//! Where a series of nights changed its level.
//!
//! The split is that of E-divisive (Matteson and James, "A nonparametric approach for multiple change
//! point analysis of multivariate data", JASA 109:505, 2014): the one with the largest energy distance
//! between what is before and after it, and so on within the parts. As in Hunter (Fleming et al.,
//! "Hunter: using change point detection to hunt for performance regressions", ICPE 2023) it is made in
//! overlapping windows, and Student's t test takes the place of permutations, so that the same series
//! always gives the same points, in linear time. Unlike Hunter, the p-value pays for having chosen the
//! split: it is multiplied by the number of splits it was chosen from (Bonferroni), which bounds the
//! rate of false alarms a window by 0.1 % for independent normal noise. Both sides share one variance in
//! the test, because without a change they have one.
//!
//! Nights that follow each other are often alike, and mean less than as many independent ones. Points found
//! as if they were independent are therefore tested again with the variance of a mean of a first-order
//! autoregression, (1 + r) / (1 - r) times as large, where the correlation r of each night with the next is
//! significant. It is estimated about the levels between the points, so that steps are no correlation.

use std::collections::BTreeSet;

use super::student::student_cdf;

/// A change point counts where its adjusted p-value is at most this.
const ALPHA: f64 = 0.001;

/// Values on each side of a split at least. With four of fifty or more, a single outlier, however
/// far out, is no change: its own variance hides it.
const SHORTEST: usize = 4;

/// Values searched at once; windows overlap by half.
const WINDOW: usize = 60;

/// The series has another level from a value on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The first value of the new level, from 0.
    pub index: usize,
    /// The mean since the change point before, or since the first value.
    pub before: f64,
    /// The mean up to the next change point, or up to the last value.
    pub after: f64,
    /// Of Student's test, two-sided, times the number of splits it was chosen from.
    pub p: f64,
}

/// Returns all change points of finite values, in order.
pub fn change_points(values: &[f64]) -> Vec<ChangePoint> {
    let mut found = BTreeSet::new();
    for start in windows(values.len()) {
        let end = (start + WINDOW).min(values.len());
        divide(&values[start..end], start, &mut found);
    }
    let points: Vec<usize> = found.into_iter().collect();
    let correlation = correlation(values, &points);
    let kept = settle(values, points, (1.0 + correlation) / (1.0 - correlation));
    let ends = kept.iter().map(|split| split.at).skip(1).chain([values.len()]);
    let starts = std::iter::once(0).chain(kept.iter().map(|split| split.at));
    let point = |((split, start), end): ((&Candidate, usize), usize)| ChangePoint {
        index: split.at,
        before: mean(&values[start..split.at]),
        after: mean(&values[split.at..end]),
        p: split.p,
    };
    kept.iter().zip(starts).zip(ends).map(point).collect()
}

/// Where windows begin: half a window apart, the last one ending with the series.
fn windows(count: usize) -> impl Iterator<Item = usize> {
    let last = count.saturating_sub(WINDOW);
    (0..last).step_by(WINDOW / 2).chain([last])
}

/// A split and how likely chance would give one as clear.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    at: usize,
    p: f64,
}

fn divide(values: &[f64], offset: usize, found: &mut BTreeSet<usize>) {
    let Some(Candidate { at, .. }) = split(values, 1.0).filter(|split| split.p <= ALPHA) else { return };
    found.insert(offset + at);
    divide(&values[..at], offset, found);
    divide(&values[at..], offset + at, found);
}

/// The correlation of each value with the next about the levels between these points; 0 where it is within
/// chance of that (Bartlett, "On the theoretical specification and sampling properties of autocorrelated
/// time-series", J. R. Stat. Soc. Suppl. 8:1, 1946). Having estimated `levels` means from `count` values makes it
/// too small by about (1 + 3 r) levels / count (Marriott and Pope, "Bias in the estimation of
/// autocorrelations", Biometrika 41:3/4, 1954), which is put back.
fn correlation(values: &[f64], points: &[usize]) -> f64 {
    let mut products = 0.0;
    let mut squares = 0.0;
    let starts = std::iter::once(0).chain(points.iter().copied());
    let ends = points.iter().copied().chain([values.len()]);
    for level in starts.zip(ends).map(|(start, end)| &values[start..end]) {
        let mean = mean(level);
        squares += level.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        products += level.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>();
    }
    let count = values.len() as f64;
    let bias = (points.len() + 1) as f64 / count;
    let estimate = (products / squares + bias) / (1.0 - 3.0 * bias).max(LEAST_LEFT);
    // Of constants it is NaN, which is not significant.
    if estimate > SIGNIFICANT / count.sqrt() { estimate.min(LARGEST_CORRELATION) } else { 0.0 }
}

/// A correlation of independent values is below this, divided by the root of their number, in 97.5 % of series.
const SIGNIFICANT: f64 = 1.96;

/// More is no stationary series, or too short a one to tell.
const LARGEST_CORRELATION: f64 = 0.95;

/// The correction for bias is for long series; in short ones it is kept from growing without bounds.
const LEAST_LEFT: f64 = 0.25;

/// Tests every point again, as the best split between its neighbours, and drops the least clear
/// until all hold: windows that overlap find a change twice, or one that only their edge made.
fn settle(values: &[f64], mut points: Vec<usize>, inflation: f64) -> Vec<Candidate> {
    loop {
        let between = |(index, &at): (usize, &usize)| {
            let left = index.checked_sub(1).map_or(0, |before| points[before]).max(at.saturating_sub(WINDOW));
            let right = points.get(index + 1).map_or(values.len(), |&next| next).min(at + WINDOW);
            let anew = split(&values[left..right], inflation);
            anew.map_or(Candidate { at, p: 1.0 }, |split| Candidate { at: left + split.at, ..split })
        };
        let mut splits: Vec<Candidate> = points.iter().enumerate().map(between).collect();
        let least_clear = (0..splits.len()).max_by(|&a, &b| splits[a].p.total_cmp(&splits[b].p));
        match least_clear.filter(|&index| splits[index].p > ALPHA) {
            Some(index) => drop(points.remove(index)),
            None => {
                splits.sort_by_key(|split| split.at);
                splits.dedup_by_key(|split| split.at);
                return splits;
            }
        }
    }
}

/// The split with the largest energy distance (exponent 1) between its sides, each scaled by their
/// numbers m and n: mn / (m + n) times (2 mean |x - y| - mean |x - x'| - mean |y - y'|), with the
/// means over all pairs. Returns `None` where there are too few values. The variance of the means is `inflation` times
/// that of independent values.
fn split(values: &[f64], inflation: f64) -> Option<Candidate> {
    let candidates = (values.len() + 1).checked_sub(2 * SHORTEST).filter(|&count| count > 0)?;
    let distances = |value: f64, others: &[f64]| -> f64 { others.iter().map(|x| (x - value).abs()).sum() };
    let mut within_left = 0.0;
    let mut across = 0.0;
    let mut within_right: f64 = (0..values.len()).map(|i| distances(values[i], &values[i + 1..])).sum();
    let mut best: Option<(f64, usize)> = None;
    for at in 1..=values.len() - SHORTEST {
        let moved = values[at - 1];
        let to_left = distances(moved, &values[..at - 1]);
        let to_right = distances(moved, &values[at..]);
        within_left += to_left;
        within_right -= to_right;
        across += to_right - to_left;
        if at < SHORTEST {
            continue;
        }
        let m = at as f64;
        let n = (values.len() - at) as f64;
        let pairs = |count: f64| count * (count - 1.0) / 2.0;
        let distance = 2.0 * across / (m * n) - within_left / pairs(m) - within_right / pairs(n);
        let energy = m * n / (m + n) * distance;
        if best.is_none_or(|(largest, _)| energy > largest) {
            best = Some((energy, at));
        }
    }
    let (_, at) = best?;
    let (left, right) = values.split_at(at);
    Some(Candidate { at, p: (student(left, right, inflation) * candidates as f64).min(1.0) })
}

/// The two-sided p-value of Student's test of two samples with one variance, whose means have `inflation` times
/// the variance that it gives them; 1 where both are the same constant, 0 where they are two constants.
fn student(a: &[f64], b: &[f64], inflation: f64) -> f64 {
    let squares = |values: &[f64]| -> f64 {
        let mean = mean(values);
        values.iter().map(|x| (x - mean) * (x - mean)).sum()
    };
    let m = a.len() as f64;
    let n = b.len() as f64;
    let degrees = m + n - 2.0;
    let difference = mean(a) - mean(b);
    let error = (inflation * (squares(a) + squares(b)) / degrees * (1.0 / m + 1.0 / n)).sqrt();
    if difference == 0.0 { 1.0 } else { 2.0 * student_cdf(-(difference / error).abs(), degrees) }
}

/// The mean, which rounding does not put beside values that are all the same.
fn mean(values: &[f64]) -> f64 {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
    (values.iter().sum::<f64>() / values.len() as f64).max(low).min(high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::{Purpose, Stream};

    /// Noise with a step, normal with a standard deviation of 1.
    fn series(seed: u64, count: usize, step: f64, at: usize) -> Vec<f64> {
        let mut stream = Stream::new(seed, Purpose::Probe, count as u64);
        (0..count).map(|index| stream.normal() + if index < at { 0.0 } else { step }).collect()
    }

    fn indices(values: &[f64]) -> Vec<usize> {
        change_points(values).iter().map(|point| point.index).collect()
    }

    /// The reference was computed from the definition, all pairs anew for every split, with numpy, and
    /// scipy 1.16's `ttest_ind`, of `((37 i^2 + 11 i) mod 101) / 101`, with a step.
    #[test]
    fn splits_are_those_of_numpy_and_scipy() {
        for (count, step, at, expected, p) in [
            (40u32, 0.6, 25, 25, 2.2527024149066316e-06),
            (40, 0.0, 25, 26, 1.0),
            (12, 2.0, 7, 7, 2.801151414133882e-07),
            (60, -0.35, 30, 27, 6.652852504731159e-06),
        ] {
            let value =
                |i: u32| f64::from((37 * i * i + 11 * i) % 101) / 101.0 + if i < at { 0.0 } else { step };
            let split = split(&(0..count).map(value).collect::<Vec<_>>(), 1.0).unwrap();
            assert_eq!(split.at, expected);
            assert!((split.p / p - 1.0).abs() < 1e-9, "{} against {p}", split.p);
        }
    }

    #[test]
    fn a_constant_that_changes_is_found_and_one_that_does_not_has_no_point() {
        let mut values = vec![0.1 + 0.2; 500];
        assert!(indices(&values).is_empty());
        values[320..].fill(0.4);
        let points = change_points(&values);
        assert_eq!(points, [ChangePoint { index: 320, before: 0.1 + 0.2, after: 0.4, p: 0.0 }]);
    }

    #[test]
    fn an_outlier_is_no_change_however_far_out() {
        for at in [0, 20, 46, 49] {
            let mut values = series(3, 50, 0.0, 0);
            values[at] += 1e6;
            assert!(indices(&values).is_empty(), "at {at}");
        }
    }

    #[test]
    fn too_few_nights_have_no_change() {
        assert!(indices(&[]).is_empty());
        assert!(indices(&[0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0]).is_empty());
        assert_eq!(indices(&[0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0]), [4]);
    }

    #[test]
    fn several_steps_are_found_in_a_long_series() {
        let steps = [400usize, 430, 1_000, 3_333];
        let mut values = series(5, 5_000, 0.0, 0);
        for (number, &at) in steps.iter().enumerate() {
            let step = if number % 2 == 0 { 4.0 } else { -4.0 };
            values[at..].iter_mut().for_each(|value| *value += step);
        }
        let found = indices(&values);
        assert_eq!(found.len(), steps.len(), "{found:?}");
        assert!(found.iter().zip(steps).all(|(found, at)| found.abs_diff(at) <= 2), "{found:?}");
    }

    /// Six nights after a step of three standard deviations, and fifteen after one of two.
    #[test]
    fn steps_are_found_where_they_are() {
        for (step, after, within_two) in [(3.0, 6, 0.95), (2.0, 15, 0.85)] {
            let hits = (0..1_000)
                .filter(|&seed| {
                    indices(&series(seed, 50 + after, step, 50)).iter().any(|i| i.abs_diff(50) <= 2)
                })
                .count();
            assert!(hits as f64 >= within_two * 1e3, "step {step}: {hits} of 1000");
        }
    }

    /// Mere noise: 100 nights looked at once, and looked at after every one of them.
    #[test]
    fn noise_seldom_has_a_change() {
        let alarms = (0..1_000).filter(|&seed| !indices(&series(seed, 100, 0.0, 0)).is_empty()).count();
        assert!(alarms <= 2, "{alarms} of 1000 series of 100");
        let ever = (0..100)
            .filter(|&seed| {
                let values = series(seed, 100, 0.0, 0);
                (8..=100).any(|night| !indices(&values[..night]).is_empty())
            })
            .count();
        assert!(ever <= 3, "{ever} of 100 series looked at every night");
    }

    /// Nights of which each is like the one before: a first-order autoregression of deviation 1.
    fn correlated(seed: u64, correlation: f64, step: f64, at: usize, count: usize) -> Vec<f64> {
        let mut value = 0.0;
        let noise = series(seed, 30 + count, 0.0, 0).into_iter().map(|noise| {
            value = correlation * value + (1.0 - correlation * correlation).sqrt() * noise;
            value
        });
        noise.skip(30).enumerate().map(|(index, x)| if index < at { x } else { x + step }).collect()
    }

    /// Of 400 series of 100 nights, those that have a change point without a change: at most 1 % and 5 %, and
    /// four standard errors; and steps of three standard deviations found within two nights, fifteen nights later.
    #[test]
    fn nights_that_are_alike_seldom_have_a_change_and_show_a_large_one() {
        for (correlation, most, least) in [(0.3, 12, 340), (0.6, 37, 200)] {
            let alarms = (0..400)
                .filter(|&seed| !indices(&correlated(seed, correlation, 0.0, 0, 100)).is_empty())
                .count();
            let found = (0..400)
                .filter(|&seed| {
                    let found = indices(&correlated(seed, correlation, 3.0, 50, 65));
                    found.iter().any(|index| index.abs_diff(50) <= 2)
                })
                .count();
            println!("correlation {correlation}: {alarms} of 400 without a change, {found} of 400 steps");
            assert!(alarms <= most && found >= least, "{correlation}: {alarms} {found}");
        }
    }

    proptest! {
        #[test]
        fn scale_and_shift_change_nothing(seed in 0u64..1_000, at in 10usize..50, shift in -1e3f64..1e3) {
            let values = series(seed, 60, 3.0, at);
            let moved: Vec<f64> = values.iter().map(|value| value * 4.0 + shift).collect();
            prop_assert_eq!(indices(&values), indices(&moved));
        }
    }
}
