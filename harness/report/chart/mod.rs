//! Charts: what is to be seen, drawn as SVG and PNG without any font or library of the system.
//!
//! A chart's SVG has the same bytes on every machine: coordinates come from `libm` and are rounded
//! to a hundredth of a pixel.

mod axis;
mod content;
mod frame;
mod labels;
mod layout;
mod marks;
mod png;
pub(super) mod svg;
mod ticks;

pub use axis::{Axis, Scale};
pub use content::{Chart, Mark, Series, SeriesStyle};
pub use png::{Pixels, PngError, encode, png};
