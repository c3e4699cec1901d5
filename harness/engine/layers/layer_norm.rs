//! `layer-norm`.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::init::Init;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::layer_norm::LayerNorm;
use crate::recipe::shape::Shape;

struct BuiltLayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl Build for LayerNorm {
    const KERNELS: Kernels = &[("layer-norm", |d| {
        let inputs = [drawn(&[64, 28, 32], d, 0)?, drawn(&[32], d, 1)?, drawn(&[32], d, 2)?];
        outputs(&inputs, |x| Ok(x[0].f_layer_norm([32], Some(&x[1]), Some(&x[2]), 1e-5, true)?))
    })];

    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        let features = [input.features()];
        let weight = builder.parameter(prefix, "weight", &features, Init::Constant(1.0), 0.0)?;
        let bias = builder.parameter(prefix, "bias", &features, Init::Constant(0.0), 0.0)?;
        Ok(Box::new(BuiltLayerNorm { weight, bias, eps: self.eps }))
    }
}

impl Forward for BuiltLayerNorm {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        let features = self.weight.size();
        Ok(x.f_layer_norm(features, Some(&self.weight), Some(&self.bias), self.eps, true)?)
    }
}
