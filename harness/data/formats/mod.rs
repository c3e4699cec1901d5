//! The formats that datasets are read from: one file and one line of the registry each.

mod check;
mod elements;
mod error;
mod labels;
mod npy;
mod row_reader;
mod source;

use std::path::Path;

pub use check::split;
pub use error::{FilePlace, FormatError, FormatProblem};
pub use source::{Contents, Decoded, DecodedValues, SampleSource};

/// A format that datasets are read from.
#[derive(Clone, Copy, Debug)]
pub struct DataFormat {
    /// What manifests and `--format` call it.
    pub name: &'static str,
    /// Returns whether a file or folder is in this format, by its content.
    pub recognizes: fn(&Path) -> bool,
    /// Decodes the samples of both splits.
    pub decode: fn(&SampleSource) -> Result<Contents, FormatError>,
}

/// Declares a file for each format and lists its `FORMAT`.
macro_rules! registry {
    ($($file:ident),+ $(,)?) => {
        $(mod $file;)+

        /// All formats, in the order in which a file is tried as each.
        pub static ALL: &[DataFormat] = &[$($file::FORMAT),+];
    };
}

registry! {
    idx,
    npz,
    image_folder,
    cifar,
    csv,
}

impl DataFormat {
    /// Decodes the samples of both splits, and checks what no format can have otherwise.
    ///
    /// # Errors
    /// Returns an error that names the file, the place in it, what is wrong and what to do.
    pub fn read(&self, source: &SampleSource) -> Result<Contents, FormatError> {
        let contents = (self.decode)(source)?;
        check::contents(source, &contents)?;
        Ok(contents)
    }
}

/// Returns the format of this name.
///
/// # Errors
/// Returns an error that lists the formats if there is none of this name.
pub fn require(name: &str) -> Result<&'static DataFormat, super::Error> {
    ALL.iter()
        .find(|format| format.name == name)
        .ok_or_else(|| super::Error::Format { name: name.to_owned(), known: names() })
}

/// Returns the names of all formats, joined by commas.
pub fn names() -> String {
    ALL.iter().map(|format| format.name).collect::<Vec<_>>().join(", ")
}

/// Returns the format of a file or folder, by its content.
pub fn recognize(path: &Path) -> Option<&'static DataFormat> {
    ALL.iter().find(|format| (format.recognizes)(path))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder of a test, with files in it.
    pub struct TestFolder(tempfile::TempDir);

    impl TestFolder {
        pub fn new() -> Self {
            TestFolder(tempfile::tempdir().unwrap())
        }

        pub fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Writes a file, and the folders that it is in.
        pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        }

        /// Returns the source of these training files alone.
        pub fn source(&self, train: &[&Path]) -> SampleSource {
            let train = train.iter().map(|path| path.to_path_buf()).collect();
            SampleSource { train, test: Vec::new(), shape: None, resize: None, most_bytes: 1 << 20 }
        }
    }

    /// Returns what an error says, with the names of files in place of their paths.
    pub fn said(result: Result<Contents, FormatError>) -> String {
        let error = result.unwrap_err();
        let folder = error.path.parent().map(|folder| format!("{}/", folder.display())).unwrap_or_default();
        error.to_string().replace(&folder, "")
    }
}
