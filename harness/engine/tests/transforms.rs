//! Transforms of test images against libtorch's own `affine_grid` and `grid_sample`.

use std::collections::BTreeMap;

use tch::{Kind as Numbers, Tensor};

use super::experiment;
use crate::data::{Buffer, Dataset, Split, TestSet, Values};
use crate::recipe::shape::Shape;
use crate::recipe::transform::{Transform, TransformKind};
use crate::recipe::{Convention, DataPlan};

const SIDE: i64 = 28;

/// One test image of no pattern.
fn dataset() -> Dataset {
    let split = || {
        let pixels = (0..SIDE * SIDE).map(|i| (i * i * 31 % 251) as u8).collect();
        let shape = Shape::Image { channels: 1, height: SIDE as u32, width: SIDE as u32 };
        let values = Values::Bytes(Buffer::Owned(pixels));
        Split { shape, values, labels: Buffer::Owned(vec![0]) }
    };
    Dataset {
        name: "noise".into(),
        classes: 10,
        class_names: Vec::new(),
        digests: BTreeMap::new(),
        train: split(),
        test: split(),
    }
}

/// Bilinear, zeros outside, with corners that are pixels' edges: the image of which output pixel (x, y),
/// from -1 to 1 across the image, is at theta (x, y, 1) in the input.
fn sampled(image: &Tensor, theta: [f64; 6]) -> Tensor {
    let theta = Tensor::from_slice(&theta).to_kind(Numbers::Float).reshape([1, 2, 3]);
    image.grid_sampler(&Tensor::affine_grid_generator(&theta, [1, 1, SIDE, SIDE], false), 0, 0, false)
}

#[test]
fn transforms_sample_as_pytorch_does() {
    let dataset = dataset();
    let data = DataPlan { resize: None, ..experiment(Convention::Torch, Vec::new(), 1).data };
    let test = TestSet::new(&dataset, &data, 1).unwrap().unwrap();
    let tensor = |pixels: &[f32]| Tensor::from_slice(pixels).reshape([1, 1, SIDE, SIDE]);
    let image = tensor(&test.samples().values());
    let rotated = |degrees: f64| {
        // Counter-clockwise as seen, where y goes down.
        let (sin, cos) = degrees.to_radians().sin_cos();
        [cos, -sin, 0.0, sin, cos, 0.0]
    };
    // A pixel is 2 / SIDE of the way from -1 to 1.
    let moved = |across: f64, down: f64| {
        let way = |pixels: f64| -pixels * 2.0 / SIDE as f64;
        [1.0, 0.0, way(across), 0.0, 1.0, way(down)]
    };
    let scaled = |factor: f64| [1.0 / factor, 0.0, 0.0, 0.0, 1.0 / factor, 0.0];
    let cases = [
        (TransformKind::Scale, 0.3, vec![scaled(0.3)]),
        (TransformKind::Scale, 2.7, vec![scaled(2.7)]),
        (TransformKind::Rotate, 17.0, vec![rotated(17.0), rotated(-17.0)]),
        (TransformKind::Rotate, 140.0, vec![rotated(140.0), rotated(-140.0)]),
        (
            TransformKind::Translate,
            2.25,
            vec![moved(0.0, -2.25), moved(0.0, 2.25), moved(-2.25, 0.0), moved(2.25, 0.0)],
        ),
    ];
    for (kind, strength, thetas) in cases {
        let ours: Vec<_> = test.transformed(Transform::new(kind, strength).unwrap()).collect();
        assert_eq!(ours.len(), thetas.len());
        for (ours, theta) in ours.iter().zip(thetas) {
            let worst = (tensor(&ours.values()) - sampled(&image, theta)).abs().max().double_value(&[]);
            assert!(worst < 1e-4, "{kind:?} {strength}, {theta:?}: {worst}");
        }
    }
}
