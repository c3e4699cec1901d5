//! Opens files that somebody else may have put where they are: regular ones alone, of a size that the
//! memory takes, and for writing never the target of a link.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The most that is read of a suite, in bytes.
pub const SUITE: u64 = 1 << 20;
/// The most that is read of a record, a run, a baseline or any other file that ends in its digest.
pub const RECORD: u64 = 64 << 20;
/// The most that is read of a history; a night and case take about a thousand bytes.
pub const HISTORY: u64 = 64 << 20;
/// The most that is read of the events of a trial.
pub const EVENTS: u64 = 256 << 20;
/// The most that is read of a trial's weights, or of the tensors of its checkpoint.
pub const TENSORS: u64 = 8 << 30;

/// Why a file is not opened or not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("it is {0}, not a regular file; put a file in its place")]
    Kind(&'static str),
    #[error("it is a symbolic link, which is not followed for writing; remove the link")]
    Link,
    #[error("it has more than {0} bytes, which no file of its kind has")]
    Size(u64),
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, refusal)
    }
}

/// Opens a regular file to read it. Links are followed.
///
/// # Errors
/// What is no regular file is refused at once; a pipe is not waited for.
pub fn open(path: &Path) -> io::Result<File> {
    // A pipe without a writer would block the call itself.
    let file = File::options().read(true).custom_flags(flags(OFlags::NONBLOCK)).open(path)?;
    regular(file)
}

/// Returns the content of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open`]; a larger file is refused, and no more than `limit` bytes of it are held.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_rest(&open(path)?, limit)
}

/// Returns the rest of an open file, from its current position, as [`read`] does.
///
/// # Errors
/// A larger file is refused.
pub fn read_rest(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    if length > limit {
        return Err(Refusal::Size(limit).into());
    }
    let mut content = Vec::with_capacity(length as usize);
    // It may grow meanwhile.
    file.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit { Err(Refusal::Size(limit).into()) } else { Ok(content) }
}

/// Returns the text of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`read`]; what is not UTF-8 is refused.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let refuse = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8");
    String::from_utf8(read(path, limit)?).map_err(refuse)
}

/// Opens a regular file to read and to write it; it is made where missing, and what is in it stays.
///
/// # Errors
/// A link and what is no regular file are refused.
pub fn open_to_write(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.custom_flags(flags(OFlags::NONBLOCK | OFlags::NOFOLLOW));
    let is_link = || path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    match options.open(path) {
        Ok(file) => regular(file),
        Err(_) if is_link() => Err(Refusal::Link.into()),
        Err(error) => Err(error),
    }
}

fn flags(flags: OFlags) -> i32 {
    flags.bits() as i32
}

fn regular(file: File) -> io::Result<File> {
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let kind = match kind {
        _ if kind.is_dir() => "a folder",
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(Refusal::Kind(kind).into())
}
