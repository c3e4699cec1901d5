//! The IDX format (Yann LeCun, "The MNIST database"): two zero bytes, a type, the number of
//! dimensions, each dimension as a big-endian `u32`, then the elements, last dimension fastest.

use std::io::Read;

use sha2::{Digest, Sha256};

use super::content::UNSIGNED_BYTE;
use crate::recipe::hex;

/// An IDX file of unsigned bytes with `N` dimensions.
#[derive(Debug, PartialEq, Eq)]
pub struct Array<const N: usize> {
    /// The sizes of its dimensions.
    pub shape: [u32; N],
    /// As many as the product of the dimensions.
    pub elements: Vec<u8>,
    /// SHA-256 of the whole file, in hexadecimal.
    pub sha256: String,
}

/// What can be wrong with an IDX file.
#[derive(Debug, thiserror::Error)]
pub enum IdxProblem {
    /// It ends too early.
    #[error("truncated: it ends after {found} of {expected} bytes")]
    Truncated {
        /// Bytes that there are.
        found: u64,
        /// Bytes that its header promises.
        expected: u64,
    },
    /// It does not start as such a file does.
    #[error(
        "not an IDX file of bytes with {dimensions} dimension(s): it starts with {found:02x?}, expected {expected:02x?}"
    )]
    Magic {
        /// As many as expected.
        dimensions: usize,
        /// Its first four bytes.
        found: [u8; 4],
        /// What they should be.
        expected: [u8; 4],
    },
    /// It goes on after its last element.
    #[error("bytes follow the {expected} that its header promises")]
    Trailing {
        /// Bytes that its header promises.
        expected: u64,
    },
    /// Its dimensions are not those of this dataset.
    #[error("its dimensions are {found:?}, expected {expected:?}")]
    Shape {
        /// The sizes of its dimensions.
        found: Vec<u32>,
        /// Those of the dataset.
        expected: Vec<u32>,
    },
    /// A label names no class.
    #[error("label {value} at index {index} is not one of the {classes} classes")]
    Label {
        /// The index of the label.
        index: usize,
        /// The value of the label.
        value: u8,
        /// The number of classes.
        classes: u32,
    },
    /// The file cannot be read or decompressed.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads a whole IDX file of these dimensions. A header of others is refused before anything behind it
/// is read, and memory grows with the bytes that are really there.
///
/// # Errors
/// Returns an error if the bytes are no IDX file of this shape, or cannot be read.
pub fn read<const N: usize>(mut reader: impl Read, expected_shape: [u32; N]) -> Result<Array<N>, IdxProblem> {
    let header_len = 4 + 4 * N as u64;
    let mut header = Vec::new();
    reader.by_ref().take(header_len).read_to_end(&mut header)?;
    let truncated = |expected| IdxProblem::Truncated { found: header.len() as u64, expected };

    let (magic, dimensions) = header.split_first_chunk::<4>().ok_or_else(|| truncated(header_len))?;
    let expected = [0, 0, UNSIGNED_BYTE, N as u8];
    if *magic != expected {
        return Err(IdxProblem::Magic { dimensions: N, found: *magic, expected });
    }
    if header.len() as u64 != header_len {
        return Err(truncated(header_len));
    }
    let mut shape = [0; N];
    for (size, bytes) in shape.iter_mut().zip(dimensions.as_chunks::<4>().0) {
        *size = u32::from_be_bytes(*bytes);
    }
    if shape != expected_shape {
        return Err(IdxProblem::Shape { found: shape.to_vec(), expected: expected_shape.to_vec() });
    }
    let count = size(shape) - header_len;

    let mut elements = Vec::new();
    reader.by_ref().take(count + 1).read_to_end(&mut elements)?;
    let found = header_len + elements.len() as u64;
    let expected = header_len + count;
    if found < expected {
        return Err(IdxProblem::Truncated { found, expected });
    }
    if found > expected {
        return Err(IdxProblem::Trailing { expected });
    }
    let sha256 = hex(&Sha256::new().chain_update(&header).chain_update(&elements).finalize());
    Ok(Array { shape, elements, sha256 })
}

/// Returns the number of bytes of a file of these dimensions.
pub fn size<const N: usize>(shape: [u32; N]) -> u64 {
    4 + 4 * N as u64 + shape.iter().copied().map(u64::from).product::<u64>()
}

impl Array<1> {
    /// Checks that every label names a class.
    ///
    /// # Errors
    /// Returns an error that names the first label that is no class.
    pub fn expect_classes(&self, classes: u32) -> Result<(), IdxProblem> {
        match self.elements.iter().position(|&label| u32::from(label) >= classes) {
            Some(index) => Err(IdxProblem::Label { index, value: self.elements[index], classes }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::content::digest;

    fn file(shape: &[u32], elements: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, shape.len() as u8];
        shape.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes.extend(elements);
        bytes
    }

    fn problem<const N: usize>(bytes: &[u8], shape: [u32; N]) -> String {
        read(bytes, shape).unwrap_err().to_string()
    }

    #[test]
    fn malformed_files_are_named_for_what_they_are() {
        const SHAPE: [u32; 3] = [2, 1, 3];
        let good = file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        insta::assert_snapshot!(problem(&good[..2], SHAPE), @"truncated: it ends after 2 of 16 bytes");
        insta::assert_snapshot!(problem(&good[..15], SHAPE), @"truncated: it ends after 15 of 16 bytes");
        insta::assert_snapshot!(problem(&good[..20], SHAPE), @"truncated: it ends after 20 of 22 bytes");
        insta::assert_snapshot!(problem(&good, [2]), @"not an IDX file of bytes with 1 dimension(s): it starts with [00, 00, 08, 03], expected [00, 00, 08, 01]");
        insta::assert_snapshot!(problem(&[&good[..], &[0]].concat(), SHAPE), @"bytes follow the 22 that its header promises");
        insta::assert_snapshot!(problem(&file(&[u32::MAX; 3], &[]), SHAPE), @"its dimensions are [4294967295, 4294967295, 4294967295], expected [2, 1, 3]");
        insta::assert_snapshot!(problem(&file(&[1000, 1000, 1000], &[7]), [1000; 3]), @"truncated: it ends after 17 of 1000000016 bytes");
    }

    #[test]
    fn shapes_and_labels_are_checked() {
        let bytes = file(&[3], &[0, 9, 10]);
        let labels = read(&bytes[..], [3]).unwrap();
        insta::assert_snapshot!(problem(&bytes, [4]), @"its dimensions are [3], expected [4]");
        insta::assert_snapshot!(labels.expect_classes(10).unwrap_err(), @"label 10 at index 2 is not one of the 10 classes");
        labels.expect_classes(11).unwrap();
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in 0u32..5, columns in 0u32..5, fill: u8) {
            let elements = vec![fill; (rows * columns) as usize];
            let array = read(&file(&[rows, columns], &elements)[..], [rows, columns]).unwrap();
            prop_assert_eq!(&array.sha256, &digest(&array.shape, &elements));
            prop_assert_eq!(array, Array { shape: [rows, columns], sha256: digest(&[rows, columns], &elements), elements });
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read(&bytes[..], [3]);
            let _ = read(&bytes[..], [2, 1, 3]);
        }
    }
}
