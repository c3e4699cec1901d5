//! Pictures as files.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::data::{self, preview::Picture};
use crate::record::write_bytes;
use crate::report::chart::{Pixels, PngError, encode, png};

/// Reads the path of a picture, which must end in `.svg` or `.png`.
///
/// # Errors
/// Returns what to give instead of another path.
pub fn file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match extension(&path) {
        "svg" | "png" => Ok(path),
        _ => Err("give a file that ends in .svg or .png".to_owned()),
    }
}

/// Writes a picture in the form that the file's name asks for.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write(path: &Path, svg: &str) -> Result<(), Failure> {
    let bytes = match extension(path) {
        "png" => png(svg).map_err(|error| undrawable(path, &error))?,
        _ => svg.as_bytes().to_vec(),
    };
    Ok(write_bytes(path, &bytes)?)
}

/// Writes a sheet of images as PNG, into a folder that exists.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write_sheet(path: &Path, sheet: &Picture) -> Result<(), Failure> {
    let bytes = encode(sheet.width as u32, sheet.height as u32, Pixels::Rgb(sheet.pixels.as_flattened()))
        .map_err(|error| undrawable(path, &error))?;
    std::fs::write(path, bytes).map_err(|source| data::Error::Write { path: path.to_owned(), source })?;
    Ok(())
}

fn undrawable(path: &Path, error: &PngError) -> Failure {
    Failure::new(Exit::Internal, format!("{}: {error}", path.display()))
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}
