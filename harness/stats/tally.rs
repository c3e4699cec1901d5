//! Counting the rearrangements of a sample that look at least as extreme as what was observed.

/// Up to so many rearrangements are all counted; of more, [`DRAWS`] are drawn.
pub(super) const COUNTED: u64 = 20_000;
pub(super) const DRAWS: u32 = 19_999;

/// Of so many rearrangements, how many reach the observed statistic of each metric with the largest of theirs: the
/// single-step maxT of Westfall and Young ("Resampling-Based Multiple Testing", 1993, section 2.6).
pub(super) struct Tally<const N: usize> {
    observed: [f64; N],
    hits: [u64; N],
    total: u64,
}

impl<const N: usize> Tally<N> {
    pub(super) fn new(observed: [f64; N]) -> Self {
        Tally { observed, hits: [0; N], total: 0 }
    }

    pub(super) fn add(&mut self, statistics: [f64; N]) {
        // Rearrangements of equal statistics are ties, however they round.
        const ROUNDING: f64 = 1e-9;
        let largest = statistics.into_iter().fold(f64::NEG_INFINITY, f64::max) + ROUNDING;
        for (hits, observed) in self.hits.iter_mut().zip(self.observed) {
            *hits += u64::from(largest >= observed);
        }
        self.total += 1;
    }

    /// Returns p where all rearrangements were counted.
    pub(super) fn of_all(&self) -> [f64; N] {
        self.hits.map(|hits| hits as f64 / self.total as f64)
    }

    /// Returns p where some were drawn: (count + 1) / (draws + 1) (Phipson and Smyth, "Permutation p-values should
    /// never be zero", Stat. Appl. Genet. Mol. Biol. 9:1, 2010).
    pub(super) fn of_drawn(&self) -> [f64; N] {
        self.hits.map(|hits| (hits + 1) as f64 / (self.total + 1) as f64)
    }
}

/// Returns the sums of two rows, metric by metric.
pub(super) fn plus<const N: usize>(mut sums: [f64; N], row: &[f64; N]) -> [f64; N] {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    sums
}

/// Columns of one length, turned into rows.
pub(super) fn rows<const N: usize>(columns: &[Vec<f64>]) -> Vec<[f64; N]> {
    let count = columns.first().map_or(0, Vec::len);
    let value = |metric: usize, row: usize| columns.get(metric).and_then(|column| column.get(row));
    (0..count)
        .map(|row| std::array::from_fn(|metric| value(metric, row).copied().unwrap_or_default()))
        .collect()
}
