//! Reads the elements of an array a block at a time, so that what is in a file is not in memory twice.

use std::io::{self, ErrorKind, Read};

use super::error::FormatProblem;

/// Bytes of a block, where no other size is needed: whole elements of every size.
pub(super) const BLOCK: usize = 1 << 16;

/// Reads `count` bytes and hands on block after block, the last of which may be shorter. Returns how many bytes there
/// were, and one more than `count` if any follow.
///
/// # Errors
/// Returns an error if the reader fails.
pub(super) fn blocks(
    mut reader: impl Read,
    count: u64,
    block: usize,
    mut take: impl FnMut(&[u8]),
) -> io::Result<u64> {
    let mut buffer = vec![0; count.min(block as u64) as usize];
    let mut found = 0;
    while found < count {
        let wanted = (count - found).min(block as u64) as usize;
        let filled = fill(&mut reader, &mut buffer[..wanted])?;
        take(&buffer[..filled]);
        found += filled as u64;
        if filled < wanted {
            return Ok(found);
        }
    }
    Ok(found + fill(&mut reader, &mut [0])? as u64)
}

fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Returns an empty list with room for `count` items.
///
/// # Errors
/// Returns an error if there is no memory for so many.
pub(super) fn list<T>(count: u64) -> Result<Vec<T>, FormatProblem> {
    let mut list = Vec::new();
    match usize::try_from(count).map(|count| list.try_reserve_exact(count)) {
        Ok(Ok(())) => Ok(list),
        _ => Err(format!("there is no memory for {count} values; take fewer or smaller samples").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_and_what_follows_is_seen() {
        let read = |bytes: &[u8], count| {
            let mut blocks_of = Vec::new();
            let found = blocks(bytes, count, 2, |block| blocks_of.push(block.to_vec())).unwrap();
            (found, blocks_of)
        };
        assert_eq!(read(&[1, 2, 3], 3), (3, vec![vec![1, 2], vec![3]]));
        assert_eq!(read(&[1, 2, 3, 4, 5], 3), (4, vec![vec![1, 2], vec![3]]));
        assert_eq!(read(&[1, 2, 3], 9), (3, vec![vec![1, 2], vec![3]]));
        assert_eq!(read(&[], 0), (0, vec![]));
    }

    #[test]
    fn a_list_that_no_memory_holds_is_refused() {
        assert!(list::<u32>(u64::MAX).is_err());
        assert_eq!(list::<u8>(9).unwrap().capacity(), 9);
    }
}
