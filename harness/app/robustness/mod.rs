//! Scores trained networks on changed test images.

mod kept;
pub mod score;
pub mod scoring;
pub mod strengths;
