//! The cases that no other beats both in cost and in gain.

use super::group::Group;
use super::values::summary;
use crate::metrics::{Better, Metric};

/// A case by its cost and its gain, as medians over its seeds.
#[derive(Debug)]
pub struct CostAndGain<'a> {
    /// The trials of the case.
    pub group: &'a Group<'a>,
    /// The median of what is paid.
    pub cost: f64,
    /// The median of what is gained.
    pub gain: f64,
    /// Whether no other case is at least as good in both and better in one.
    pub on_front: bool,
}

/// Returns the groups that have both metrics, the cheapest first, and says of each whether it is on the Pareto
/// front.
pub fn pareto<'a>(groups: &'a [Group], cost: Metric, gain: Metric) -> Vec<CostAndGain<'a>> {
    let weigh = |group| {
        let median = |metric| summary(metric, group).map(|all| all.median);
        Some(CostAndGain { group, cost: median(cost)?, gain: median(gain)?, on_front: false })
    };
    let mut weighed: Vec<CostAndGain> = groups.iter().filter_map(weigh).collect();
    weighed.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(b.gain.total_cmp(&a.gain)));
    let is_beaten = |one: &CostAndGain| weighed.iter().any(|other| beats(other, one, cost, gain));
    let beaten: Vec<bool> = weighed.iter().map(is_beaten).collect();
    for (one, beaten) in weighed.iter_mut().zip(beaten) {
        one.on_front = !beaten;
    }
    weighed
}

/// Whether `a` is at least as good as `b` in both and better in one.
fn beats(a: &CostAndGain, b: &CostAndGain, cost: Metric, gain: Metric) -> bool {
    let better = |metric: Metric, a: f64, b: f64| match metric.better() {
        Better::Higher => a - b,
        Better::Lower => b - a,
    };
    let cost = better(cost, a.cost, b.cost);
    let gain = better(gain, a.gain, b.gain);
    cost >= 0.0 && gain >= 0.0 && (cost > 0.0 || gain > 0.0)
}
