//! One task's training throughput, printed as the peers print theirs: `throughput TASK [--secs=6]`.
//!
//! `benches/peers.sh` runs it in turn with PyTorch and JAX.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing better to do")]

mod common;

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tchbench::engine::{Rounds, Trainer};

/// Steps between two looks at the clock.
const STEPS: u32 = 10;

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // Cargo passes `--bench` to every benchmark.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let tasks = common::tasks();
    let names: Vec<&str> = tasks.iter().map(|task| task.case.as_str()).collect();
    let Some(task) = arguments.first().and_then(|name| tasks.iter().find(|task| task.case == *name)) else {
        eprintln!("usage: throughput TASK [--secs=6]; tasks: {}", names.join(", "));
        return;
    };
    let seconds = arguments.iter().find_map(|argument| argument.strip_prefix("--secs="));
    let seconds: f64 = seconds.map_or(6.0, |text| text.parse().expect("--secs takes a number"));
    let block = Duration::from_secs_f64(seconds / 3.0);
    let dataset = common::dataset();
    let trainer = Trainer::new(task, &dataset).expect("the task can be trained");
    let parameters = trainer.started().parameters;
    let mut rounds = Rounds::new(trainer).expect("the task can be trained");
    rounds.run(STEPS).expect("the step is taken");
    let mut wall_rates = Vec::new();
    let mut cpu_rates = Vec::new();
    for _ in 0..3 {
        let wall = Instant::now();
        let begun = cpu();
        let mut samples = 0;
        while wall.elapsed() < block {
            samples += rounds.run(STEPS).expect("the step is taken");
        }
        wall_rates.push(samples as f64 / wall.elapsed().as_secs_f64());
        cpu_rates.push(samples as f64 / (cpu() - begun));
    }
    println!(
        "{} tchbench threads={} samples/s={:.0} samples/cpu-s={:.0} params={}",
        task.case,
        task.environment.threads,
        median(wall_rates),
        median(cpu_rates),
        parameters,
    );
}
