//! A file's content, whether it is packed or not: what it begins with tells, not its name.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

use crate::recipe::hex;

/// What a member of a gzip file begins with (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// No file may hold more bytes, packed or unpacked; the largest has 47 million.
pub(super) const MOST_BYTES: u64 = 1 << 28;

/// Returns whether these bytes begin a gzip file.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Returns what a file holds, unpacked where it is gzip's, but no more than `most` bytes. What follows the last member
/// is no part of it, as for gzip itself.
///
/// # Errors
/// A file that cannot be read; of kind `InvalidInput` or `UnexpectedEof`, packed content that is damaged or cut off.
pub(super) fn unpacked(file: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    if !is_packed(&bytes) {
        bytes.truncate(most as usize);
        return Ok(bytes);
    }
    let mut content = Vec::new();
    let mut rest = bytes.as_slice();
    while is_packed(rest) {
        let mut member = GzDecoder::new(rest);
        let room = most - content.len() as u64;
        member.by_ref().take(room).read_to_end(&mut content).map_err(named)?;
        rest = member.into_inner();
    }
    Ok(content)
}

/// Returns a reader of what a file holds, as [`unpacked`] returns it.
///
/// # Errors
/// A file that cannot be read; what the reader fails with is as of [`unpacked`].
pub(super) fn reader<'r>(mut file: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
    if !is_packed(file.fill_buf()?) {
        return Ok(Box::new(file));
    }
    Ok(Box::new(Members { member: Some(GzDecoder::new(file)) }))
}

/// Returns the SHA-256, in hexadecimal, of what a file holds, as [`unpacked`] returns it, of any length.
///
/// # Errors
/// As of [`unpacked`].
pub(super) fn digest(file: impl BufRead) -> io::Result<String> {
    let mut reader = reader(file)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => hasher.update(&block[..count]),
        }
    }
}

/// The members of a gzip file, one after the other.
struct Members<R> {
    /// `None` after the last.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(buffer).map_err(named)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { break };
            // The buffer may end within the two bytes.
            let begin = rest.fill_buf()?;
            if !begin.is_empty() && MAGIC.starts_with(&begin[..begin.len().min(MAGIC.len())]) {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

fn named(error: io::Error) -> io::Error {
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "its gzip data is cut off".to_owned(),
        _ => format!("its gzip data is damaged ({error})"),
    };
    io::Error::new(error.kind(), what)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_or_not_it_is_the_same_content() {
        for (file, content) in [
            (b"plain".to_vec(), b"plain".to_vec()),
            (packed(b"one"), b"one".to_vec()),
            ([packed(b"one"), packed(b"two")].concat(), b"onetwo".to_vec()),
            ([packed(b"one"), vec![0; 100]].concat(), b"one".to_vec()),
            ([packed(b"one"), b"<html>".to_vec()].concat(), b"one".to_vec()),
            (Vec::new(), Vec::new()),
        ] {
            assert_eq!(unpacked(&file[..], MOST_BYTES).unwrap(), content);
            for buffer in [2, 3, 8192] {
                let file = io::BufReader::with_capacity(buffer, io::Cursor::new(file.clone()));
                let mut read = Vec::new();
                reader(file).unwrap().read_to_end(&mut read).unwrap();
                assert_eq!(read, content);
            }
        }
    }

    #[test]
    fn no_more_is_unpacked_than_is_asked_for() {
        let bomb = packed(&vec![0; 1 << 20]);
        for file in [&bomb[..], &[bomb.clone(), bomb.clone()].concat(), &[0; 100]] {
            assert_eq!(unpacked(file, 10).unwrap(), [0; 10]);
        }
    }

    #[test]
    fn packed_content_that_is_not_whole_says_so() {
        let file = packed(&[7; 1000]);
        let problem = |file: &[u8]| unpacked(file, MOST_BYTES).unwrap_err().to_string();
        assert_eq!(problem(&file[..file.len() - 9]), "its gzip data is cut off");
        let mut damaged = file.clone();
        let checksum = damaged.len() - 8;
        damaged[checksum] ^= 1;
        assert!(problem(&damaged).starts_with("its gzip data is damaged ("), "{}", problem(&damaged));
    }
}
