//! One task's training throughput, printed as the peers print theirs: `throughput TASK [--secs=6]`; or, as
//! `throughput peak`, what the core computes without memory.
//!
//! `benches/peers.sh` runs it in turn with PyTorch, JAX and Keras.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing better to do")]

mod common;
#[path = "common/peak.rs"]
mod peak;

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tchbench::engine::{Rounds, Trainer};
use tchbench::recipe::layers::recurrent::gates;
use tchbench::recipe::shape::plan_of;
use tchbench::recipe::{Experiment, Layer};

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

/// Returns the floating-point operations in the products of a training step, of one sample: forward, and back to the
/// weights and the inputs, but for those of the first layer.
fn operations(experiment: &Experiment) -> u64 {
    let rows = plan_of(experiment).expect("the layers are a network");
    let mut operations = 0;
    let mut is_first = true;
    for row in rows.iter().filter(|row| row.parameters > 0) {
        let inputs = u64::from(row.input.features());
        let [forward, by_input] = match &experiment.layers[row.layer] {
            Layer::Conv(layer) => {
                let taps = u64::from(layer.kernel[0] * layer.kernel[1]);
                [row.output.values() * taps * inputs; 2]
            }
            Layer::Recurrent(layer) => {
                let rows = u64::from(gates(layer.cell) * layer.units);
                let steps = row.input.values() / inputs;
                [steps * rows * (inputs + u64::from(layer.units)), steps * rows * inputs]
            }
            _ => [row.output.values() * inputs; 2],
        };
        operations += 2 * (3 * forward - if is_first { by_input } else { 0 });
        is_first = false;
    }
    operations
}

fn main() {
    // Cargo passes `--bench` to every benchmark.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == "peak") {
        println!("peak tchbench gflop/s={:.1}", peak::peak());
        return;
    }
    let tasks = common::tasks();
    let names: Vec<&str> = tasks.iter().map(|task| task.case.as_str()).collect();
    let Some(task) = arguments.first().and_then(|name| tasks.iter().find(|task| task.case == *name)) else {
        eprintln!("usage: throughput TASK [--secs=6], or throughput peak; tasks: {}", names.join(", "));
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
        "{} tchbench threads={} samples/s={:.0} samples/cpu-s={:.0} params={} flop/sample={}",
        task.case,
        task.environment.threads,
        median(wall_rates),
        median(cpu_rates),
        parameters,
        operations(&task.experiment),
    );
}
