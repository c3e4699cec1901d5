//! A suite file's claims, and what can be asked of their metrics.

use super::case::Claim;
use crate::reader::Value;
use crate::reader::{Within, count, number, text, word};
use crate::recipe::Metric;

impl Metric {
    /// A fraction in [0, 1].
    pub fn is_accuracy(self) -> bool {
        use Metric::{FinalValidationAccuracy, TestAccuracy, TrainAccuracy, ValidationAccuracy};
        matches!(self, TrainAccuracy | ValidationAccuracy | FinalValidationAccuracy | TestAccuracy)
    }

    /// The number of an epoch, from 1.
    pub fn is_epoch(self) -> bool {
        matches!(self, Metric::BestEpoch | Metric::PlateauEpoch)
    }

    /// Whether samples must be held out for it.
    fn watches_validation(self) -> bool {
        use Metric::{FinalValidationAccuracy, ValidationAccuracy, ValidationLoss};
        self.is_epoch() || matches!(self, ValidationAccuracy | ValidationLoss | FinalValidationAccuracy)
    }

    /// Whether every epoch has a value of it.
    pub fn is_of_every_epoch(self) -> bool {
        use Metric::{TrainAccuracy, TrainLoss, ValidationAccuracy, ValidationLoss};
        matches!(self, TrainAccuracy | TrainLoss | ValidationAccuracy | ValidationLoss)
    }
}

/// A claim on a case that trains for at most `epochs`, with samples held out or not.
pub(super) fn claim(value: &Value<'_>, epochs: u32, held_out: bool) -> Option<Claim> {
    let mut table = value.table()?;
    let metric = table.required("metric", |value| {
        let metric: Metric = word(value)?;
        if metric.watches_validation() && !held_out {
            return value
                .report("no samples are held out; give validation = { from = \"train\", count = ... }");
        }
        Some(metric)
    });
    let within =
        if metric.is_some_and(Metric::is_accuracy) { Within::UpTo(1.0) } else { Within::NotNegative };
    let at_least = table.optional("at_least", number(within));
    let at_most = table.optional("at_most", number(within));
    let by_epoch = table.optional("by_epoch", count(u32::MAX));
    let source = table.required("source", text);
    if let (Some(Some(by)), Some(place)) = (by_epoch, table.find("by_epoch")) {
        if metric.is_some_and(|metric| !metric.is_of_every_epoch()) {
            return place.report("there is one value of this metric, at the end; leave it out");
        } else if by > epochs {
            return place.refuse(format!("there are only {epochs} epochs"));
        }
    }
    table.finish();
    let (metric, at_least, at_most) = (metric?, at_least?, at_most?);
    match (at_least, at_most) {
        (None, None) => value.report("a claim has at_least, at_most or both"),
        (Some(least), Some(most)) if least > most => value.report("at_least is above at_most"),
        _ => Some(Claim { metric, at_least, at_most, by_epoch: by_epoch?, source: source? }),
    }
}
