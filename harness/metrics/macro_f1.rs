//! `macro-f1`: the mean over the classes of the F1 score on the test samples.

use super::{Better, Metric, TrialResults, Unit};

/// A class's F1 score is 2 TP / (2 TP + FP + FN): the harmonic mean of its precision and recall. A class that no sample
/// is of or was taken for does not count, as in scikit-learn's `f1_score(average="macro")`.
pub(super) const METRIC: Metric =
    Metric::new("macro-f1", "macro F1 %", Unit::Fraction, Better::Higher, macro_f1);

fn macro_f1(results: &TrialResults<'_>) -> Option<f64> {
    let counts = results.finished?.counts.as_ref()?;
    // 2 TP + FP + FN is the number of samples of the class and of those taken for it.
    let f1 = |class| match counts.support(class) + counts.predicted(class) {
        0 => None,
        both => Some(2.0 * counts.hits(class) as f64 / both as f64),
    };
    let scores: Vec<f64> = (0..counts.classes()).filter_map(f1).collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}
