//! SVG to PNG.

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
    Encode(String),
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
    picture.encode_png().map_err(|error| PngError::Encode(error.to_string()))
}
