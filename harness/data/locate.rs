//! Where datasets are looked for.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Error;
use crate::recipe::datasets::{File, Manifest};

/// The folder of manifests beside suites.
pub const DATASETS: &str = "datasets";
/// Where a system's packages put what they share (XDG Base Directory Specification 0.8): datasets in `datasets/`, as
/// Debian's `dataset-fashion-mnist` does.
const SHARED: &str = "/usr/local/share:/usr/share";

/// The folders that are searched, in this order; a dataset is in `<root>/<name>/`, or in a folder that its manifest
/// names, as torchvision's `<root>/MNIST/raw/`. Manifests are `<root>/<name>.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// A user's own, of which the first is where downloads go.
    own: Vec<PathBuf>,
    /// Those that other users or a repository share.
    shared: Vec<PathBuf>,
}

impl Roots {
    /// Returns the folders that are searched: `explicit` (from `--data`), then `TCHBENCH_DATA`, then `tchbench/data` in
    /// the user's cache folder, then [`DATASETS`] here and below each folder of `XDG_DATA_DIRS`, or below
    /// `/usr/local/share` and `/usr/share`.
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
        let shared = folder("XDG_DATA_DIRS").unwrap_or_else(|| PathBuf::from(SHARED));
        let shared = std::env::split_paths(&shared).filter(|path| path.is_absolute());
        Roots {
            own: [explicit, folder("TCHBENCH_DATA"), cache].into_iter().flatten().collect(),
            shared: std::iter::once(PathBuf::from(DATASETS))
                .chain(shared.map(|path| path.join(DATASETS)))
                .collect(),
        }
    }

    /// Returns the search of only these folders.
    pub fn only(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        Roots { own: roots.into_iter().collect(), shared: Vec::new() }
    }

    /// Returns the folders that are searched, in their order.
    pub fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.own.iter().chain(&self.shared)
    }

    /// Returns the first of the user's own folders, where downloads go.
    ///
    /// # Errors
    /// Returns an error if none is known.
    pub fn first(&self) -> Result<&Path, Error> {
        self.own.first().map(PathBuf::as_path).ok_or(Error::NoRoot)
    }

    /// Returns the first folder that has every file of the dataset, compressed or not. Files that a manifest of a
    /// user's own names are looked for from its folder first.
    ///
    /// # Errors
    /// Returns an error that says what each folder lacks if none has every file.
    pub fn find(&self, manifest: &Manifest) -> Result<Found, Error> {
        let mut looked = String::new();
        let own = manifest.place.iter().map(|place| (place.clone(), true, false));
        let below = self.folders().flat_map(|root| {
            let others = manifest.folders.iter().map(|folder| (root.join(folder), false, true));
            std::iter::once((root.join(&manifest.name), true, true)).chain(others).collect::<Vec<_>>()
        });
        for (folder, is_own, by_name) in own.chain(below) {
            let found = Found { folder: folder.clone(), by_name };
            let missing: Vec<&str> = manifest
                .files()
                .filter(|file| found.path(file).is_none())
                .map(|file| file.path.as_str())
                .collect();
            let lacks = match missing.len() {
                0 => return Ok(found),
                // Of another folder only those want to hear who have it.
                _ if !is_own && !folder.is_dir() => continue,
                _ if !folder.is_dir() => "no such folder".to_owned(),
                _ => format!("lacks {}", missing.join(", ")),
            };
            let _ = write!(looked, "\n  {} ({lacks})", folder.display());
        }
        if looked.is_empty() {
            return Err(Error::NoRoot);
        }
        let name = manifest.name.clone();
        if manifest.mirrors.is_empty() {
            return Err(Error::Moved { name, looked });
        }
        Err(Error::NotFound { name, looked })
    }
}

/// Where the files of a dataset were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The folder that they are below.
    pub folder: PathBuf,
    /// Whether they lie in it by the last part of their path alone.
    by_name: bool,
}

impl Found {
    /// Returns the path of a file, as it is or with `.gz`. Returns `None` if there is none.
    pub fn path(&self, file: &File) -> Option<PathBuf> {
        path_in(&self.folder, if self.by_name { file.name() } else { &file.path })
    }
}

/// Returns the path of a dataset's file in its folder, as it is or with `.gz`.
pub(super) fn path_in(folder: &Path, name: &str) -> Option<PathBuf> {
    [folder.join(name), folder.join(format!("{name}.gz"))].into_iter().find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::datasets::Catalogue;

    fn roots(explicit: Option<&str>, variables: &[(&str, &str)]) -> Vec<PathBuf> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        Roots::from_variables(explicit.map(PathBuf::from), variable).folders().cloned().collect()
    }

    #[test]
    fn the_order_is_option_then_variable_then_cache() {
        let all =
            [("TCHBENCH_DATA", "/b"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h"), ("XDG_DATA_DIRS", "/d:e:/f")];
        let found = ["/a", "/b", "/c/tchbench/data", "datasets", "/d/datasets", "/f/datasets"];
        assert_eq!(roots(Some("/a"), &all), found.map(PathBuf::from));
        let relative = [("XDG_CACHE_HOME", "c"), ("HOME", "/h"), ("TCHBENCH_DATA", "")];
        let shared = ["datasets", "/usr/local/share/datasets", "/usr/share/datasets"];
        assert_eq!(
            roots(None, &relative),
            [&["/h/.cache/tchbench/data"], &shared[..]]
                .concat()
                .into_iter()
                .map(PathBuf::from)
                .collect::<Vec<_>>()
        );
        assert_eq!(roots(None, &[]), shared.map(PathBuf::from));
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
        let error =
            Roots::only([empty, partial]).find(Catalogue::default().find("mnist").unwrap()).unwrap_err();
        let text = error.to_string().replace(&folder.path().display().to_string(), "DIR");
        insta::assert_snapshot!(text, @r"
        dataset `mnist` not found; looked in
          DIR/empty/mnist (no such folder)
          DIR/partial/mnist (lacks t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte)
        get it with `tchbench data fetch mnist`, or name the folder that holds `mnist/` with --data or TCHBENCH_DATA
        ");
        std::fs::create_dir_all(folder.path().join("torch/MNIST/raw")).unwrap();
        let error = Roots::only([folder.path().join("torch")])
            .find(Catalogue::default().find("mnist").unwrap())
            .unwrap_err();
        assert!(error.to_string().contains("/torch/MNIST/raw (lacks train-images-idx3-ubyte, "), "{error}");
        let error = Roots::only([]).find(Catalogue::default().find("mnist").unwrap()).unwrap_err();
        assert!(matches!(error, Error::NoRoot));
    }
}
