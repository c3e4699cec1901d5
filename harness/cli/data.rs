//! `tchbench data`: which datasets there are, whether they are sound, downloads, pictures.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::app::exit::{Exit, Failure};
use crate::data::catalogue::{self, Entry};
use crate::data::{self, Roots, fetch, preview};
use crate::escape;
use crate::recipe::{Augmentation, DataPlan, PixelNoise, When};
use crate::terminal::{print, tell};

/// Datasets: list, verify, fetch, preview.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// Look here first for `<DIR>/<dataset>/`, before TCHBENCH_DATA and the user's cache folder.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every dataset: its size, where it was found, whether its content is the published one.
    List {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Verify the SHA-256 of the uncompressed files of datasets.
    Verify {
        /// Which; without a name, all that are found.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Download datasets; what is there already and sound is kept.
    Fetch {
        /// Which.
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
        /// Download to `<DIR>/<dataset>/` [default: the folder that is searched first].
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Write a contact sheet of a dataset as a PNG file; with transforms, before and after them.
    Preview(Preview),
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Debug, clap::Args)]
struct Preview {
    /// Which dataset.
    name: String,
    /// Where to write it [default: <NAME>.png].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// From which split.
    #[arg(long, value_parser = ["train", "test"], default_value = "train")]
    split: String,
    /// About how many images, equally many of each class.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Decides which images, and what is drawn for their transforms.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Shift by up to this fraction of height and width.
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = within::<0, 1>)]
    shift: f64,
    /// Rotate by up to so many degrees.
    #[arg(long, value_name = "D", default_value_t = 0.0, value_parser = within::<0, 180>)]
    rotate: f64,
    /// Mirror left and right with probability one half.
    #[arg(long)]
    flip: bool,
    /// Resize, bilinear.
    #[arg(long, value_name = "HxW", value_parser = height_and_width)]
    resize: Option<[u32; 2]>,
    /// Add Gaussian noise of this standard deviation.
    #[arg(long, value_name = "STD", default_value_t = 0.0, value_parser = within::<0, 100>)]
    noise: f64,
    /// Pixels greater than this become 1, others 0.
    #[arg(long, value_name = "T", value_parser = within::<0, 1>)]
    binarize: Option<f64>,
}

fn within<const LOW: i32, const HIGH: i32>(text: &str) -> Result<f64, String> {
    let range = f64::from(LOW)..=f64::from(HIGH);
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| format!("must be a number from {LOW} to {HIGH}"))
}

fn height_and_width(text: &str) -> Result<[u32; 2], String> {
    let sides =
        text.split_once('x').and_then(|(height, width)| Some([height.parse().ok()?, width.parse().ok()?]));
    sides.ok_or_else(|| "must be height and width, as in 14x14".to_owned())
}

impl Args {
    /// Does what was asked.
    pub fn execute(self) -> Result<Exit, Failure> {
        let roots = Roots::from_environment(self.data);
        match self.verb {
            Verb::List { format } => list(&roots, format),
            Verb::Verify { names } => verify(&roots, &names),
            Verb::Fetch { names, to } => fetch_all(&roots, &names, to),
            Verb::Preview(preview) => preview.write(&roots),
        }
    }
}

/// What `data list` says of a dataset.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    classes: u32,
    shape: [u32; 2],
    train: u32,
    test: u32,
    /// Of all files, uncompressed.
    bytes: u64,
    embedded: bool,
    /// The folder it is in; none where it is embedded or not found.
    found: Option<PathBuf>,
    verified: bool,
    /// Why it is not verified.
    problem: Option<String>,
    /// SHA-256 of the uncompressed files.
    digests: std::collections::BTreeMap<String, String>,
}

impl Listed {
    fn new(entry: &'static Entry, roots: &Roots) -> Self {
        let problem = data::load(entry.name, roots).err();
        Listed {
            name: entry.name,
            classes: entry.classes,
            shape: entry.shape,
            train: entry.train,
            test: entry.test,
            bytes: entry.bytes(),
            embedded: entry.is_embedded(),
            found: if entry.is_embedded() { None } else { roots.find(entry).ok() },
            verified: problem.is_none(),
            problem: problem.map(|problem| problem.to_string()),
            digests: entry.digests(),
        }
    }

    fn place(&self) -> String {
        match &self.found {
            Some(folder) => folder.display().to_string(),
            None if self.embedded => "embedded".to_owned(),
            None => "not found".to_owned(),
        }
    }

    fn state(&self) -> &'static str {
        match (self.verified, self.embedded || self.found.is_some()) {
            (true, _) => "yes",
            (false, true) => "BAD",
            (false, false) => "-",
        }
    }
}

fn list(roots: &Roots, format: Format) -> Result<Exit, Failure> {
    let listed = catalogue::ALL.each_ref().map(|entry| Listed::new(entry, roots));
    match format {
        Format::Json => {
            let text =
                serde_json::to_string_pretty(&listed).map_err(|error| Failure::new(Exit::Internal, error))?;
            print(&format!("{}\n", escape::json::text(&text)));
        }
        Format::Text => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            table.set_header(["dataset", "train", "test", "image", "classes", "MB", "found", "verified"]);
            for entry in &listed {
                table.add_row([
                    entry.name.to_owned(),
                    entry.train.to_string(),
                    entry.test.to_string(),
                    format!("{}x{}", entry.shape[0], entry.shape[1]),
                    entry.classes.to_string(),
                    format!("{:.1}", entry.bytes as f64 / 1e6),
                    escape::terminal::line(&entry.place()),
                    entry.state().to_owned(),
                ]);
            }
            for index in [1, 2, 4, 5] {
                if let Some(column) = table.column_mut(index) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            print(&(table.trim_fmt() + "\n"));
            listed.iter().filter(|entry| entry.state() == "BAD").for_each(|entry| {
                tell!("{}: {}", entry.name, entry.problem.as_deref().unwrap_or_default());
            });
            if listed.iter().any(|entry| entry.state() == "-") {
                tell!("get what is not found with `tchbench data fetch NAME`");
            }
        }
    }
    Ok(Exit::Success)
}

fn verify(roots: &Roots, names: &[String]) -> Result<Exit, Failure> {
    let named = names.iter().map(|name| catalogue::require(name)).collect::<Result<Vec<_>, _>>()?;
    let found = catalogue::ALL.iter().filter(|entry| entry.is_embedded() || roots.find(entry).is_ok());
    let entries = if named.is_empty() { found.collect() } else { named };
    let mut exit = Exit::Success;
    for entry in entries {
        match data::load(entry.name, roots) {
            Ok(_) => print(&format!("{}: verified, {} files\n", entry.name, entry.files.len())),
            Err(error) => {
                print(&format!("{}: not verified\n", entry.name));
                tell!("error: {error}");
                exit = Failure::from(error).exit;
            }
        }
    }
    Ok(exit)
}

fn fetch_all(roots: &Roots, names: &[String], to: Option<PathBuf>) -> Result<Exit, Failure> {
    let root = match &to {
        Some(folder) => folder,
        None => roots.first()?,
    };
    let entries = names.iter().map(|name| catalogue::require(name)).collect::<Result<Vec<_>, _>>()?;
    for entry in entries {
        let folder = root.join(entry.name);
        let downloaded = fetch::fetch(entry, entry.mirrors, &folder, &progress_bar())?;
        let kept = entry.files.len() as u32 - downloaded;
        tell!("{}: {downloaded} files downloaded, {kept} kept, all verified", entry.name);
        print(&format!("{}\n", folder.display()));
    }
    Ok(Exit::Success)
}

/// Drawn on stderr where that is a terminal, and nowhere else.
fn progress_bar() -> ProgressBar {
    let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

impl Preview {
    fn plan(&self) -> Option<DataPlan> {
        let augmented = self.shift > 0.0 || self.rotate > 0.0 || self.flip;
        let plan = DataPlan {
            dataset: self.name.clone(),
            validation: None,
            train_samples: None,
            test_samples: None,
            label_noise: 0.0,
            augmentation: augmented.then_some(Augmentation {
                when: When::Once,
                shift: self.shift,
                rotate: self.rotate,
                flip: self.flip,
            }),
            resize: self.resize,
            pixel_noise: (self.noise > 0.0).then_some(PixelNoise {
                when: When::Once,
                mean: 0.0,
                std: self.noise,
            }),
            binarize: self.binarize,
            normalize: None,
        };
        let transforms = plan.augmentation.is_some()
            || plan.resize.is_some()
            || plan.pixel_noise.is_some()
            || plan.binarize.is_some();
        transforms.then_some(plan)
    }

    fn write(&self, roots: &Roots) -> Result<Exit, Failure> {
        let dataset = data::load(&self.name, roots)?;
        let split = if self.split == "test" { &dataset.test } else { &dataset.train };
        let plan = self.plan();
        let picture = preview::sheet(split, dataset.classes, self.count as usize, plan.as_ref(), self.seed)?;
        let path = self.out.clone().unwrap_or_else(|| format!("{}.png", self.name).into());
        picture.write(&path)?;
        print(&format!("{}\n", path.display()));
        Ok(Exit::Success)
    }
}
