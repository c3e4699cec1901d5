//! Adds datasets of a user's own.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::options::sides::sides;
use crate::data::add::{Described, add};
use crate::data::formats::{self, SampleSource};
use crate::data::{self, DATASETS, Dataset, catalogue, memory};
use crate::files;
use crate::recipe::Name;
use crate::recipe::datasets::{HeldOut, Manifest, canonical_name};
use crate::recipe::shape::{LARGEST, Shape};
use crate::record::write_bytes;
use crate::terminal::{print, tell};

/// A dataset of a user's own: its files, and what they do not say.
#[derive(Debug, clap::Args)]
pub struct AddOptions {
    /// What suites will call it
    #[arg(value_name = "NAME")]
    name: Name,
    /// The files or the folder of the training samples (IDX: the samples, then their labels)
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    train: Vec<PathBuf>,
    /// The files or the folder of the test samples
    #[arg(long, value_name = "PATH", num_args = 1..)]
    test: Vec<PathBuf>,
    /// The format: idx, npz, image-folder, cifar or csv [default: told by the content]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// A file with the name of each class, one a line
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// The shape of an image where the files do not say it, as in 28x28 or 3x32x32
    #[arg(long, value_name = "SHAPE", value_parser = image, conflicts_with = "sequence")]
    image: Option<Shape>,
    /// The steps and features of a sequence where the files do not say them, as in 29x12
    #[arg(long, value_name = "SHAPE", value_parser = sequence)]
    sequence: Option<Shape>,
    /// Resize images to this height and width, as in 32x32
    #[arg(long, value_name = "SIZE", value_parser = size)]
    resize: Option<[u32; 2]>,
    /// Hold out this part of the training samples to test on
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    test_fraction: Option<f64>,
    /// The seed by which they are chosen
    #[arg(long, value_name = "SEED", default_value_t = 0, requires = "test_fraction")]
    test_seed: u64,
    /// What it is, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// Under which terms it may be used
    #[arg(long, value_name = "TEXT", default_value = "")]
    licence: String,
    /// A URL, ending in /, below which its files can be downloaded; may be repeated
    #[arg(long = "mirror", value_name = "URL", value_parser = mirror)]
    mirrors: Vec<String>,
    /// The folder of its manifest
    #[arg(long, value_name = "DIR", default_value = DATASETS)]
    to: PathBuf,
}

impl AddOptions {
    /// Reads and verifies the files, writes the manifest, prints its path, and returns the exit code.
    ///
    /// # Errors
    /// Fails if there is a dataset of this name, if the files are no dataset, or if the manifest cannot be written.
    pub fn add(self) -> Result<Exit, Failure> {
        let path = self.to.join(format!("{}.toml", self.name));
        if catalogue::is_built_in(&self.name) {
            let message =
                format!("`{}` is a dataset that tchbench knows; give yours another name", self.name);
            return Err(Failure::new(Exit::Usage, message));
        }
        if path.exists() {
            let message = format!("{}: is there already; remove it, or give another name", path.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        let class_names = self.classes.as_deref().map(names).transpose()?;
        let format = self.format.as_deref().map(formats::require).transpose();
        let format = format.map_err(|error| Failure::new(Exit::Usage, format!("--format: {error}")))?;
        let source = SampleSource {
            train: self.train,
            test: self.test,
            shape: self.image.or(self.sequence),
            resize: self.resize,
            most_bytes: memory::half(),
        };
        let described = Described {
            name: self.name.to_string(),
            description: self.description,
            licence: self.licence,
            mirrors: self.mirrors,
            format,
            class_names,
            held_out: self.test_fraction.map(|fraction| HeldOut { fraction, seed: self.test_seed }),
            place: self.to,
        };
        let (manifest, dataset) = add(&source, described)?;
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))
            .map_err(|source| data::Error::Write { path: path.clone(), source })?;
        write_bytes(&path, manifest.to_toml().as_bytes())?;
        tell!("{}", summary(&manifest, &dataset));
        print(&format!("{}\n", path.display()));
        Ok(Exit::Success)
    }
}

/// Returns what was found, in a line or two.
fn summary(manifest: &Manifest, dataset: &Dataset) -> String {
    let mut counts = vec![0u32; dataset.classes as usize];
    dataset.train.labels.as_slice().iter().for_each(|&label| counts[usize::from(label)] += 1);
    let least = counts.iter().min().copied().unwrap_or_default();
    let most = counts.iter().max().copied().unwrap_or_default();
    let what = if dataset.train.shape.is_image() { "an image" } else { "a sequence" };
    let same = canonical_name("", &manifest.content);
    let same = if same.is_empty() { String::new() } else { format!("\nIts content is that of `{same}`.") };
    format!(
        "{}: {} training and {} test samples, each {what} of {}; {} classes with {least} to {most} training \
         samples; format {}{same}",
        manifest.name,
        dataset.train.len(),
        dataset.test.len(),
        dataset.train.shape,
        dataset.classes,
        manifest.format,
    )
}

/// Reads the name of each class, one a line.
fn names(path: &Path) -> Result<Vec<String>, Failure> {
    let text = files::read_text(path, files::SUITE)
        .map_err(|source| data::Error::Read { path: path.to_owned(), source })?;
    let names: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match (1..names.len()).find(|&index| names[..index].contains(&names[index])) {
        Some(index) => {
            let message = format!(
                "{}: `{}` names two classes; give each a name of its own",
                path.display(),
                names[index]
            );
            Err(Failure::new(Exit::BadInput, message))
        }
        None => Ok(names),
    }
}

fn image(text: &str) -> Result<Shape, String> {
    match (sides(text), sides(text)) {
        (Some([height, width]), _) => within(Shape::Image { channels: 1, height, width }),
        (_, Some([channels, height, width])) => within(Shape::Image { channels, height, width }),
        _ => Err("write height and width, as in 28x28, or channels before them, as in 3x32x32".to_owned()),
    }
}

fn sequence(text: &str) -> Result<Shape, String> {
    match sides(text) {
        Some([steps, features]) => within(Shape::Sequence { steps, features }),
        _ => Err("write steps and features, as in 29x12".to_owned()),
    }
}

fn within(shape: Shape) -> Result<Shape, String> {
    if (1..=LARGEST).contains(&shape.values()) {
        return Ok(shape);
    }
    Err(format!("{shape} are {} values; a sample has from 1 to {LARGEST}", shape.values()))
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let size = sides(text).filter(|sides: &[u32; 2]| sides.iter().all(|side| (1..=1024).contains(side)));
    size.ok_or_else(|| "write height and width from 1 to 1024, as in 32x32".to_owned())
}

fn mirror(text: &str) -> Result<String, String> {
    let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url && text.ends_with('/') {
        return Ok(text.to_owned());
    }
    Err("write a URL that begins with http:// or https:// and ends with /".to_owned())
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(fraction) if 0.0 < fraction && fraction < 1.0 => Ok(fraction),
        _ => Err("write a fraction above 0 and below 1, as in 0.2".to_owned()),
    }
}
