//! One file: written whole or not at all, and read only if it is what was written.
//!
//! A file is an indented JSON object. Its first field is `format`, its last line but one is
//!
//! ```text
//!   "digest": "<64 hexadecimal digits>"
//! ```
//!
//! the SHA-256 of every byte before that line, so that `head -n -2 FILE | sha256sum` prints it.
//! A float is written with the fewest digits that read back to the same bits.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::error::Error;
use super::format::Format;
use super::layout::lay_out;
use crate::files;
use crate::recipe::hex;
use crate::valid::Validate;

const DIGEST_LINE: &str = "  \"digest\": \"";
const END: &str = "\"\n}\n";

/// Writes `value`, a struct whose first field is its `format`, and the digest of its own content.
/// Whatever kills the process, `path` holds the old file or the whole new one: the text goes to a
/// temporary file beside it, is synced, renamed, and the folder is synced. Missing folders are made.
///
/// # Errors
/// Fails if the value has no form in JSON, or if the file cannot be written.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    replace(path, text(path, value)?.as_bytes()).map_err(Error::write(path))
}

/// Writes as [`write()`] does, but laid out for people who read it in a diff: what fits on a line stands on
/// one.
///
/// # Errors
/// Fails as [`write()`] does.
pub fn write_compact<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(Error::unwritable(path))?;
    replace(path, sealed(&lay_out(&json)).as_bytes()).map_err(Error::write(path))
}

/// Writes as [`write_compact`] does, but never over another file. Returns whether there was none.
///
/// # Errors
/// Fails as [`write()`] does.
pub fn create_compact<T: Serialize>(path: &Path, value: &T) -> Result<bool, Error> {
    let json = serde_json::to_string(value).map_err(Error::unwritable(path))?;
    let create = || match stage(path, sealed(&lay_out(&json)).as_bytes())?.persist_noclobber(path) {
        Ok(_) => sync_folder(parent(path)).map(|()| true),
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(failed.error),
    };
    create().map_err(Error::write(path))
}

/// Writes bytes that carry no digest of their own, whole or not at all, as [`write()`] does.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write_bytes(path: &Path, content: &[u8]) -> Result<(), Error> {
    replace(path, content).map_err(Error::write(path))
}

/// Writes a file as [`write()`] does, but not synced, and the file before stays as a spare that is written over next
/// time: many a minute cost little. After a power failure (not after a killed process) the file may be
/// found broken. Renaming a new file over an old one would have ext4 flush it.
///
/// # Errors
/// Fails as [`write()`] does.
pub fn write_in_turn<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let text = text(path, value)?;
    let spare = spare(path);
    overwrite(&spare, text.as_bytes())?;
    let exchanged = renameat_with(CWD, &spare, CWD, path, RenameFlags::EXCHANGE);
    // There may be nothing to exchange it with, or a file system that cannot.
    exchanged.or_else(|_| fs::rename(&spare, path)).map_err(Error::write(path))
}

/// Returns where [`write_in_turn`] keeps the file before; it is never read.
pub(super) fn spare(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{TEMPORARY}"))
}

/// Writes bytes that carry no digest of their own over the file that is there, in place and not synced:
/// where the process is killed meanwhile, the file holds neither the old nor the new.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn overwrite(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || {
        make_folder(parent(path))?;
        let mut file = files::open_to_write(path)?;
        file.write_all(content)?;
        file.set_len(content.len() as u64)
    };
    write().map_err(Error::write(path))
}

fn text<T: Serialize>(path: &Path, value: &T) -> Result<String, Error> {
    Ok(sealed(&serde_json::to_string_pretty(value).map_err(Error::unwritable(path))?))
}

/// An indented JSON object with the digest of its own content.
fn sealed(json: &str) -> String {
    let mut text = json.strip_suffix("\n}").unwrap_or(json).to_owned();
    text.push_str(",\n");
    let digest = hex(&Sha256::digest(&text));
    text.extend([DIGEST_LINE, &digest, END]);
    text
}

/// Writes a file whole or not at all, and syncs it and its folder, so that it outlasts a power failure
/// and not only the process.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    stage(path, content)?.persist(path).map_err(|error| error.error)?;
    sync_folder(parent(path))
}

/// A synced temporary file beside `path`, to be renamed to it.
fn stage(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = parent(path);
    make_folder(folder)?;
    let mut temporary = temporary(folder)?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// A new hidden file in a folder, which the next run there clears away if it is left.
///
/// # Errors
/// Fails if the folder cannot be written.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    // 0o666 before the user's umask, as for any other file.
    let permissions = Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".").suffix(TEMPORARY).permissions(permissions).tempfile_in(folder)
}

/// Syncs a folder, so that files that are new in it or were renamed outlast a power failure, on file
/// systems that can do that.
///
/// # Errors
/// Fails if the system cannot sync it.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cannot_sync(&error) => Ok(()),
        synced => synced,
    }
}

/// Whether a folder is none that can be synced, rather than one whose content may be lost: network, FUSE and
/// other file systems refuse in one of these ways, and a folder that may be written but not read cannot be
/// opened.
fn cannot_sync(error: &io::Error) -> bool {
    use Errno as E;
    let refusals = [E::INVAL, E::NOTSUP, E::OPNOTSUPP, E::NOSYS, E::BADF, E::ISDIR, E::ACCESS, E::PERM];
    Errno::from_io_error(error).is_some_and(|errno| refusals.contains(&errno))
}

/// Creates a folder and those above it, so that they outlast a power failure.
///
/// # Errors
/// Fails if the system refuses a folder.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    if above != folder {
        make_folder(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if !folder.is_dir() => Err(error),
        _ => sync_folder(above),
    }
}

/// Returns the folder that a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How the name of a file ends that a killed process may leave.
pub(super) const TEMPORARY: &str = ".tmp";

/// Reads what [`write()`] wrote. First the version is checked, then the digest, then the fields, then their
/// values. A file all of whose lines were made to end in CRLF, as git does on some machines, is read as it was
/// written.
///
/// # Errors
/// Fails if the file cannot be read or believed.
pub fn read<T: DeserializeOwned + Validate>(path: &Path) -> Result<T, Error> {
    let bytes = with_own_line_ends(files::read(path, files::RECORD).map_err(Error::read(path))?);
    check_format(path, &bytes)?;
    check_digest(path, &bytes)?;
    let content: T =
        serde_json::from_slice(&bytes).map_err(|source| Error::Fields { path: path.to_owned(), source })?;
    content.validate().map_err(|source| Error::Invalid { path: path.to_owned(), source })?;
    Ok(content)
}

fn with_own_line_ends(mut bytes: Vec<u8>) -> Vec<u8> {
    let converted = |pair: &&[u8]| pair.ends_with(b"\n") && *pair != b"\r\n";
    if bytes.ends_with(b"\r\n") && !bytes.windows(2).any(|pair| converted(&pair)) {
        // A text within JSON holds no raw CR.
        bytes.retain(|byte| *byte != b'\r');
    }
    bytes
}

fn check_format(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    // The other fields are passed over, not held.
    #[derive(Deserialize)]
    struct Versioned {
        format: Format,
    }
    let path = path.to_owned();
    match serde_json::from_slice(bytes) {
        Ok(Versioned { format }) if format.is_readable() => Ok(()),
        Ok(Versioned { format: found }) => Err(Error::Format { path, found }),
        Err(error) if error.is_data() => Err(Error::NoFormat { path }),
        Err(source) => Err(Error::Syntax { path, source }),
    }
}

fn check_digest(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let missing = || Error::NoDigest { path: path.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| missing())?;
    let body = text.strip_suffix(END).ok_or_else(missing)?;
    let (content, stated) = body.rsplit_once(DIGEST_LINE).ok_or_else(missing)?;
    let actual = hex(&Sha256::digest(content));
    if stated == actual {
        return Ok(());
    }
    Err(Error::Digest { path: path.to_owned(), stated: stated.to_owned(), actual })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_synced_is_told_from_one_that_fails() {
        let refused = |errno: Errno| cannot_sync(&errno.into());
        assert!(
            [Errno::INVAL, Errno::OPNOTSUPP, Errno::NOSYS, Errno::BADF, Errno::ACCESS].map(refused)
                == [true; 5]
        );
        assert!(
            [Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::NOENT, Errno::MFILE].map(refused) == [false; 5]
        );
        assert!(!cannot_sync(&io::Error::other("no error of the system")));
    }
}
