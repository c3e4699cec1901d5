//! Scores trained networks on changed test images.

pub mod kept;
pub mod score;
pub mod scoring;
pub mod strengths;
