//! What is known of a dataset before it is read.

use std::collections::BTreeMap;

/// A dataset that can be asked for by name.
#[derive(Debug)]
pub struct Entry {
    /// What suites call it, and the name of its folder.
    pub name: &'static str,
    /// What torchvision calls its folder, where it has the dataset.
    pub torchvision: Option<&'static str>,
    /// The number of classes.
    pub classes: u32,
    /// Pixels down and across.
    pub shape: [u32; 2],
    /// Number of training images.
    pub train: u32,
    /// Number of test images.
    pub test: u32,
    /// Training images, training labels, test images, test labels.
    pub files: [File; 4],
    /// URL prefixes, ending in `/`, of the compressed files (file name + `.gz`); `None` where the
    /// dataset is embedded.
    pub mirrors: &'static [&'static str],
}

/// An IDX file of a dataset.
#[derive(Debug)]
pub struct File {
    /// The name of the file without `.gz`.
    pub name: &'static str,
    /// SHA-256 of the uncompressed content, in hexadecimal.
    pub sha256: &'static str,
}

impl Entry {
    /// Returns whether it is drawn by this program instead of being read from files.
    pub fn is_embedded(&self) -> bool {
        self.mirrors.is_empty()
    }

    /// Returns the SHA-256 of each uncompressed file by file name, as identities need them.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.name.to_owned(), file.sha256.to_owned())).collect()
    }

    /// Returns the number of bytes of all files, uncompressed.
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.shape[0]) * u64::from(self.shape[1]);
        u64::from(self.train + self.test) * (pixels + 1) + 2 * (16 + 8)
    }
}

/// Returns files with the names that MNIST gave them and these digests: of training images, training labels, test images and
/// test labels.
pub(super) const fn files(digests: [&'static str; 4]) -> [File; 4] {
    let [train_images, train_labels, test_images, test_labels] = digests;
    [
        File { name: "train-images-idx3-ubyte", sha256: train_images },
        File { name: "train-labels-idx1-ubyte", sha256: train_labels },
        File { name: "t10k-images-idx3-ubyte", sha256: test_images },
        File { name: "t10k-labels-idx1-ubyte", sha256: test_labels },
    ]
}
