//! Datasets as a user sees them: listed, verified, downloaded.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::exit::{Exit, Failure};
use crate::data::catalogue::{self, Catalogue, Manifest};
use crate::data::{self, Roots};
use crate::escape;
use crate::recipe::shape::Shape;
use crate::terminal::{print, tell};

/// The form of the list of datasets.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum DatasetListFormat {
    #[default]
    Text,
    Json,
}

/// What is listed of a dataset.
#[derive(Serialize)]
struct DatasetListing {
    name: String,
    format: String,
    classes: u32,
    shape: Shape,
    train: u32,
    test: u32,
    /// The size of all files, uncompressed.
    bytes: u64,
    embedded: bool,
    /// The folder it is in; `None` if it is embedded or not found.
    found: Option<PathBuf>,
    verified: bool,
    /// Why it is not verified.
    problem: Option<String>,
    /// SHA-256 of the uncompressed files.
    digests: std::collections::BTreeMap<String, String>,
}

impl DatasetListing {
    fn new(manifest: &Manifest, roots: &Roots) -> Self {
        let problem = data::load_manifest(manifest, roots).err();
        DatasetListing {
            name: manifest.name.clone(),
            format: manifest.format.clone(),
            classes: manifest.geometry.classes,
            shape: manifest.geometry.shape,
            train: manifest.train.samples,
            test: manifest.test.samples,
            bytes: manifest.file_bytes(),
            embedded: manifest.is_embedded(),
            found: if manifest.is_embedded() {
                None
            } else {
                roots.find(manifest).ok().map(|found| found.folder)
            },
            verified: problem.is_none(),
            problem: problem.map(|problem| problem.to_string()),
            digests: manifest.content.clone(),
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

/// Prints every dataset, where it is and whether it is sound, and returns the exit code.
///
/// # Errors
/// Fails if the list cannot be written as JSON.
pub fn list(roots: &Roots, format: DatasetListFormat) -> Result<Exit, Failure> {
    let catalogue = catalogue::discover(roots);
    let listed: Vec<DatasetListing> =
        catalogue.all().map(|manifest| DatasetListing::new(manifest, roots)).collect();
    match format {
        DatasetListFormat::Json => {
            let text =
                serde_json::to_string_pretty(&listed).map_err(|error| Failure::new(Exit::Internal, error))?;
            print(&format!("{}\n", escape::json::text(&text)));
        }
        DatasetListFormat::Text => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            table.set_header(["dataset", "train", "test", "sample", "classes", "MB", "found", "verified"]);
            for entry in &listed {
                table.add_row([
                    entry.name.clone(),
                    entry.train.to_string(),
                    entry.test.to_string(),
                    entry.shape.to_string(),
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

/// Verifies the files of datasets, or of all that are found where none is named, and returns the exit code.
///
/// # Errors
/// Fails if there is no dataset of a name.
pub fn verify(roots: &Roots, names: &[String]) -> Result<Exit, Failure> {
    let catalogue = catalogue::discover(roots);
    let named = all_named(&catalogue, names)?;
    let found = catalogue.all().filter(|entry| entry.is_embedded() || roots.find(entry).is_ok());
    let entries = if named.is_empty() { found.collect() } else { named };
    let mut exit = Exit::Success;
    for entry in entries {
        match data::load_manifest(entry, roots) {
            Ok(_) => print(&format!("{}: verified, {} files\n", entry.name, entry.content.len())),
            Err(error) => {
                print(&format!("{}: not verified\n", entry.name));
                tell!("error: {error}");
                exit = Failure::from(error).exit;
            }
        }
    }
    Ok(exit)
}

/// Downloads datasets into the folder `to`, or into the one that is searched first, and prints where they are.
/// Returns the exit code.
///
/// # Errors
/// Fails if there is no dataset of a name, or if one cannot be downloaded or kept.
pub fn fetch(roots: &Roots, names: &[String], to: Option<&Path>) -> Result<Exit, Failure> {
    let root = match to {
        Some(folder) => folder,
        None => roots.first()?,
    };
    let catalogue = catalogue::discover(roots);
    for entry in all_named(&catalogue, names)? {
        let folder = root.join(&entry.name);
        let downloaded = data::fetch::fetch(entry, &entry.mirrors, &folder, &progress_bar())?;
        let kept = entry.files().count() as u32 - downloaded;
        tell!("{}: {downloaded} files downloaded, {kept} kept, all verified", entry.name);
        print(&format!("{}\n", folder.display()));
    }
    Ok(Exit::Success)
}

fn all_named<'c>(catalogue: &'c Catalogue, names: &[String]) -> Result<Vec<&'c Arc<Manifest>>, data::Error> {
    names.iter().map(|name| catalogue::require(catalogue, name)).collect()
}

/// Drawn on stderr where that is a terminal, and nowhere else.
fn progress_bar() -> ProgressBar {
    let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
