//! Products and convolutions at the sizes of `benches/peers.sh`'s tasks: ours, and by libtorch MKL's and oneDNN's. One
//! thread, 32-bit floats; the throughput's share is of what the core computes without memory.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing better to do")]

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tch::{Device, Kind, Tensor};
use tchbench::kernels::batch::Batch;
use tchbench::kernels::convolution::Slide;
use tchbench::kernels::layers::{Input, Pass, PlanBuilder, Planned};
use tchbench::kernels::parameters::{KeptGradients, Parameters};
use tchbench::kernels::product::{STRIP, Start, Target, Term, product};
use tchbench::recipe::layers::conv::{Conv, Padding};
use tchbench::recipe::shape::Shape;
use tchbench::recipe::{Activation, Convention};
use tchbench::rng::{Purpose, Stream};

#[path = "common/peak.rs"]
mod peak;

use peak::peak;

/// Wall time, with throughput as floating-point operations a second and as a share of the core's peak.
struct PeakShare {
    time: WallTime,
    formatter: ShareFormatter,
}

struct ShareFormatter {
    /// Floating-point operations a nanosecond.
    peak: f64,
}

impl Measurement for PeakShare {
    type Intermediate = <WallTime as Measurement>::Intermediate;
    type Value = Duration;

    fn start(&self) -> Self::Intermediate {
        self.time.start()
    }

    fn end(&self, begun: Self::Intermediate) -> Duration {
        self.time.end(begun)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        self.time.add(a, b)
    }

    fn zero(&self) -> Duration {
        self.time.zero()
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        self.time.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &self.formatter
    }
}

impl ValueFormatter for ShareFormatter {
    fn format_throughput(&self, throughput: &Throughput, nanoseconds: f64) -> String {
        let Throughput::Elements(operations) = throughput else { return String::new() };
        let rate = *operations as f64 / nanoseconds;
        format!("{rate:.1} GFLOP/s, {:.0} %", 100.0 * rate / self.peak)
    }

    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_values(typical, values)
    }

    fn scale_throughputs(&self, typical: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_throughputs(typical, throughput, values)
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_for_machines(values)
    }
}

fn drawn(count: usize, item: u64) -> Vec<f32> {
    let mut stream = Stream::new(0, Purpose::Probe, 0).item(item);
    (0..count).map(|_| stream.normal() as f32).collect()
}

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    let shape: Vec<i64> = shape.iter().map(|&side| side as i64).collect();
    Tensor::from_slice(values).reshape(shape)
}

type Group<'c> = BenchmarkGroup<'c, PeakShare>;

fn group<'c>(criterion: &'c mut Criterion<PeakShare>, title: String, products: usize) -> Group<'c> {
    let mut group = criterion.benchmark_group(title);
    group.throughput(Throughput::Elements(2 * products as u64)).sample_size(20);
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    group
}

/// Weights (outputs x inputs) with what samples side by side read, as every layer of vectors and sequences computes.
fn products(criterion: &mut Criterion<PeakShare>) {
    let sizes = [
        ("mlp128", 10, 784, 32),
        ("mlp1000", 1000, 784, 32),
        ("lstm2x128", 512, 128, 100),
        ("gru128", 384, 128, 256),
        ("lstm32", 128, 32, 256),
    ];
    for (task, outputs, inputs, batch) in sizes {
        let title = format!("{task}: {outputs} x {inputs} by {batch} samples");
        let mut group = group(criterion, title, outputs * inputs * batch);
        let weights = drawn(outputs * inputs, 1);
        let samples = drawn(inputs * batch.next_multiple_of(STRIP), 2);
        let mut to = vec![0.0f32; outputs * batch.next_multiple_of(STRIP)];
        group.bench_function("ours", |bencher| {
            bencher.iter(|| {
                for first in (0..batch).step_by(STRIP) {
                    let lanes = STRIP.min((batch - first).next_multiple_of(16));
                    let term = Term::new(&weights, [inputs, 1], &samples[first * inputs..], lanes, inputs);
                    let target = Target { c: &mut to[first * outputs..], row: lanes };
                    product(outputs, lanes, &[term], Start::Zero, target);
                }
            });
        });
        let weights = tensor(&weights, &[outputs, inputs]).tr();
        let samples = tensor(&samples[..inputs * batch], &[batch, inputs]);
        let to = Tensor::zeros([batch as i64, outputs as i64], (Kind::Float, Device::Cpu));
        group.bench_function("mkl", |bencher| {
            bencher.iter(|| samples.f_matmul_out(&to, &weights).expect("the product is computed"));
        });
        group.finish();
    }
}

/// The convolutions of `cnn` without padding, on 32 images, as layers compute them; operations are counted as of the sums
/// that a convolution is defined by.
fn convolutions(criterion: &mut Criterion<PeakShare>) {
    const IMAGES: usize = 32;
    for (filters, side) in [(64, 28), (128, 13), (256, 5)] {
        let slide =
            Slide { channels: filters, height: side, width: side, kernel: [3, 3], stride: [1, 1], filters };
        let count = IMAGES * slide.outputs() * filters * 9;
        let mut weights = drawn(slide.weights(), 1);
        let images = drawn(IMAGES * slide.image(), 2);
        let mut outputs = vec![0.0f32; IMAGES * slide.outputs()];
        let mut d_outputs = drawn(outputs.len(), 3);
        let mut d_images = vec![0.0f32; images.len()];
        let mut gradients = KeptGradients::new([weights.len()].into_iter());
        let layer = Conv {
            filters: filters as u32,
            kernel: [3, 3],
            stride: [1, 1],
            padding: Padding::Valid,
            activation: Activation::Linear,
            bias: false,
            l2: 0.0,
        };
        let sides = [filters, side, side].map(|side| side as u32);
        let [channels, height, width] = sides;
        let mut builder = PlanBuilder::new(Convention::Torch, Batch { samples: IMAGES });
        let mut ours = layer.plan_layer(Shape::Image { channels, height, width }, &mut builder);
        let pass = Pass { batch: Batch { samples: IMAGES }, training: true, noise: 0 };
        let input = Input { values: &images, rows: None };
        let mut parameters = Parameters { values: vec![weights.as_mut_slice()], buffers: Vec::new() };

        let title = format!("cnn: {filters} filters on {side} x {side} pixels");
        let mut forward = group(criterion, format!("{title}, forward"), count);
        forward.bench_function("ours", |bencher| {
            bencher.iter(|| ours.forward(pass, &mut parameters, input, &mut outputs));
        });
        let theirs = tensor(&images, &[IMAGES, filters, side, side]).set_requires_grad(true);
        let kernel = tensor(parameters.values[0], &[filters, filters, 3, 3]).set_requires_grad(true);
        let convolve = || theirs.f_conv2d(&kernel, None::<&Tensor>, 1, 0, 1, 1);
        forward.bench_function("onednn", |bencher| {
            bencher.iter(|| tch::no_grad(|| convolve().expect("the convolution is computed")));
        });
        forward.finish();

        let mut backward = group(criterion, format!("{title}, both gradients"), 2 * count);
        backward.bench_function("ours", |bencher| {
            bencher.iter(|| {
                let to = Some(d_images.as_mut_slice());
                ours.backward(pass, &mut parameters, input, &outputs, &mut d_outputs, to, &mut gradients);
            });
        });
        let total = convolve().and_then(|outputs| outputs.f_sum(None)).expect("the convolution is computed");
        backward.bench_function("onednn", |bencher| {
            bencher.iter(|| {
                let gradients = Tensor::f_run_backward(&[&total], &[&kernel, &theirs], true, false);
                gradients.expect("the gradients are computed")
            });
        });
        backward.finish();
    }
}

fn with_peak() -> Criterion<PeakShare> {
    tch::set_num_threads(1);
    let peak = peak();
    println!("peak of this core: {peak:.1} GFLOP/s");
    let formatter = ShareFormatter { peak };
    Criterion::default().with_measurement(PeakShare { time: WallTime, formatter })
}

criterion_group! { name = benches; config = with_peak(); targets = products, convolutions }
criterion_main!(benches);
