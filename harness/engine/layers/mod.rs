//! The layers on libtorch: one file and one line of the registry each, as in [`crate::recipe::layers`].

mod builder;
mod cells;
mod kind;
mod pooling;

pub use builder::{Builder, Parameter};
pub use kind::{Build, Forward};

use super::error::Error;
use super::kernel::Kernels;
use crate::recipe::Layer;
use crate::recipe::shape::Shape;

/// Declares a file for each layer and gathers what they give.
macro_rules! registry {
    ($($file:ident: $variant:ident($layer:ident $(<$inner:ident>)?)),+ $(,)?) => {
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
        pub const KERNELS: &[Kernels] = &[$(<crate::recipe::layers::$file::$layer $(<$inner>)? as Build>::KERNELS),+];
    };
}

registry! {
    flatten: Flatten(Flatten),
    dense: Dense(Dense),
    conv: Conv(Conv),
    batch_norm: BatchNorm(BatchNorm),
    layer_norm: LayerNorm(LayerNorm),
    max_pool: MaxPool(MaxPool),
    avg_pool: AvgPool(AvgPool),
    global_avg_pool: GlobalAvgPool(GlobalAvgPool),
    dropout: Dropout(Dropout),
    activation: Activation(Elementwise),
    sequence: Sequence(Sequence),
    recurrent: Recurrent(Recurrent),
    residual: Residual(Residual<Layer>),
}
