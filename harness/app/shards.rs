//! The part of a plan that one of several machines trains.

use super::options::shard::ShardNumber;
use crate::data::catalogue::Catalogue;
use crate::runner::{Plan, SplitSizes, expected_seconds, shard};
use crate::terminal::tell;

/// Leaves of a plan only a part to train, and tells how large it is.
pub fn select(plan: &mut Plan, number: ShardNumber, catalogue: &Catalogue) {
    let sizes = |dataset: &str| {
        let manifest = catalogue.find(dataset);
        manifest.map_or_else(SplitSizes::default, |manifest| SplitSizes {
            train: manifest.train.samples.into(),
            test: manifest.test.samples.into(),
        })
    };
    let costs = expected_seconds(&plan.trials, sizes);
    let own = shard(&plan.trials, &costs, number.index, number.count);
    let cost: f64 = own.trials.iter().filter_map(|trial| costs.get(*trial as usize)).sum();
    let all: f64 = costs.iter().sum();
    let part = if all > 0.0 { 100.0 * cost / all } else { 0.0 };
    tell!(
        "shard {number}: {} of {} trials, {part:.0} % of the expected work",
        own.trials.len(),
        plan.trials.len()
    );
    plan.shard = Some(own);
}
