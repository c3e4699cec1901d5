//! Files that cannot be believed are kept, but out of the way.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::file::{parent, sync_folder};

/// Renames a file to `<name>.broken`, or `<name>.broken-2` and so on where that is taken, and
/// returns its new path. The folder must be locked.
///
/// # Errors
/// Where the folder cannot be written.
pub fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut aside = path.with_file_name(format!("{name}.broken"));
    let mut number = 2u32;
    // A link that leads nowhere takes a name, too.
    while aside.symlink_metadata().is_ok() {
        aside = path.with_file_name(format!("{name}.broken-{number}"));
        number += 1;
    }
    let rename = || {
        fs::rename(path, &aside)?;
        sync_folder(parent(path))
    };
    rename().map_err(Error::write(path))?;
    Ok(aside)
}
