//! `tchbench baseline`: which results are accepted as the state to compare with.

use clap::Subcommand;

use crate::app::baselines::{Store, whole};
use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::{BaselinesFolder, ResultsFolder};
use crate::app::options::output::OutputOptions;
use crate::app::options::terms::TermsOptions;
use crate::app::runs::folder;
use crate::recipe::Name;

/// Accept results as the state that later runs are compared with
#[derive(Debug, clap::Args)]
#[command(mut_arg("baselines", |arg| arg.global(true)))]
#[command(mut_arg("results", |arg| arg.global(true)))]
pub(super) struct Args {
    #[command(subcommand)]
    verb: BaselineVerb,
    #[command(flatten)]
    baselines: BaselinesFolder,
    #[command(flatten)]
    results: ResultsFolder,
}

#[derive(Debug, Subcommand)]
enum BaselineVerb {
    /// Make a run the baseline of its suites and its class of devices
    Save {
        /// A run by name or path, or `latest`
        run: String,
        /// The class of devices [default: `cpu-native`, `cpu-portable`, or the CUDA device's name]
        #[arg(long, value_name = "NAME")]
        class: Option<Name>,
        /// Also over another baseline
        #[arg(long)]
        force: bool,
    },
    /// Lists each baseline with its suite and class of devices.
    #[command(about = "List all baselines")]
    List {
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Show what baselines hold
    Show {
        /// The suite whose baselines are shown.
        #[arg(help = "Only this suite's")]
        suite: Option<String>,
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Put a run in the place of the baselines of its suites, unless it is worse
    Promote {
        /// A run by name or path, or `latest`
        run: String,
        #[command(flatten)]
        terms: TermsOptions,
        /// Even where it is worse, or holds less
        #[arg(long)]
        force: bool,
    },
}

impl Args {
    pub(super) fn execute(self) -> Result<Exit, Failure> {
        let store = Store::new(self.baselines);
        let results = &self.results.folder;
        match self.verb {
            BaselineVerb::Save { run, class, force } => {
                let mut found = whole(&folder(results, &run)?)?;
                for baseline in &mut found {
                    baseline.class = class.clone().unwrap_or_else(|| baseline.class.clone());
                }
                store.save(&found, force)
            }
            BaselineVerb::List { output } => store.list(output),
            BaselineVerb::Show { suite, output } => store.show(suite.as_deref(), output),
            BaselineVerb::Promote { run, terms, force } => {
                let found = whole(&folder(results, &run)?)?;
                store.promote(results, &found, &terms, force)
            }
        }
    }
}
