//! The matrices of Winograd's minimal filtering, applied to tiles in registers.

use crate::kernels::real::Real;
use crate::kernels::vector::Vector;

/// A transformation of N numbers into M, which a tile undergoes along its rows and then along its columns.
pub trait TileTransform<const N: usize, const M: usize> {
    /// Transforms registers.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn of<V: Vector>(from: [V; N]) -> [V; M];
}

/// The matrix G, which transforms weights.
pub struct OfWeights;
/// The transpose of G, which makes gradients of weights.
pub struct ToWeights;
/// The transpose of B, which transforms images.
pub struct OfImages;
/// The matrix B, which makes gradients of images.
pub struct ToImages;
/// The matrix A, which transforms gradients of outputs.
pub struct OfOutputs;
/// The transpose of A, which makes outputs.
pub struct ToOutputs;

impl TileTransform<3, 4> for OfWeights {
    #[inline(always)]
    unsafe fn of<V: Vector>([g0, g1, g2]: [V; 3]) -> [V; 4] {
        // SAFETY: the caller's.
        unsafe {
            let half = V::splat(V::Number::HALF);
            let outer = g0.plus(g2);
            [g0, outer.plus(g1).times(half), outer.minus(g1).times(half), g2]
        }
    }
}

impl TileTransform<4, 3> for ToWeights {
    #[inline(always)]
    unsafe fn of<V: Vector>([u0, u1, u2, u3]: [V; 4]) -> [V; 3] {
        // SAFETY: the caller's.
        unsafe {
            let half = V::splat(V::Number::HALF);
            let inner = u1.plus(u2).times(half);
            [u0.plus(inner), u1.minus(u2).times(half), inner.plus(u3)]
        }
    }
}

impl TileTransform<4, 4> for OfImages {
    #[inline(always)]
    unsafe fn of<V: Vector>([d0, d1, d2, d3]: [V; 4]) -> [V; 4] {
        // SAFETY: the caller's.
        unsafe { [d0.minus(d2), d1.plus(d2), d2.minus(d1), d3.minus(d1)] }
    }
}

impl TileTransform<4, 4> for ToImages {
    #[inline(always)]
    unsafe fn of<V: Vector>([v0, v1, v2, v3]: [V; 4]) -> [V; 4] {
        // SAFETY: the caller's.
        unsafe { [v0, v1.minus(v2).minus(v3), v1.plus(v2).minus(v0), v3] }
    }
}

impl TileTransform<2, 4> for OfOutputs {
    #[inline(always)]
    unsafe fn of<V: Vector>([y0, y1]: [V; 2]) -> [V; 4] {
        // SAFETY: the caller's.
        unsafe { [y0, y0.plus(y1), y0.minus(y1), y1] }
    }
}

impl TileTransform<4, 2> for ToOutputs {
    #[inline(always)]
    unsafe fn of<V: Vector>([m0, m1, m2, m3]: [V; 4]) -> [V; 2] {
        // SAFETY: the caller's.
        unsafe { [m0.plus(m1).plus(m2), m1.minus(m2).plus(m3)] }
    }
}

/// Transforms a tile along both sides.
///
/// # Safety
/// The processor has the instruction set.
#[inline(always)]
pub unsafe fn transform<T: TileTransform<N, M>, V: Vector, const N: usize, const M: usize>(
    tile: [[V; N]; N],
) -> [[V; M]; M] {
    // SAFETY: the caller's.
    unsafe {
        let zero = V::splat(V::Number::ZERO);
        let mut columns = [[zero; N]; M];
        for (index, row) in tile.into_iter().enumerate() {
            for (column, value) in columns.iter_mut().zip(T::of(row)) {
                column[index] = value;
            }
        }
        let mut transformed = [[zero; M]; M];
        for (index, column) in columns.into_iter().enumerate() {
            for (row, value) in transformed.iter_mut().zip(T::of(column)) {
                row[index] = value;
            }
        }
        transformed
    }
}

/// Loads N x N registers; rows and columns are so far apart.
///
/// # Safety
/// The numbers are there, and the processor has the instruction set.
#[inline(always)]
pub unsafe fn load<V: Vector, const N: usize>(
    from: *const V::Number,
    [row, column]: [usize; 2],
) -> [[V; N]; N] {
    // SAFETY: the caller's.
    unsafe {
        let mut tile = [[V::splat(V::Number::ZERO); N]; N];
        for (y, values) in tile.iter_mut().enumerate() {
            for (x, value) in values.iter_mut().enumerate() {
                *value = V::load(from.add(y * row + x * column));
            }
        }
        tile
    }
}

/// Stores N x N registers; rows and columns are so far apart.
///
/// # Safety
/// There is room for them, and the processor has the instruction set.
#[inline(always)]
pub unsafe fn store<V: Vector, const N: usize>(
    tile: [[V; N]; N],
    to: *mut V::Number,
    [row, column]: [usize; 2],
) {
    // SAFETY: the caller's.
    unsafe {
        for (y, values) in tile.into_iter().enumerate() {
            for (x, value) in values.into_iter().enumerate() {
                value.store(to.add(y * row + x * column));
            }
        }
    }
}
