//! The layers on libtorch: one file and one line of the registry each, as in [`crate::recipe::layers`].

mod builder;
mod cells;
mod kind;

pub use builder::{Builder, Parameter};
pub use kind::{Build, Forward};

use super::error::Error;
use super::kernel::Kernels;
use crate::recipe::Layer;
use crate::recipe::shape::Shape;

/// Declares a file for each layer and gathers what they give.
macro_rules! registry {
    ($($file:ident: $variant:ident($layer:ty)),+ $(,)?) => {
        $(pub mod $file;)+

        impl Build for Layer {
            fn build(
                &self,
                prefix: &str,
                input: Shape,
                builder: &mut Builder,
            ) -> Result<Box<dyn Forward>, Error> {
                match self { $(Layer::$variant(layer) => layer.build(prefix, input, builder)),+ }
            }
        }

        /// The probe's kernels of all layers.
        pub const KERNELS: &[Kernels] = &[$(<$layer as Build>::KERNELS),+];
    };
}

registry! {
    flatten: Flatten(crate::recipe::layers::flatten::Flatten),
    dense: Dense(crate::recipe::layers::dense::Dense),
    conv: Conv(crate::recipe::layers::conv::Conv),
    batch_norm: BatchNorm(crate::recipe::layers::batch_norm::BatchNorm),
    layer_norm: LayerNorm(crate::recipe::layers::layer_norm::LayerNorm),
    max_pool: MaxPool(crate::recipe::layers::max_pool::MaxPool),
    avg_pool: AvgPool(crate::recipe::layers::avg_pool::AvgPool),
    global_avg_pool: GlobalAvgPool(crate::recipe::layers::global_avg_pool::GlobalAvgPool),
    dropout: Dropout(crate::recipe::layers::dropout::Dropout),
    activation: Activation(crate::recipe::layers::activation::Elementwise),
    sequence: Sequence(crate::recipe::layers::sequence::Sequence),
    recurrent: Recurrent(crate::recipe::layers::recurrent::Recurrent),
    residual: Residual(crate::recipe::layers::residual::Residual<Layer>),
}
