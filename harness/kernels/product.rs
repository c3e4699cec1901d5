//! Matrix products, the one kernel that all layers with weights are made of.
//!
//! An element of C is by definition one chain of fused multiply-adds over the terms in their order, which begins at 0 or
//! at its row's bias; with [`Start::Add`] the chain begins at 0 and its end is added to C. Neither the instruction set nor
//! the shape of tiles changes that order, so neither changes bits.

use super::isa::with_registers;
use super::real::Real;
use super::vector::{Scalar, Vector};

/// Operands hold whole groups of so many columns; what is beyond the last column may be any number.
pub const GROUP: usize = 16;

/// The widest part of C that is computed at once, in columns.
pub const STRIP: usize = 32;

/// Products that are part of a sum: of `runs` pieces of A and B, `depth` columns of A and rows of B in each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Term<'a, S> {
    /// Row i, column k of A is at `i * a_row + k * a_step`.
    pub a: &'a [S],
    /// How far apart the rows of A are.
    pub a_row: usize,
    /// How far apart the columns of A are.
    pub a_step: usize,
    /// Row k, column j of B is at `k * b_step + j`.
    pub b: &'a [S],
    /// How far apart the rows of B are.
    pub b_step: usize,
    /// The number of products of each element in a run.
    pub depth: usize,
    /// The number of runs, one after the other.
    pub runs: usize,
    /// How far apart the runs of A begin.
    pub a_run: usize,
    /// How far apart the runs of B begin.
    pub b_run: usize,
}

impl<'a, S> Term<'a, S> {
    /// Returns the products of matrices that are `depth` long, in one run.
    pub fn new(a: &'a [S], [a_row, a_step]: [usize; 2], b: &'a [S], b_step: usize, depth: usize) -> Self {
        Term { a, a_row, a_step, b, b_step, depth, runs: 1, a_run: 0, b_run: 0 }
    }
}

/// What a chain begins with.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a, S> {
    /// The chain begins with 0.
    Zero,
    /// The chain begins with the bias of the row.
    Bias(&'a [S]),
    /// The chain begins with 0, and its end is added to C.
    Add,
}

/// A matrix that a product writes: row i, column j is at `i * row + j`.
#[derive(Debug)]
pub struct Target<'a, S> {
    /// The elements, row after row.
    pub c: &'a mut [S],
    /// How far apart its rows are.
    pub row: usize,
}

/// Computes the sum of the terms' products into `rows` x `columns` elements of `target`.
///
/// # Panics
/// Panics if a matrix is too short for what is asked.
pub fn product<S: Scalar>(
    rows: usize,
    columns: usize,
    terms: &[Term<'_, S>],
    start: Start<'_, S>,
    target: Target<'_, S>,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    let padded = columns.next_multiple_of(GROUP);
    assert!(target.c.len() >= (rows - 1) * target.row + columns, "C is too short");
    for term in terms.iter().filter(|term| term.depth > 0 && term.runs > 0) {
        let [last, run] = [term.depth - 1, term.runs - 1];
        let a = run * term.a_run + (rows - 1) * term.a_row + last * term.a_step;
        assert!(term.a.len() > a, "A is too short");
        assert!(term.b.len() >= run * term.b_run + last * term.b_step + padded, "B is too short");
    }
    if let Start::Bias(bias) = start {
        assert!(bias.len() >= rows, "the bias is too short");
    }
    let work = ProductWork { rows, columns, terms, start, c: target.c.as_mut_ptr(), row: target.row };
    // SAFETY: the matrices are as long as was just checked.
    unsafe { compute(&work) }
}

/// A product to compute, checked.
struct ProductWork<'a, S> {
    rows: usize,
    columns: usize,
    terms: &'a [Term<'a, S>],
    start: Start<'a, S>,
    c: *mut S,
    row: usize,
}

with_registers! {
    unsafe fn compute<S, V>(work: &ProductWork<'_, S>) {
        // SAFETY: the caller's.
        unsafe { whole::<V>(work) }
    }
}

/// Computes strip after strip of columns, each from top to bottom.
#[inline(always)]
unsafe fn whole<V: Vector>(work: &ProductWork<'_, V::Number>) {
    let padded = work.columns.next_multiple_of(GROUP);
    let mut column = 0;
    while column < work.columns {
        // SAFETY: the caller's.
        unsafe {
            if padded - column >= 2 * V::LANES {
                strip::<V, 2>(work, column);
                column += 2 * V::LANES;
            } else {
                strip::<V, 1>(work, column);
                column += V::LANES;
            }
        }
    }
}

/// Cuts the rows into tiles as equal as can be.
#[inline(always)]
unsafe fn strip<V: Vector, const C: usize>(work: &ProductWork<'_, V::Number>, column: usize) {
    let tiles = work.rows.div_ceil(V::TILE_ROWS);
    let height = work.rows / tiles;
    let taller = work.rows % tiles;
    let mut row = 0;
    for index in 0..tiles {
        let height = height + usize::from(index < taller);
        // SAFETY: the caller's.
        unsafe {
            match height {
                1 => tile::<V, 1, C>(work, row, column),
                2 => tile::<V, 2, C>(work, row, column),
                3 => tile::<V, 3, C>(work, row, column),
                4 => tile::<V, 4, C>(work, row, column),
                5 => tile::<V, 5, C>(work, row, column),
                6 => tile::<V, 6, C>(work, row, column),
                7 => tile::<V, 7, C>(work, row, column),
                8 => tile::<V, 8, C>(work, row, column),
                9 => tile::<V, 9, C>(work, row, column),
                10 => tile::<V, 10, C>(work, row, column),
                11 => tile::<V, 11, C>(work, row, column),
                12 => tile::<V, 12, C>(work, row, column),
                13 => tile::<V, 13, C>(work, row, column),
                _ => tile::<V, 14, C>(work, row, column),
            }
        }
        row += height;
    }
}

/// Computes R rows and C registers of C.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const C: usize>(
    work: &ProductWork<'_, V::Number>,
    row: usize,
    column: usize,
) {
    // SAFETY: `product` checked that all of this lies within the matrices.
    unsafe {
        let mut sums = [[V::splat(V::Number::ZERO); C]; R];
        if let Start::Bias(bias) = work.start {
            for (index, sums) in sums.iter_mut().enumerate() {
                *sums = [V::splat(*bias.as_ptr().add(row + index)); C];
            }
        }
        for term in work.terms {
            let begin =
                [term.a.as_ptr().wrapping_add(row * term.a_row), term.b.as_ptr().wrapping_add(column)];
            for run in 0..term.runs {
                // Every fourth row has a pointer of its own, so that no address waits for all before it.
                let mut a = [begin[0].wrapping_add(run * term.a_run); 4];
                for (index, a) in a.iter_mut().enumerate() {
                    *a = a.wrapping_add(4 * index * term.a_row);
                }
                let mut b = begin[1].wrapping_add(run * term.b_run);
                for _ in 0..term.depth {
                    let mut right = [V::splat(V::Number::ZERO); C];
                    for (index, right) in right.iter_mut().enumerate() {
                        *right = V::load(b.add(index * V::LANES));
                    }
                    for (index, sums) in sums.iter_mut().enumerate() {
                        let left = V::splat(*a[index / 4].add(index % 4 * term.a_row));
                        for (sum, right) in sums.iter_mut().zip(right) {
                            *sum = sum.plus_product(left, right);
                        }
                    }
                    for a in &mut a {
                        *a = a.wrapping_add(term.a_step);
                    }
                    b = b.wrapping_add(term.b_step);
                }
            }
        }
        let add = matches!(work.start, Start::Add);
        let left = work.columns - column;
        for (index, sums) in sums.into_iter().enumerate() {
            let c = work.c.add((row + index) * work.row + column);
            if left >= C * V::LANES {
                for (index, sum) in sums.into_iter().enumerate() {
                    let c = c.add(index * V::LANES);
                    (if add { sum.plus(V::load(c)) } else { sum }).store(c);
                }
            } else {
                let mut whole = [V::Number::ZERO; STRIP];
                for (index, sum) in sums.into_iter().enumerate() {
                    sum.store(whole.as_mut_ptr().add(index * V::LANES));
                }
                for (index, sum) in whole.iter().take(left).enumerate() {
                    let c = c.add(index);
                    *c = if add { *sum + *c } else { *sum };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::isa::tests::with_each;
    use crate::kernels::tests::drawn;

    /// The definition, element by element.
    fn by_hand(
        rows: usize,
        columns: usize,
        terms: &[Term<'_, f32>],
        start: Start<'_, f32>,
        c: &[f32],
    ) -> Vec<f32> {
        let element = |i: usize, j: usize| {
            let begin = if let Start::Bias(bias) = start { bias[i] } else { 0.0 };
            let products = terms.iter().flat_map(|term| {
                (0..term.runs * term.depth).map(|index| {
                    let [run, k] = [index / term.depth, index % term.depth];
                    let a = term.a[run * term.a_run + i * term.a_row + k * term.a_step];
                    (a, term.b[run * term.b_run + k * term.b_step + j])
                })
            });
            let sum = products.fold(begin, |sum, (a, b)| f32::mul_add(a, b, sum));
            if matches!(start, Start::Add) { sum + c[i * columns + j] } else { sum }
        };
        (0..rows).flat_map(|i| (0..columns).map(move |j| element(i, j))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_set_gives_the_bits_of_the_definition(
            rows in 1usize..40, columns in 1usize..70, depths in prop::collection::vec(0usize..20, 1..3),
            runs in 1usize..4, transposed in any::<bool>(), start in 0usize..3,
        ) {
            let width = columns.next_multiple_of(GROUP);
            let a: Vec<Vec<f32>> = depths.iter().map(|depth| drawn(runs * rows * depth, 1)).collect();
            let b: Vec<Vec<f32>> = depths.iter().map(|depth| drawn(runs * width * depth, 2)).collect();
            let terms: Vec<Term<'_, f32>> = a.iter().zip(&b).zip(&depths).map(|((a, b), &depth)| {
                let strides = if transposed { [1, rows] } else { [depth, 1] };
                Term { runs, a_run: rows * depth, b_run: width * depth, ..Term::new(a, strides, b, width, depth) }
            }).collect();
            let bias = drawn(rows, 3);
            let start = [Start::Zero, Start::Bias(&bias), Start::Add][start];
            let before = drawn(rows * columns, 4);
            let wanted = by_hand(rows, columns, &terms, start, &before);
            for c in with_each(|| {
                let mut c = before.clone();
                product(rows, columns, &terms, start, Target { c: &mut c, row: columns });
                c
            }) {
                prop_assert_eq!(&c, &wanted);
            }
        }
    }

    #[test]
    fn double_precision_is_close_to_the_same() {
        let a: Vec<f64> = drawn(20 * 30, 1);
        let b: Vec<f64> = drawn(30 * 48, 2);
        let terms = [Term::new(&a, [30, 1], &b, 48, 30)];
        for c in with_each(|| {
            let mut c = vec![0.0; 20 * 45];
            product(20, 45, &terms, Start::Zero, Target { c: &mut c, row: 45 });
            c
        }) {
            let i = 19;
            let j = 44;
            let sum: f64 = (0..30).map(|k| a[i * 30 + k] * b[k * 48 + j]).sum();
            assert!((c[i * 45 + j] - sum).abs() < 1e-12);
        }
    }
}
