//! `tchbench data`: which datasets there are, whether they are sound, downloads, pictures.

use std::path::PathBuf;

use clap::Subcommand;

use crate::app::adding::AddOptions;
use crate::app::catalogue;
use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::DataFolder;
use crate::app::preview::PreviewOptions;

/// Datasets: add, list, verify, fetch, preview.
#[derive(Debug, clap::Args)]
#[command(mut_arg("data", |arg| arg
    .global(true)
    .help("Look here first for `<DIR>/<dataset>/`, before TCHBENCH_DATA and the user's cache folder")))]
pub(super) struct Args {
    #[command(subcommand)]
    verb: DatasetVerb,
    #[command(flatten)]
    data: DataFolder,
}

#[derive(Debug, Subcommand)]
enum DatasetVerb {
    /// Every dataset: its size, where it was found, whether its content is the published one.
    List {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: catalogue::DatasetListFormat,
    },
    /// Verify the SHA-256 of the uncompressed files of datasets.
    Verify {
        /// Which; without a name, all that are found.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Add a dataset of your own: verify its files and write its manifest.
    Add(AddOptions),
    /// Download datasets; what is there already and sound is kept.
    Fetch {
        /// The names of the datasets that are downloaded.
        #[arg(help = "Which", value_name = "NAME", required = true)]
        names: Vec<String>,
        /// Download to `<DIR>/<dataset>/` [default: the folder that is searched first].
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Write a contact sheet of a dataset as a PNG file; with transforms, before and after them.
    Preview(PreviewOptions),
}

impl Args {
    pub(super) fn execute(self) -> Result<Exit, Failure> {
        let roots = self.data.roots();
        match self.verb {
            DatasetVerb::List { format } => catalogue::list(&roots, format),
            DatasetVerb::Verify { names } => catalogue::verify(&roots, &names),
            DatasetVerb::Add(options) => options.add(),
            DatasetVerb::Fetch { names, to } => catalogue::fetch(&roots, &names, to.as_deref()),
            DatasetVerb::Preview(options) => options.write(&roots),
        }
    }
}
