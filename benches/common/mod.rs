//! The tasks that are compared with PyTorch and JAX: one description for all benchmarks.

use std::collections::BTreeMap;

use tchbench::data::{Buffer, Dataset, Split, Values};
use tchbench::recipe::Experiment;
use tchbench::recipe::Geometry;
use tchbench::recipe::optimizers::{Optimizer, Rmsprop};
use tchbench::recipe::{Device, ENGINE_REVISION, Environment, Numerics, Trial};
use tchbench::rng::{Purpose, Stream};

/// 60,000 random images of MNIST's size.
pub fn dataset() -> Dataset {
    Dataset {
        name: "random".into(),
        classes: 10,
        class_names: Vec::new(),
        digests: BTreeMap::new(),
        train: random_images(60_000, 1),
        test: random_images(10, 2),
    }
}

fn random_images(n: usize, seed: u64) -> Split {
    let mut stream = Stream::new(seed, Purpose::Probe, 0);
    Split {
        shape: Geometry::MNIST.shape,
        values: Values::Bytes(Buffer::Owned((0..n * 196).flat_map(|_| stream.u32().to_le_bytes()).collect())),
        labels: Buffer::Owned((0..n).map(|_| stream.below(10) as u16).collect()),
    }
}

fn trial(name: &str, batch: u32, lr: f64, layers: serde_json::Value) -> Trial {
    let experiment: Experiment = serde_json::from_value(serde_json::json!({
        "data": {
            "dataset": "random", "validation": null, "train_samples": null, "test_samples": null,
            "label_noise": 0.0, "augmentation": null, "resize": null, "pixel_noise": null,
            "binarize": null, "normalize": null,
        },
        "convention": "torch",
        "layers": layers,
        "training": {
            "epochs": 1, "batch": batch, "schedule": { "kind": "constant" }, "weight_decay": 0.0,
            "optimizer": { "kind": "adam", "lr": lr, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8 },
            "early_stopping": null,
        },
    }))
    .expect("the experiment is well formed");
    let threads = std::env::var("TCHBENCH_THREADS").map_or(1, |n| n.parse().expect("a number of threads"));
    let device = match std::env::var("TCHBENCH_DEVICE").as_deref() {
        Ok("cuda") => Device::Cuda(0),
        _ => Device::Cpu,
    };
    let numerics = match std::env::var("TCHBENCH_NUMERICS").as_deref() {
        Ok("native") => Numerics::Native,
        _ => Numerics::Portable,
    };
    Trial {
        suite: "bench".parse().expect("a name"),
        case: name.parse().expect("a name"),
        seed: 1,
        identity: String::new(),
        experiment,
        parameters: None,
        dataset: BTreeMap::new(),
        environment: Environment { device, threads, numerics },
        engine_revision: ENGINE_REVISION,
    }
}

fn dense(units: u32, activation: &str) -> serde_json::Value {
    serde_json::json!({ "kind": "dense", "units": units, "activation": activation, "bias": true, "l2": 0.0 })
}

fn conv(filters: u32, padding: &str) -> serde_json::Value {
    serde_json::json!({
        "kind": "conv", "filters": filters, "kernel": [3, 3], "stride": [1, 1], "padding": padding,
        "activation": "relu", "bias": true, "l2": 0.0,
    })
}

fn recurrent(cell: &str, units: u32, layers: u32, implementation: &str) -> serde_json::Value {
    serde_json::json!({
        "kind": "recurrent", "cell": cell, "units": units, "layers": layers, "bidirectional": false,
        "output": "last", "reset": "after", "implementation": implementation, "l2": 0.0,
    })
}

/// The tasks, on the CPU or the first CUDA device (`TCHBENCH_DEVICE=cuda`), with `TCHBENCH_THREADS` threads (1) and portable
/// numerics or `TCHBENCH_NUMERICS=native`.
pub fn tasks() -> Vec<Trial> {
    let kind = |kind: &str| serde_json::json!({ "kind": kind });
    let rows = serde_json::json!({ "kind": "sequence", "by": "rows" });
    let pool = serde_json::json!({ "kind": "max-pool", "size": [2, 2], "stride": [2, 2] });
    let relu = serde_json::json!({ "kind": "activation", "function": "relu" });
    let pixels = serde_json::json!({ "kind": "sequence", "by": "pixels" });
    let read = |cell: &str, units, layers| {
        let tail = [relu.clone(), dense(64, "relu"), dense(10, "linear")];
        [rows.clone(), recurrent(cell, units, layers, "fused")].into_iter().chain(tail).collect::<Vec<_>>()
    };
    let rnn = [rows.clone(), recurrent("rnn-tanh", 128, 1, "fused"), dense(10, "linear")];
    let mut pixel = trial(
        "pixel",
        512,
        1e-2,
        [pixels, recurrent("lstm", 8, 3, "fused"), dense(10, "linear")].as_slice().into(),
    );
    pixel.experiment.data.resize = Some([14, 14]);
    pixel.experiment.training.optimizer = Optimizer::Rmsprop(Rmsprop { lr: 1e-2, alpha: 0.99, eps: 1e-8 });
    let wide = [kind("flatten"), dense(1000, "relu"), dense(10, "linear")];
    let mlp = [kind("flatten"), dense(10, "relu"), dense(128, "relu"), dense(10, "linear")];
    let lstm = [rows.clone(), recurrent("lstm", 128, 2, "fused"), dense(10, "linear")];
    let library = [rows.clone(), recurrent("lstm", 128, 2, "library"), dense(10, "linear")];
    let mut cnn = Vec::new();
    for filters in [64, 128, 256] {
        cnn.extend([conv(filters, "same"), conv(filters, "valid"), pool.clone()]);
    }
    cnn.extend([kind("flatten"), dense(1024, "relu"), dense(512, "relu"), dense(10, "linear")]);
    vec![
        trial("mlp128", 32, 1e-3, mlp.as_slice().into()),
        trial("mlp1000", 32, 1e-3, wide.as_slice().into()),
        trial("rnn128", 32, 1e-3, rnn.as_slice().into()),
        trial("lstm32", 256, 1e-3, read("lstm", 32, 1).into()),
        trial("gru3x32", 256, 1e-3, read("gru", 32, 3).into()),
        pixel,
        trial("lstm2x128", 100, 1e-3, lstm.as_slice().into()),
        trial("lstm2x128-library", 100, 1e-3, library.as_slice().into()),
        trial("gru128", 256, 1e-3, read("gru", 128, 1).into()),
        trial("cnn", 128, 1e-4, cnn.into()),
    ]
}
