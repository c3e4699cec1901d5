//! What folders hold, without what others leave there, and the order in which names are listed.

use std::cmp::Ordering;
use std::io;
use std::path::{Path, PathBuf};

/// A name in lists: sorted by its numbers where it has some, so that `lstm-8` comes before `lstm-16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Natural<'a>(pub &'a str);

impl Ord for Natural<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // `a1` and `a01` are equal to the first and must not be to a map.
        alphanumeric_sort::compare_str(self.0, other.0).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for Natural<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns what a folder holds, sorted by [`Natural`] names, without hidden files and what editors, file managers and
/// file systems leave there (`.DS_Store`, `.nfs0001`, `1.json~`, `#1.json#`, `@eaDir`).
///
/// # Errors
/// If the folder cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = list_all(folder)?;
    paths.retain(|path| path.file_name().is_some_and(|name| !is_foreign(&name.to_string_lossy())));
    Ok(paths)
}

/// Returns what a folder holds as [`list`] does, with hidden files and all others.
///
/// # Errors
/// If the folder cannot be read.
pub fn list_all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort_by(|a, b| {
        let name = a.to_string_lossy();
        let other = b.to_string_lossy();
        Natural(&name).cmp(&Natural(&other)).then_with(|| a.cmp(b))
    });
    Ok(paths)
}

fn is_foreign(name: &str) -> bool {
    name.starts_with(['.', '#', '@', '~']) || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_by_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["lstm-16", "lstm-8", "mlp", "lstm", "10.json", "9.json"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names = |paths: Vec<PathBuf>| -> Vec<String> {
            paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        let sorted = ["9.json", "10.json", "lstm", "lstm-8", "lstm-16", "mlp"];
        assert_eq!(names(list(folder.path()).unwrap()), sorted);
        for name in [".DS_Store", "._1.json", ".nfs0001", "1.json~", "#1.json#", "@eaDir", "~$1.json"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(names(list(folder.path()).unwrap()), sorted);
        assert_eq!(list_all(folder.path()).unwrap().len(), sorted.len() + 7);
    }
}
