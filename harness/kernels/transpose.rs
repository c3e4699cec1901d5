//! Rows into columns.

use super::vector::Scalar;

/// Blocks of so many rows and columns are turned at once.
const SIDE: usize = 8;

/// Writes element (i, j) of a matrix of `rows` x `columns`, whose rows are `from_row` apart, to (j, i) of one whose rows are
/// `to_row` apart.
///
/// # Panics
/// Panics if either is too short.
pub fn transpose<S: Scalar>(
    rows: usize,
    columns: usize,
    from: &[S],
    from_row: usize,
    to: &mut [S],
    to_row: usize,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(from.len() >= (rows - 1) * from_row + columns && to.len() >= (columns - 1) * to_row + rows);
    for i in (0..rows).step_by(SIDE) {
        for j in (0..columns).step_by(SIDE) {
            if rows - i >= SIDE && columns - j >= SIDE {
                turn(&from[i * from_row + j..], from_row, &mut to[j * to_row + i..], to_row);
            } else {
                for i in i..rows.min(i + SIDE) {
                    for j in j..columns.min(j + SIDE) {
                        to[j * to_row + i] = from[i * from_row + j];
                    }
                }
            }
        }
    }
}

/// Turns a block of `SIDE` x `SIDE`.
#[inline(always)]
fn turn<S: Scalar>(from: &[S], from_row: usize, to: &mut [S], to_row: usize) {
    let mut block = [[S::ZERO; SIDE]; SIDE];
    for (i, row) in block.iter_mut().enumerate() {
        row.copy_from_slice(&from[i * from_row..i * from_row + SIDE]);
    }
    for j in 0..SIDE {
        for (i, row) in block.iter().enumerate() {
            to[j * to_row + i] = row[j];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::tests::drawn;

    #[test]
    fn twice_is_the_same() {
        let from: Vec<f32> = drawn(19 * 30, 1);
        let mut turned = vec![0.0; 30 * 20];
        transpose(19, 29, &from, 30, &mut turned, 20);
        assert_eq!(turned[5 * 20 + 17], from[17 * 30 + 5]);
        let mut back = vec![0.0; 19 * 30];
        transpose(29, 19, &turned, 20, &mut back, 30);
        for row in 0..19 {
            assert_eq!(back[row * 30..row * 30 + 29], from[row * 30..row * 30 + 29]);
        }
    }
}
