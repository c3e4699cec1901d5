//! The digests by which a dataset's content is known, whatever files it was read from: those of the IDX files that its
//! arrays would make.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::split::Split;
use super::values::Values;
use crate::recipe::hex;
use crate::recipe::shape::Shape;

/// The type byte of unsigned bytes.
pub(super) const UNSIGNED_BYTE: u8 = 0x08;
/// The type byte of signed integers of four bytes.
const INT: u8 = 0x0c;
/// The type byte of floating-point numbers of four bytes.
const FLOAT: u8 = 0x0d;

/// Classes from here on do not fit into a byte.
const BYTE_CLASSES: u32 = 256;

/// Returns the SHA-256, in hexadecimal, of the IDX files that the splits would make, by file name: of MNIST's own for
/// grey images in at most 256 classes. Images with several channels have a file of four dimensions (sample, channel,
/// row, column), sequences one of three (sample, step, feature), and more classes make labels of four bytes.
pub fn digests(train: &Split, test: &Split, classes: u32) -> BTreeMap<String, String> {
    let splits = [("train", train), ("t10k", test)];
    splits
        .into_iter()
        .flat_map(|(prefix, split)| [samples(prefix, split), labels(prefix, split, classes)])
        .collect()
}

fn samples(prefix: &str, split: &Split) -> (String, String) {
    let count = split.len() as u32;
    let shape = match split.shape {
        Shape::Image { channels: 1, height, width } => vec![count, height, width],
        Shape::Image { channels, height, width } => vec![count, channels, height, width],
        Shape::Sequence { steps, features } => vec![count, steps, features],
        Shape::Vector { features } => vec![count, features],
    };
    let dimensions = shape.len();
    match &split.values {
        Values::Bytes(bytes) => {
            (format!("{prefix}-images-idx{dimensions}-ubyte"), digest(&shape, bytes.as_slice()))
        }
        Values::Floats(floats) => {
            let words = floats.as_slice().iter().map(|value| value.to_be_bytes());
            (format!("{prefix}-samples-idx{dimensions}-float"), digest_of_words(FLOAT, &shape, words))
        }
    }
}

fn labels(prefix: &str, split: &Split, classes: u32) -> (String, String) {
    let labels = split.labels.as_slice();
    let shape = [split.len() as u32];
    if classes <= BYTE_CLASSES {
        let bytes: Vec<u8> = labels.iter().map(|&label| label as u8).collect();
        return (format!("{prefix}-labels-idx1-ubyte"), digest(&shape, &bytes));
    }
    let words = labels.iter().map(|&label| i32::from(label).to_be_bytes());
    (format!("{prefix}-labels-idx1-int"), digest_of_words(INT, &shape, words))
}

/// Returns the SHA-256, in hexadecimal, of the IDX file of these bytes.
pub fn digest(shape: &[u32], elements: &[u8]) -> String {
    hex(&begun(UNSIGNED_BYTE, shape).chain_update(elements).finalize())
}

/// Returns the digest of the IDX file of these elements of four bytes.
fn digest_of_words(kind: u8, shape: &[u32], mut words: impl Iterator<Item = [u8; 4]>) -> String {
    let mut hasher = begun(kind, shape);
    let mut block = Vec::new();
    loop {
        block.clear();
        block.extend(words.by_ref().take(1 << 14).flatten());
        if block.is_empty() {
            return hex(&hasher.finalize());
        }
        hasher.update(&block);
    }
}

/// Returns a digest that has taken in the header.
fn begun(kind: u8, shape: &[u32]) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update([0, 0, kind, shape.len() as u8]);
    shape.iter().for_each(|size| hasher.update(size.to_be_bytes()));
    hasher
}
