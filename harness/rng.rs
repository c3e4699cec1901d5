//! Counter-based random streams, one for each (seed, purpose, epoch).
//!
//! A stream is ChaCha8 under a key hashed from what it is for, so that it depends neither on the
//! device, nor on the number of threads, nor on what was drawn before it. Every draw is integer or
//! correctly rounded floating-point arithmetic (`libm` for the logarithm and cosine of a normal
//! draw), so the bits are the same on every platform.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// What a stream is drawn for. The name, not the position, enters the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Draws the initial weights.
    Weights,
    /// The order of the training samples in an epoch.
    Order,
    /// Which samples are held out, and which make a subset.
    Split,
    /// Shifts, rotations and flips of training images.
    Augmentation,
    /// Which training labels are drawn anew, and as what.
    LabelNoise,
    /// Gaussian noise on training pixels.
    PixelNoise,
    /// The seed of the device's own generator for dropout masks.
    Dropout,
    /// Draws the images of the dataset `glyphs`.
    Glyphs,
    /// Draws the sequences of the dataset `order`.
    TemporalOrder,
    /// Resampling and permutation in statistics.
    Resampling,
    /// The order of the cases within a round of a measurement.
    Rounds,
    /// The inputs of numerics probes and checks.
    Probe,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Weights => "weights",
            Purpose::Order => "order",
            Purpose::Split => "split",
            Purpose::Augmentation => "augmentation",
            Purpose::LabelNoise => "label-noise",
            Purpose::PixelNoise => "pixel-noise",
            Purpose::Dropout => "dropout",
            Purpose::Glyphs => "glyphs",
            Purpose::TemporalOrder => "temporal-order",
            Purpose::Resampling => "resampling",
            Purpose::Rounds => "rounds",
            Purpose::Probe => "probe",
        }
    }
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Stream {
    /// Returns the stream of `seed` for `purpose` in `epoch` (0 where epochs do not matter).
    ///
    /// # Examples
    /// What is drawn depends on the key alone, never on what was drawn before.
    /// ```
    /// use tchbench::rng::{Purpose, Stream};
    ///
    /// let order = Stream::new(1, Purpose::Order, 3).permutation(100);
    /// let _ = Stream::new(1, Purpose::Order, 2).permutation(100);
    /// assert_eq!(order, Stream::new(1, Purpose::Order, 3).permutation(100));
    /// ```
    pub fn new(seed: u64, purpose: Purpose, epoch: u64) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"tchbench stream 1\0");
        hasher.update(seed.to_le_bytes());
        hasher.update(epoch.to_le_bytes());
        hasher.update(purpose.name().as_bytes());
        Stream { generator: ChaCha8Rng::from_seed(hasher.finalize().into()), spare_normal: None }
    }

    /// Returns the same stream's `index`-th sub-stream (up to 2^64 of them), so that items can be drawn in any order:
    /// image 7's augmentation does not depend on image 6's.
    pub fn item(&self, index: u64) -> Self {
        let mut generator = self.generator.clone();
        generator.set_stream(index.wrapping_add(1));
        generator.set_word_pos(0);
        Stream { generator, spare_normal: None }
    }

    /// Returns a uniform 32-bit integer.
    pub fn u32(&mut self) -> u32 {
        self.generator.next_u32()
    }

    /// Returns a uniform 64-bit integer.
    pub fn u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Returns a uniform number in [0, 1) on the grid of 2^-24.
    pub fn unit_f32(&mut self) -> f32 {
        (self.u32() >> 8) as f32 * (1.0 / (1u32 << 24) as f32)
    }

    /// Returns a uniform number in [0, 1) on the grid of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Returns a uniform number in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Returns a uniform integer in 0..bound, without bias (Lemire, "Fast random integer generation in an interval",
    /// ACM TOMACS 29:1, 2019). A bound of 0 gives 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// Returns a standard normal value (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        if let Some(value) = self.spare_normal.take() {
            return value;
        }
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        let angle = std::f64::consts::TAU * self.unit();
        self.spare_normal = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// Shuffles in place (Fisher and Yates). At most 2^32 items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }

    /// Returns a random order of 0..n.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned() {
        let mut stream = Stream::new(1, Purpose::Weights, 0);
        let drawn: Vec<u32> = (0..4).map(|_| stream.u32()).collect();
        assert_eq!(drawn, PINNED);
    }
    const PINNED: [u32; 4] = [2809927698, 408043548, 1292033999, 509127162];

    #[test]
    fn streams_differ_by_seed_purpose_epoch_and_item() {
        let base = Stream::new(1, Purpose::Order, 0);
        let mut all = [
            base.clone(),
            Stream::new(2, Purpose::Order, 0),
            Stream::new(1, Purpose::Split, 0),
            Stream::new(1, Purpose::Order, 1),
            base.item(0),
            base.item(1),
        ];
        let mut first: Vec<u64> = all.iter_mut().map(Stream::u64).collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), all.len());
    }

    #[test]
    fn an_item_does_not_depend_on_what_was_drawn_before() {
        let mut stream = Stream::new(3, Purpose::Augmentation, 5);
        let fresh = stream.item(9).u64();
        stream.u64();
        assert_eq!(stream.item(9).u64(), fresh);
    }

    #[test]
    fn below_is_uniform() {
        let mut stream = Stream::new(4, Purpose::Probe, 0);
        let mut counts = [0u32; 10];
        for _ in 0..100_000 {
            counts[stream.below(10) as usize] += 1;
        }
        // Chi-squared, 9 degrees of freedom: 27.9 is the 0.001 point.
        let chi: f64 = counts.iter().map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 27.9, "chi squared {chi}, counts {counts:?}");
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut stream = Stream::new(5, Purpose::Probe, 0);
        let drawn: Vec<f64> = (0..100_000).map(|_| stream.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.0125 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = Stream::new(6, Purpose::Order, 2).permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<u32>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<u32>>());
    }
}
