//! Where datasets are looked for.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Error;
use super::catalogue::{Entry, File};

/// The folders that are searched, in this order; a dataset is in `<root>/<name>/`, or where torchvision
/// puts it: `<root>/MNIST/raw/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// Returns the folders that are searched: `explicit` (from `--data`), then `TCHBENCH_DATA`, then `tchbench/data` in
    /// the user's cache folder.
    pub fn from_environment(explicit: Option<PathBuf>) -> Self {
        Roots::from_variables(explicit, |name| std::env::var_os(name))
    }

    /// As [`Roots::from_environment`], with variables from elsewhere. The cache folder is
    /// `XDG_CACHE_HOME` where that is an absolute path (XDG Base Directory Specification 0.8), or
    /// `HOME/.cache`.
    fn from_variables(explicit: Option<PathBuf>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let folder = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = folder("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| folder("HOME").map(|home| home.join(".cache")))
            .map(|cache| cache.join("tchbench/data"));
        Roots([explicit, folder("TCHBENCH_DATA"), cache].into_iter().flatten().collect())
    }

    /// Returns the search of only these folders.
    pub fn only(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        Roots(roots.into_iter().collect())
    }

    /// Returns the folder that is searched first, where downloads go.
    ///
    /// # Errors
    /// Returns an error if no folder is searched.
    pub fn first(&self) -> Result<&Path, Error> {
        self.0.first().map(PathBuf::as_path).ok_or(Error::NoRoot)
    }

    /// Returns the first folder that has every file of the dataset, compressed or not.
    ///
    /// # Errors
    /// Returns an error that says what each folder lacks if none has every file.
    pub fn find(&self, entry: &'static Entry) -> Result<PathBuf, Error> {
        let mut looked = String::new();
        for (folder, is_own) in self.0.iter().flat_map(|root| entry.folders(root)) {
            let missing: Vec<&str> = entry
                .files
                .iter()
                .filter(|file| file_in(&folder, file).is_none())
                .map(|file| file.name)
                .collect();
            let lacks = match missing.len() {
                0 => return Ok(folder),
                // Of torchvision's folder only those want to hear who have it.
                _ if !is_own && !folder.is_dir() => continue,
                _ if !folder.is_dir() => "no such folder".to_owned(),
                _ => format!("lacks {}", missing.join(", ")),
            };
            let _ = write!(looked, "\n  {} ({lacks})", folder.display());
        }
        if looked.is_empty() { Err(Error::NoRoot) } else { Err(Error::NotFound { name: entry.name, looked }) }
    }
}

impl Entry {
    /// Where it may be below a root, and whether that is its own folder rather than torchvision's.
    fn folders(&self, root: &Path) -> impl Iterator<Item = (PathBuf, bool)> + use<> {
        let torchvision = self.torchvision.map(|name| (root.join(name).join("raw"), false));
        std::iter::once((root.join(self.name), true)).chain(torchvision)
    }
}

/// Returns the path of a dataset's file in its folder, as it is or with `.gz`.
pub(super) fn file_in(folder: &Path, file: &File) -> Option<PathBuf> {
    [folder.join(file.name), folder.join(format!("{}.gz", file.name))].into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::catalogue;

    fn roots(explicit: Option<&str>, variables: &[(&str, &str)]) -> Vec<PathBuf> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        Roots::from_variables(explicit.map(PathBuf::from), variable).0
    }

    #[test]
    fn the_order_is_option_then_variable_then_cache() {
        let all = [("TCHBENCH_DATA", "/b"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h")];
        assert_eq!(roots(Some("/a"), &all), ["/a", "/b", "/c/tchbench/data"].map(PathBuf::from));
        let relative = [("XDG_CACHE_HOME", "c"), ("HOME", "/h"), ("TCHBENCH_DATA", "")];
        assert_eq!(roots(None, &relative), [PathBuf::from("/h/.cache/tchbench/data")]);
        assert!(roots(None, &[]).is_empty());
    }

    #[test]
    fn a_miss_says_where_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        let partial = folder.path().join("partial");
        std::fs::create_dir_all(partial.join("mnist")).unwrap();
        for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"] {
            std::fs::write(partial.join("mnist").join(name), "").unwrap();
        }
        let error = Roots::only([empty, partial]).find(catalogue::find("mnist").unwrap()).unwrap_err();
        let text = error.to_string().replace(&folder.path().display().to_string(), "DIR");
        insta::assert_snapshot!(text, @r"
        dataset `mnist` not found; looked in
          DIR/empty/mnist (no such folder)
          DIR/partial/mnist (lacks t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte)
        get it with `tchbench data fetch mnist`, or name the folder that holds `mnist/` with --data or TCHBENCH_DATA
        ");
        std::fs::create_dir_all(folder.path().join("torch/MNIST/raw")).unwrap();
        let error =
            Roots::only([folder.path().join("torch")]).find(catalogue::find("mnist").unwrap()).unwrap_err();
        assert!(error.to_string().contains("/torch/MNIST/raw (lacks train-images-idx3-ubyte, "), "{error}");
        let error = Roots::only([]).find(catalogue::find("mnist").unwrap()).unwrap_err();
        assert!(matches!(error, Error::NoRoot));
    }
}
