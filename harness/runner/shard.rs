//! The parts into which a plan is split for several machines: the same ones wherever they are computed.

use crate::recipe::Trial;
use crate::record::Shard;

/// Returns the part `index`, from 1, of `count` parts of these trials, of which each is expected to take so many seconds (from
/// [`expected_seconds`](super::expected_seconds)). The longest trial goes first, each to the part that has least to do so far
/// (Graham 1969); trials that take as long stand in the order of their identities.
pub fn shard(trials: &[Trial], costs: &[f64], index: u32, count: u32) -> Shard {
    let cost = |trial: usize| costs.get(trial).copied().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..trials.len()).collect();
    order.sort_by(|&a, &b| {
        let by_cost = cost(b).total_cmp(&cost(a));
        by_cost.then_with(|| trials[a].identity.cmp(&trials[b].identity)).then(a.cmp(&b))
    });
    let mut loads = vec![0.0; count.max(1) as usize];
    let mut own = Vec::new();
    for trial in order {
        let least = (0..loads.len()).min_by(|&a, &b| f64::total_cmp(&loads[a], &loads[b])).unwrap_or(0);
        loads[least] += cost(trial);
        if least + 1 == index as usize {
            own.push(trial as u32);
        }
    }
    own.sort_unstable();
    Shard { index, count, trials: own }
}
