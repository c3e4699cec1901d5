//! How the samples of a test were classified.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the samples of a test were classified: enough for every metric that counts classes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// A row for each true class; in it, for each class, the number of samples that were taken for it.
    pub confusion: Vec<Vec<u32>>,
    /// For each rank from the first, the number of samples whose true class has that rank among the logits. The first
    /// of equal logits ranks higher.
    pub ranks: Vec<u32>,
}

impl Counts {
    /// Counts pairs of a true and a predicted class, with the rank of the true class from 0. A pair outside of
    /// `classes` is left out.
    pub fn of(classes: usize, samples: impl IntoIterator<Item = (usize, usize, usize)>) -> Self {
        let mut counts = Counts { confusion: vec![vec![0; classes]; classes], ranks: vec![0; classes] };
        for (truth, predicted, rank) in samples {
            let cell = counts.confusion.get_mut(truth).and_then(|row| row.get_mut(predicted));
            if let (Some(cell), Some(of_rank)) = (cell, counts.ranks.get_mut(rank)) {
                *cell += 1;
                *of_rank += 1;
            }
        }
        counts
    }

    /// Returns the number of samples.
    pub fn samples(&self) -> u64 {
        self.ranks.iter().copied().map(u64::from).sum()
    }

    /// Returns the number of classes.
    pub fn classes(&self) -> usize {
        self.confusion.len()
    }

    /// Returns how many samples of a class were taken for it.
    pub fn hits(&self, class: usize) -> u64 {
        self.confusion.get(class).and_then(|row| row.get(class)).copied().unwrap_or(0).into()
    }

    /// Returns how many samples are of a class.
    pub fn support(&self, class: usize) -> u64 {
        self.confusion.get(class).into_iter().flatten().copied().map(u64::from).sum()
    }

    /// Returns how many samples were taken for a class.
    pub fn predicted(&self, class: usize) -> u64 {
        self.confusion.iter().filter_map(|row| row.get(class)).copied().map(u64::from).sum()
    }
}
