//! Which datasets there are: names, files, pinned digests, mirrors.

use std::collections::BTreeMap;

use super::Error;

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
    /// URL prefixes, ending in `/`, of the compressed files (file name + `.gz`); none where the
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
    /// Whether it is drawn by this program instead of being read from files.
    pub fn is_embedded(&self) -> bool {
        self.mirrors.is_empty()
    }

    /// SHA-256 of the uncompressed files by file name, as identities need them.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.name.to_owned(), file.sha256.to_owned())).collect()
    }

    /// Bytes of all files, uncompressed.
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.shape[0]) * u64::from(self.shape[1]);
        u64::from(self.train + self.test) * (pixels + 1) + 2 * (16 + 8)
    }
}

const fn files(digests: [&'static str; 4]) -> [File; 4] {
    let [train_images, train_labels, test_images, test_labels] = digests;
    [
        File { name: "train-images-idx3-ubyte", sha256: train_images },
        File { name: "train-labels-idx1-ubyte", sha256: train_labels },
        File { name: "t10k-images-idx3-ubyte", sha256: test_images },
        File { name: "t10k-labels-idx1-ubyte", sha256: test_labels },
    ]
}

/// All datasets, by name.
pub static ALL: [Entry; 3] = [
    Entry {
        name: "fashion-mnist",
        torchvision: Some("FashionMNIST"),
        classes: 10,
        shape: [28, 28],
        train: 60_000,
        test: 10_000,
        files: files([
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ]),
        mirrors: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
    },
    Entry {
        name: "glyphs",
        torchvision: None,
        classes: 10,
        shape: [28, 28],
        train: 12_000,
        test: 2_000,
        // Of the IDX files that the generated images and labels would make.
        files: files([
            "93dc1fb3007ee645271c4dc7b991954cf29b82ebd726bf488dcd73e081251c4c",
            "b325bdea08048047ec24f89d7827464c224de6a88b7bbab63b2cd2ceca884fd7",
            "dd943aa1b84384895a3d4915a3067f151e4170070049c19f7ef8ba1c95dfa41a",
            "e026daf3d28b630d395bff264d45247706f43ecba7d4f48422cba6b6a30e22d3",
        ]),
        mirrors: &[],
    },
    Entry {
        name: "mnist",
        torchvision: Some("MNIST"),
        classes: 10,
        shape: [28, 28],
        train: 60_000,
        test: 10_000,
        files: files([
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ]),
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ],
    },
];

/// The dataset of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}

/// The dataset of this name, or an error that names the nearest.
///
/// # Errors
/// Returns an error that names the nearest dataset if none has this name.
pub fn require(name: &str) -> Result<&'static Entry, Error> {
    find(name).ok_or_else(|| Error::Unknown {
        name: name.to_owned(),
        nearest: nearest(name),
        known: ALL.each_ref().map(|entry| format!("`{}`", entry.name)).join(", "),
    })
}

/// The name most similar to `name`, if any is similar.
pub fn nearest(name: &str) -> Option<&'static str> {
    ALL.iter()
        .map(|entry| (strsim::jaro_winkler(name, entry.name), entry.name))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_names_the_nearest() {
        assert_eq!(
            require("fasion-mnist").unwrap_err().to_string(),
            "unknown dataset `fasion-mnist`, did you mean `fashion-mnist`; \
             there are `fashion-mnist`, `glyphs`, `mnist`"
        );
        assert_eq!(
            require("cifar").unwrap_err().to_string(),
            "unknown dataset `cifar`; there are `fashion-mnist`, `glyphs`, `mnist`"
        );
    }

    #[test]
    fn digests_are_known_without_opening_anything() {
        for entry in &ALL {
            let digests = entry.digests();
            assert_eq!(digests.len(), 4);
            assert!(digests.values().all(|digest| digest.len() == 64), "{}", entry.name);
        }
    }
}
