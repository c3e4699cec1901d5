//! Sums and functions of the values of images, with numbers that belong to each feature: what batch normalization is made of.

use super::isa::with_registers;
use super::product::GROUP;
use super::real::Real;
use super::vector::{Scalar, Single, Vector};

/// Pixels whose sum is made before it is added to the others, in 64 bits. So many are also computed for some features before
/// they are for the next.
const RUN: usize = 64;

/// Two terms of sums over the values of a feature.
pub trait FeatureTerms {
    /// Returns the terms of a pair of values, with two numbers of their feature.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn of<V: Vector>(pair: [V; 2], numbers: [V; 2]) -> [V; 2];
}

/// A function of the values of a feature.
pub trait FeatureMap {
    /// Returns what it makes of a pair of values, with five numbers of their feature.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn of<V: Vector>(pair: [V; 2], numbers: [V; 5]) -> V;
}

/// Sets `totals`, of each feature, to the sums of the terms over the pixels of images.
///
/// # Panics
/// Panics if there are fewer numbers than features, or pairs of different lengths.
pub fn sum_pixels<T: FeatureTerms, S: Scalar>(pairs: [&[S]; 2], rows: [&[S]; 2], totals: &mut [[f64; 2]]) {
    let features = totals.len();
    assert!(pairs[0].len() == pairs[1].len() && rows.iter().all(|row| row.len() >= features));
    totals.fill([0.0; 2]);
    for (one, other) in pairs[0].chunks(RUN * features).zip(pairs[1].chunks(RUN * features)) {
        // SAFETY: pairs hold whole pixels, and rows a number for each feature.
        unsafe { sum_run::<S, T>([one, other], rows, totals) }
    }
}

/// Sets each value of images to the function of a pair of values.
///
/// # Panics
/// Panics if there are fewer numbers than features, or fewer pairs than values.
pub fn map_pixels<M: FeatureMap, S: Scalar>(pairs: [&[S]; 2], rows: [&[S]; 5], to: &mut [S]) {
    let features = rows[0].len();
    let is_whole = |row: &&[S]| row.len() >= features;
    assert!(pairs.iter().all(|values| values.len() >= to.len()) && rows.iter().all(is_whole));
    let length = RUN * features;
    for (index, to) in to.chunks_mut(length).enumerate() {
        let pairs = [&pairs[0][index * length..], &pairs[1][index * length..]];
        // SAFETY: pairs hold as many pixels as there are to set, and rows a number for each feature.
        unsafe { map_run::<S, M>(pairs, rows, to) }
    }
}

with_registers! {
    unsafe fn sum_run<S, V, T: FeatureTerms>(pairs: [&[S]; 2], rows: [&[S]; 2], totals: &mut [[f64; 2]]) {
        let whole = totals.len() - totals.len() % V::LANES;
        // SAFETY: the caller's.
        unsafe {
            sum_features::<T, V>(0..whole, pairs, rows, totals);
            sum_features::<T, Single<S>>(whole..totals.len(), pairs, rows, totals);
        }
    }

    unsafe fn map_run<S, V, M: FeatureMap>(pairs: [&[S]; 2], rows: [&[S]; 5], to: &mut [S]) {
        let features = rows[0].len();
        let whole = features - features % V::LANES;
        // SAFETY: the caller's.
        unsafe {
            map_features::<M, V>(0..whole, pairs, rows, to);
            map_features::<M, Single<S>>(whole..features, pairs, rows, to);
        }
    }
}

#[inline(always)]
unsafe fn sum_features<T: FeatureTerms, V: Vector>(
    range: std::ops::Range<usize>,
    pairs: [&[V::Number]; 2],
    rows: [&[V::Number]; 2],
    totals: &mut [[f64; 2]],
) {
    let features = totals.len();
    let pixels = pairs[0].len() / features;
    for feature in range.step_by(V::LANES) {
        // SAFETY: the caller's.
        unsafe {
            let numbers = [V::load(rows[0].as_ptr().add(feature)), V::load(rows[1].as_ptr().add(feature))];
            let [mut first, mut second] = [V::splat(V::Number::ZERO); 2];
            let [mut one, mut other] = [pairs[0].as_ptr().add(feature), pairs[1].as_ptr().add(feature)];
            for _ in 0..pixels {
                let terms = T::of([V::load(one), V::load(other)], numbers);
                first = first.plus(terms[0]);
                second = second.plus(terms[1]);
                one = one.wrapping_add(features);
                other = other.wrapping_add(features);
            }
            let mut sums = [[V::Number::ZERO; GROUP]; 2];
            first.store(sums[0].as_mut_ptr());
            second.store(sums[1].as_mut_ptr());
            for (lane, total) in totals[feature..feature + V::LANES].iter_mut().enumerate() {
                *total = [total[0] + sums[0][lane].to_f64(), total[1] + sums[1][lane].to_f64()];
            }
        }
    }
}

#[inline(always)]
unsafe fn map_features<M: FeatureMap, V: Vector>(
    range: std::ops::Range<usize>,
    pairs: [&[V::Number]; 2],
    rows: [&[V::Number]; 5],
    to: &mut [V::Number],
) {
    let features = rows[0].len();
    let pixels = to.len() / features;
    for feature in range.step_by(V::LANES) {
        // SAFETY: the caller's.
        unsafe {
            let mut numbers = [V::splat(V::Number::ZERO); 5];
            for (number, row) in numbers.iter_mut().zip(rows) {
                *number = V::load(row.as_ptr().add(feature));
            }
            let [mut one, mut other] = [pairs[0].as_ptr().add(feature), pairs[1].as_ptr().add(feature)];
            let mut to = to.as_mut_ptr().add(feature);
            for _ in 0..pixels {
                M::of([V::load(one), V::load(other)], numbers).store(to);
                one = one.wrapping_add(features);
                other = other.wrapping_add(features);
                to = to.wrapping_add(features);
            }
        }
    }
}
