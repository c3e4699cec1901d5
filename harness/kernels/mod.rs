//! The CPU engine: networks forward and back over buffers that are planned once, in kernels that give the same bits on
//! every processor. It knows no tch.

pub mod activation;
pub mod batch;
pub mod cells;
pub mod convolution;
pub mod features;
pub mod fraction;
pub mod isa;
pub mod layers;
pub mod loss;
pub mod network;
pub mod optimizers;
pub mod parameters;
pub mod product;
pub mod real;
pub mod transpose;
pub mod vector;
pub mod weights;
pub mod winograd;

#[cfg(test)]
pub(crate) mod tests;
