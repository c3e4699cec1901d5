//! The one place that makes PNG: of an SVG, or of pixels.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Pixels of the PNG for each of the SVG.
const SCALE: f32 = 2.0;

/// Why there is no PNG.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The text is no SVG.
    #[error("not an SVG that can be drawn: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The picture is too large, or has no area.
    #[error("a picture of {width} x {height} pixels cannot be drawn; give it another size")]
    Size {
        /// In pixels of the PNG.
        width: u32,
        /// In pixels of the PNG.
        height: u32,
    },
    /// The PNG could not be encoded.
    #[error("the picture cannot be written as PNG: {0}")]
    Encode(#[from] ::png::EncodingError),
}

/// The pixels of a picture, a byte a channel, row after row.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// Red, green and blue.
    Rgb(&'a [u8]),
    /// Red, green, blue and opacity.
    Rgba(&'a [u8]),
}

/// Returns the PNG of a picture of `width` x `height` pixels.
///
/// # Errors
/// Returns an error if there are more or fewer pixels than that, or none.
pub fn encode(width: u32, height: u32, pixels: Pixels<'_>) -> Result<Vec<u8>, PngError> {
    let (colour, bytes) = match pixels {
        Pixels::Rgb(bytes) => (::png::ColorType::Rgb, bytes),
        Pixels::Rgba(bytes) => (::png::ColorType::Rgba, bytes),
    };
    let mut encoded = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut encoded, width, height);
    encoder.set_color(colour);
    encoder.set_depth(::png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(bytes)?;
    writer.finish()?;
    Ok(encoded)
}

/// Draws an SVG as PNG, twice as large so that it is sharp on fine screens, with an embedded font (Ubuntu
/// Light) whatever font it names.
///
/// # Errors
/// Where the text is no SVG, or its picture is too large for memory.
pub fn png(svg: &str) -> Result<Vec<u8>, PngError> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    fonts.set_sans_serif_family("Ubuntu");
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let scaled = |side: u32| (side as f32 * SCALE) as u32;
    let width = scaled(size.width());
    let height = scaled(size.height());
    let mut picture = Pixmap::new(width, height).ok_or(PngError::Size { width, height })?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    encode(width, height, Pixels::Rgba(&picture.take_demultiplied()))
}
