//! `tchbench bisect`: since which commit a case is slower, less accurate, or of other bits.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::app::bisect::{BisectPlan, BuildRecipe, Criterion};
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::folders::DataFolder;
use crate::app::options::method::seconds;
use crate::app::options::output::OutputOptions;
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::options::terms::TermsOptions;
use crate::app::suites;
use crate::report::bisection;

/// Find the first commit since which a case is slower, less accurate, or of other bits: `git bisect`, in a
/// working tree of its own
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/, as it is now; one case of it is tried
    #[arg(required = true, value_name = "SUITE")]
    suite: PathBuf,
    /// A commit that is as it should be
    #[arg(long, value_name = "COMMIT")]
    good: String,
    /// A later commit that is not
    #[arg(long, value_name = "COMMIT")]
    bad: String,
    /// What tells them apart
    #[arg(long, value_enum, default_value = "throughput")]
    by: Criterion,
    /// A folder of the repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repository: PathBuf,
    /// The program that the build leaves, from the top of the working tree
    #[arg(long, value_name = "PATH", default_value = "target/release/tchbench")]
    program: PathBuf,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    /// These seeds in place of the suite's, as in 1,2,5-8
    #[arg(long, value_name = "LIST")]
    seeds: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Time for which two programs are measured in turn, before it is doubled where their ratio is not clear
    #[arg(long, default_value_t = 20.0, value_parser = seconds)]
    seconds: f64,
    #[command(flatten)]
    terms: TermsOptions,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    output: OutputOptions,
    /// The command that builds a commit, called at the top of its working tree; a commit that it fails for is skipped
    #[arg(last = true, required = true, value_name = "BUILD COMMAND")]
    build: Vec<OsString>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let names = [args.suite];
    let seeds = args.seeds.as_deref();
    let suites = suites::select(&names, &args.profile, &args.filters, seeds, &args.data.catalogue())?;
    let plan = BisectPlan {
        folder: args.repository,
        good: args.good,
        bad: args.bad,
        criterion: args.by,
        recipe: BuildRecipe { command: args.build, program: args.program },
        seconds: args.seconds,
        terms: args.terms.terms()?,
    };
    let found = plan.search(suites, &args.compute, &args.data)?;
    args.output.print(&[bisection(&found)]);
    Ok(if found.first_bad.len() == 1 { Exit::Success } else { Exit::Incomplete })
}
