//! What is known of a dataset before it is read.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use crate::recipe::Geometry;
use crate::recipe::shape::Shape;

/// What is known of a dataset before it is read: where its samples are, in which form, and what they must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What suites call it, and the name of its folder.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Under which terms it may be used; may be empty.
    pub licence: String,
    /// The name of the format of its files; `embedded` if this program draws it.
    pub format: String,
    /// The shape of its samples and the number of its classes.
    pub geometry: Geometry,
    /// The name of each class; empty if the classes have only numbers.
    pub class_names: Vec<String>,
    /// The height and width that its images are resized to when they are read.
    pub resize: Option<[u32; 2]>,
    /// The samples to train on.
    pub train: SplitFiles,
    /// The samples to test on. Without files they are in those of the training split.
    pub test: SplitFiles,
    /// The part of the training files that is held out to test on.
    pub held_out: Option<HeldOut>,
    /// SHA-256 of the IDX files that its content makes, by file name: what an identity holds of a dataset.
    pub content: BTreeMap<String, String>,
    /// URL prefixes, ending in `/`, of the files.
    pub mirrors: Vec<String>,
    /// Folders below a root, besides its own, where its files may be.
    pub folders: Vec<String>,
    /// The folder of its manifest; `None` if that is part of the program.
    pub place: Option<PathBuf>,
}

/// The files of a split.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SplitFiles {
    /// The number of samples.
    pub samples: u32,
    /// The files or the folder that hold them, in the order in which they are read.
    pub files: Vec<File>,
}

/// A file of a dataset, or a folder of images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path below the dataset's folder, or as seen from the manifest's own.
    pub path: String,
    /// SHA-256 of the uncompressed content, in hexadecimal; `None` of a folder.
    pub sha256: Option<String>,
}

/// Which part of the training samples is held out to test on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldOut {
    /// The fraction of the samples, above 0 and below 1.
    pub fraction: f64,
    /// The seed of the choice.
    pub seed: u64,
}

impl File {
    /// Returns the last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl Manifest {
    /// The format of what this program draws.
    pub const EMBEDDED: &str = "embedded";

    /// Returns whether it is drawn by this program instead of being read from files.
    pub fn is_embedded(&self) -> bool {
        self.format == Manifest::EMBEDDED
    }

    /// Returns the files of both splits, each once.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let test = self.test.files.iter().filter(|file| !self.train.files.contains(file));
        self.train.files.iter().chain(test)
    }

    /// Returns the number of bytes of all samples and labels, as they are held in memory.
    pub fn bytes(&self) -> u64 {
        let value = self.value_bytes();
        let samples = u64::from(self.train.samples) + u64::from(self.test.samples);
        samples.saturating_mul(self.geometry.shape.values().saturating_mul(value).saturating_add(2))
    }

    /// Returns the number of bytes of the IDX files that its content makes.
    pub fn file_bytes(&self) -> u64 {
        let dimensions = match self.geometry.shape {
            Shape::Image { channels: 1, .. } | Shape::Sequence { .. } => 3,
            Shape::Image { .. } => 4,
            Shape::Vector { .. } => 2,
        };
        let headers = 2 * (4 + 4 * dimensions + 4 + 4);
        let samples = u64::from(self.train.samples) + u64::from(self.test.samples);
        let label = if self.geometry.classes <= 256 { 1 } else { 4 };
        let values = self.geometry.shape.values().saturating_mul(self.value_bytes());
        samples.saturating_mul(values.saturating_add(label)).saturating_add(headers)
    }

    /// Returns the number of bytes of a value of a sample.
    fn value_bytes(&self) -> u64 {
        if self.content.keys().any(|name| name.ends_with("-float")) { 4 } else { 1 }
    }

    /// Returns the text of its manifest file.
    pub fn to_toml(&self) -> String {
        let mut text = format!("schema = 1\nname = {}\n", quoted(&self.name));
        for (key, value) in [("description", &self.description), ("licence", &self.licence)] {
            if !value.is_empty() {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        let _ = writeln!(text, "format = {}", quoted(&self.format));
        let _ = match self.geometry.shape {
            Shape::Image { channels, height, width } => {
                writeln!(text, "image = [{channels}, {height}, {width}]")
            }
            Shape::Sequence { steps, features } => writeln!(text, "sequence = [{steps}, {features}]"),
            Shape::Vector { features } => writeln!(text, "sequence = [1, {features}]"),
        };
        let _ = if self.class_names.is_empty() {
            writeln!(text, "classes = {}", self.geometry.classes)
        } else {
            writeln!(text, "classes = [{}]", list(&self.class_names))
        };
        if let Some([height, width]) = self.resize {
            let _ = writeln!(text, "resize = [{height}, {width}]");
        }
        for (key, values) in [("folders", &self.folders), ("mirrors", &self.mirrors)] {
            if !values.is_empty() {
                let _ = writeln!(text, "{key} = [{}]", list(values));
            }
        }
        for (key, split) in [("train", &self.train), ("test", &self.test)] {
            let _ = writeln!(text, "\n[{key}]\nsamples = {}", split.samples);
            if let Some(held_out) = self.held_out.filter(|_| key == "test") {
                let _ = writeln!(text, "fraction = {}\nseed = {}", held_out.fraction, held_out.seed);
            }
            if !split.files.is_empty() {
                let _ = writeln!(text, "files = [");
                for File { path, sha256 } in &split.files {
                    let digest = sha256.as_ref().map(|digest| format!(", sha256 = {}", quoted(digest)));
                    let _ =
                        writeln!(text, "    {{ path = {}{} }},", quoted(path), digest.unwrap_or_default());
                }
                let _ = writeln!(text, "]");
            }
        }
        let _ = writeln!(text, "\n[content]");
        for (name, digest) in &self.content {
            let _ = writeln!(text, "{name} = {}", quoted(digest));
        }
        text
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}
