//! How the samples of a batch lie in memory.
//!
//! Images lie sample after sample, each row after row, pixel after pixel, channel after channel. Vectors and sequences lie
//! in blocks of up to [`WIDEST`] samples: in a block step after step, feature after feature, and there the samples side by
//! side, so that a loop over them is a loop over vectors whatever the number of features. The last block is filled up to
//! a multiple of [`GROUP`] samples, whose values are any finite numbers and whose gradients are 0.

use super::product::{GROUP, STRIP};
use crate::recipe::shape::Shape;

/// A block has at most so many samples.
pub const WIDEST: usize = STRIP;

/// The samples of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The number of samples.
    pub samples: usize,
}

/// Samples that lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneBlock {
    /// The first sample's place in the batch.
    pub start: usize,
    /// The number of samples, those included that fill it up.
    pub lanes: usize,
    /// The number of samples of the batch.
    pub used: usize,
}

impl LaneBlock {
    /// Returns where its values begin if a sample has so many.
    pub fn at(self, values: usize) -> std::ops::Range<usize> {
        self.start * values..(self.start + self.lanes) * values
    }

    /// Returns where the values of a step begin if a step has `features` of `steps`.
    pub fn step(self, step: usize, steps: usize, features: usize) -> std::ops::Range<usize> {
        let begin = self.start * steps * features + step * features * self.lanes;
        begin..begin + features * self.lanes
    }
}

impl Batch {
    /// Returns the blocks of vectors and sequences.
    pub fn blocks(self) -> impl DoubleEndedIterator<Item = LaneBlock> + Clone {
        (0..self.samples.div_ceil(WIDEST)).map(move |index| {
            let start = index * WIDEST;
            let used = WIDEST.min(self.samples - start);
            LaneBlock { start, lanes: used.next_multiple_of(GROUP), used }
        })
    }

    /// Returns each step of each block.
    pub fn steps(self, steps: usize) -> impl Iterator<Item = (LaneBlock, usize)> {
        self.blocks().flat_map(move |block| (0..steps).map(move |step| (block, step)))
    }

    /// Returns the number of samples of all blocks, those included that fill up the last.
    pub fn padded(self) -> usize {
        self.samples.next_multiple_of(GROUP)
    }

    /// Returns how many numbers samples of this shape take.
    pub fn size(self, shape: Shape) -> usize {
        let samples = if shape.is_image() { self.samples } else { self.padded() };
        samples * shape.values() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other() {
        let blocks: Vec<LaneBlock> = Batch { samples: 100 }.blocks().collect();
        assert_eq!(blocks.iter().map(|block| block.used).sum::<usize>(), 100);
        assert_eq!(blocks.last(), Some(&LaneBlock { start: 96, lanes: 16, used: 4 }));
        assert_eq!(blocks[1].step(2, 3, 5), 32 * 15 + 2 * 5 * 32..32 * 15 + 3 * 5 * 32);
        assert_eq!(blocks[3].at(15).end, Batch { samples: 100 }.padded() * 15);
        assert_eq!(Batch { samples: 100 }.size(Shape::Sequence { steps: 3, features: 5 }), 112 * 15);
    }
}
