//! Which networks are looked into, with which weights, and where what is found goes.

use std::path::PathBuf;

use crate::app::options::compute::{WorkerProgram, device};
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::recipe::Device;
use crate::record::WeightsChoice;

/// The record of a trial.
#[derive(Debug, clap::Args)]
pub struct OneRecord {
    /// A record's .json file, or RUN/SUITE/CASE/SEED, of a run with --keep-weights
    pub record: String,
    #[command(flatten)]
    pub options: InspectOptions,
}

/// Which weights of a network are looked into, and where the result goes.
#[derive(Clone, Debug, clap::Args)]
pub struct InspectOptions {
    /// Which of the trial's weights
    #[arg(long, value_enum, default_value = "best")]
    pub weights: WeightsChoice,
    /// A .json, .svg or .png file in place of JSON on stdout
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    pub out: Option<OutputFile>,
    /// Keep it in the run's folder, as inspect/NAME.json: the page of experiments shows what is there
    #[arg(long, value_name = "NAME", value_parser = keep_name)]
    pub keep: Option<String>,
    #[command(flatten)]
    pub results: ResultsFolder,
    #[command(flatten)]
    pub data: DataFolder,
    /// cpu, cuda or cuda:N [default: as the record says]
    #[arg(long, value_parser = device)]
    pub device: Option<Device>,
    #[command(flatten)]
    pub worker: WorkerProgram,
}

/// A file, and what is written to it.
#[derive(Clone, Debug)]
pub struct OutputFile {
    /// Where it is written.
    pub path: PathBuf,
    /// What is written to it.
    pub content: FileContent,
}

/// What is written to a file, as the end of its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// What was found, as JSON.
    Json,
    /// An SVG or PNG picture.
    Picture,
    /// A page in HTML.
    Page,
}

/// Reads the path of a file.
fn output_file(text: &str) -> Result<OutputFile, String> {
    let path = PathBuf::from(text);
    let content = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => FileContent::Json,
        Some("svg" | "png") => FileContent::Picture,
        Some("html") => FileContent::Page,
        _ => return Err("the name must end in .json, .svg or .png (`steps`: .html, too)".to_owned()),
    };
    Ok(OutputFile { path, content })
}

/// Reads a name to keep something under.
fn keep_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.chars().all(is_plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    Err("a name is made of letters, digits, `-`, `_` and `.`, a letter or digit first".to_owned())
}
