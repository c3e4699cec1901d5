//! Training throughput of the tasks that `docs/performance.md` compares with PyTorch: one thread,
//! random images of MNIST's size.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing better to do")]

mod common;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tchbench::engine::{Rounds, Trainer};

fn training(criterion: &mut Criterion) {
    let dataset = common::dataset();
    let mut group = criterion.benchmark_group("train");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(6));
    for trial in common::tasks() {
        let trainer = Trainer::new(&trial, &dataset).expect("the task can be trained");
        let mut rounds = Rounds::new(trainer).expect("the task can be trained");
        group.throughput(Throughput::Elements(trial.experiment.training.batch.into()));
        group.bench_function(trial.case.as_str(), |bencher| {
            bencher.iter_custom(|steps| {
                let began = Instant::now();
                rounds.run(steps as u32).expect("the step is taken");
                began.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
