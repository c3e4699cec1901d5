//! The cases that no other beats both in cost and in gain.

use super::group::Group;
use super::values::summary;
use crate::metrics::{Better, Metric};

/// A case by its cost and its gain, as medians over its seeds.
#[derive(Debug)]
pub struct CostAndGain<'a> {
    /// The trials of the case.
    pub group: &'a Group<'a>,
    /// The median of what is paid; `None` if the trials do not yield it, or one of them never reached its target.
    pub cost: Option<f64>,
    /// The median of what is gained; `None` as for the cost.
    pub gain: Option<f64>,
    /// Whether no other case is at least as good in both and better in one; `None` without a cost or a gain.
    pub on_front: Option<bool>,
}

impl CostAndGain<'_> {
    /// Returns the cost and the gain. Returns `None` if either is unknown.
    pub fn both(&self) -> Option<[f64; 2]> {
        Some([self.cost?, self.gain?])
    }
}

/// Returns the groups, the cheapest first, and says of each whether it is on the Pareto front. Those that lack either
/// metric come last, in their own order.
pub fn pareto<'a>(groups: &'a [Group], cost: Metric, gain: Metric) -> Vec<CostAndGain<'a>> {
    let weigh = |group| {
        let median = |metric| summary(metric, group).map(|all| all.median);
        CostAndGain { group, cost: median(cost), gain: median(gain), on_front: None }
    };
    let mut weighed: Vec<CostAndGain> = groups.iter().map(weigh).collect();
    weighed.sort_by(|a, b| match (a.both(), b.both()) {
        (Some([cost_a, gain_a]), Some([cost_b, gain_b])) => {
            cost_a.total_cmp(&cost_b).then(gain_b.total_cmp(&gain_a))
        }
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    let all: Vec<[f64; 2]> = weighed.iter().filter_map(CostAndGain::both).collect();
    for one in &mut weighed {
        one.on_front = one.both().map(|own| !all.iter().any(|other| beats(*other, own, [cost, gain])));
    }
    weighed
}

/// Whether `a` is at least as good as `b` in both metrics and better in one.
fn beats(a: [f64; 2], b: [f64; 2], metrics: [Metric; 2]) -> bool {
    let better = |index: usize| match metrics[index].better() {
        Better::Higher => a[index] - b[index],
        Better::Lower => b[index] - a[index],
    };
    let cost = better(0);
    let gain = better(1);
    cost >= 0.0 && gain >= 0.0 && (cost > 0.0 || gain > 0.0)
}
