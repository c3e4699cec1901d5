//! Whether a run does what its baseline did, but for rounding.
//!
//! A new libtorch, compiler or processor sums in another order. Where training has not blown that up, the loss of
//! every seed agrees to some digits, and no spread between seeds is needed to see that nothing changed. The p that
//! says so rests on what one observation tells of a centre (Edelman, "A confidence interval for the center of an unknown
//! unimodal distribution based on a sample of size 1", Am. Stat. 44:4, 1990): let the difference of a pair be spread
//! about a centre at least one margin away, symmetrically and with a single peak there. Its density at a
//! distance x from the centre is at most 1 / (2 x), as it is at least as high all the way between. So the difference
//! lies within e margins of 0, an interval 2 e long whose nearer end is 1 - e from the centre, with a probability of at most
//! e / (1 - e), however wide it is spread; n independent pairs all do with at most (e / (1 - e))^n.
//!
//! That is of the loss. Accuracy counts images and is too coarse for such a bound, but is read off the same outputs:
//! we take it that no program's accuracy is worse by its margin while the loss of every seed agrees to a hundredth of its
//! own, and the accuracy of every seed to half of its own.

use super::samples::{Margin, SeedValues};

/// The largest part of the margin for the loss that counts as rounding.
const ROUNDING: f64 = 0.01;
/// The part of its margin that accuracy may differ by meanwhile: an image or two on the fence.
const FENCE: f64 = 0.5;

/// How close all pairs of two sides are that differ by rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Agreement {
    /// The largest difference of a loss, as a part of the baseline's.
    pub loss: f64,
    /// The largest difference of an accuracy.
    pub accuracy: f64,
    /// p of *worse by the margin or more*.
    pub p: f64,
}

impl Agreement {
    /// Returns `None` if sides have other seeds, one seed ended well on one side only, none on both, or a pair is
    /// further apart than rounding explains.
    pub fn of(samples: &SeedValues<2>) -> Option<Self> {
        let [Margin::Shift(accuracy_margin), Margin::Part(loss_margin)] = samples.margins else {
            return None;
        };
        let [old_accuracy, old_loss] = &samples.old;
        let [new_accuracy, new_loss] = &samples.new;
        if !samples.paired {
            return None;
        }
        let mut agreement = Agreement { loss: 0.0, accuracy: 0.0, p: 1.0 };
        let mut pairs = 0;
        for ((old, new), (old_loss, new_loss)) in
            old_accuracy.iter().zip(new_accuracy).zip(old_loss.iter().zip(new_loss))
        {
            match (old.is_finite(), new.is_finite()) {
                (true, true) => pairs += 1,
                (false, false) => continue,
                _ => return None,
            }
            let difference = (new_loss - old_loss).abs();
            let part = if difference > 0.0 { difference / old_loss.abs() } else { 0.0 };
            agreement.loss = agreement.loss.max(part);
            agreement.accuracy = agreement.accuracy.max((new - old).abs());
        }
        let margins = agreement.loss / loss_margin;
        let is_close = margins <= ROUNDING && agreement.accuracy <= FENCE * accuracy_margin;
        agreement.p = (margins / (1.0 - margins)).powi(pairs);
        (pairs > 0 && is_close).then_some(agreement)
    }

    /// Returns the reason in words.
    pub fn reason(&self) -> String {
        let points = self.accuracy * 100.0;
        if self.loss > 0.0 {
            format!(
                "the same but for rounding: no seed's loss differs by more than {:.1e} of it, nor its accuracy by more than \
                 {points:.2} points",
                self.loss
            )
        } else {
            format!(
                "the same but for rounding: no seed's loss differs, nor its accuracy by more than {points:.2} points"
            )
        }
    }
}
