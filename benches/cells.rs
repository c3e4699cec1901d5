//! Recurrent cells from their equations, by libtorch and in our fused kernels, side by side: forward at
//! experiment B's sizes, forward and backward at realistic ones. One thread, float32.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing better to do")]

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tchbench::engine::BenchedLayer;
use tchbench::recipe::layers::recurrent::Recurrent;
use tchbench::recipe::{Implementation, Output, RecurrentCell, Reset};

const CELLS: [(&str, RecurrentCell); 3] =
    [("rnn", RecurrentCell::RnnTanh), ("lstm", RecurrentCell::Lstm), ("gru", RecurrentCell::Gru)];

const IMPLEMENTATIONS: [(&str, Implementation); 3] = [
    ("equations", Implementation::Equations),
    ("library", Implementation::Library),
    ("fused", Implementation::Fused),
];

/// Input size, hidden size, batch, steps.
type Size = (u32, u32, u32, u32);

fn side_by_side(criterion: &mut Criterion, pass: &str, size: Size, run: fn(&BenchedLayer)) {
    let (inputs, units, batch, steps) = size;
    for (name, cell) in CELLS {
        let title = format!("{name} {pass}, {inputs} to {units}, {steps} steps, batch {batch}");
        let mut group = criterion.benchmark_group(title);
        group.sample_size(10);
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        for (name, implementation) in IMPLEMENTATIONS {
            let form = Recurrent {
                cell,
                units,
                layers: 1,
                bidirectional: false,
                output: Output::Every,
                reset: Reset::After,
                implementation,
                l2: 0.0,
            };
            let layer = BenchedLayer::new(&form, inputs, batch, steps).expect("the layer can be built");
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(|| run(&layer)));
        }
        group.finish();
    }
}

fn cells(criterion: &mut Criterion) {
    let forward = |layer: &BenchedLayer| layer.forward().expect("the layer computes");
    let both = |layer: &BenchedLayer| layer.forward_and_backward().expect("the layer computes");
    side_by_side(criterion, "forward", (3, 3, 1, 10), forward);
    side_by_side(criterion, "forward and backward", (28, 128, 32, 28), both);
    side_by_side(criterion, "forward and backward", (28, 128, 256, 28), both);
}

criterion_group!(benches, cells);
criterion_main!(benches);
