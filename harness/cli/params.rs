//! `tchbench params`: a network's layers, shapes and trainable parameters.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::DataFolder;
use crate::app::options::output::OutputOptions;
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::suites;
use crate::recipe::shape::{self, LayerPlan};
use crate::report::{TableFormat, layers, networks};
use crate::suite::Selection;
use crate::suite::case::Case;

/// Show every layer's output shape and trainable parameters
#[derive(Debug, clap::Args)]
#[command(mut_arg("filters", |arg| arg.long("case")))]
#[command(mut_arg("profile", |arg| arg.help("Resolve the suites under this profile")))]
#[command(mut_arg("format", |arg| arg.help("The form; csv holds the layers of all cases")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let patterns = &args.filters.patterns;
    let selection = Selection::new(patterns, None)?;
    let mut tables = Vec::new();
    for suite in
        selection.of(suites::load_all(&args.suites, &args.profile, &DataFolder::default().catalogue())?)
    {
        let planned = suite.cases.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
        tables.extend(suite.cases.iter().zip(&planned).map(|(case, rows)| layers(&suite, case, rows)));
        // A csv file holds one kind of table.
        if !planned.is_empty() && args.output.format != TableFormat::CSV {
            tables.push(networks(&suite, &planned));
        }
    }
    if tables.is_empty() {
        let patterns = patterns.join(" --case ");
        let message = format!("--case {patterns}: no case matches; `tchbench list` shows them");
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    args.output.print(&tables);
    Ok(Exit::Success)
}

/// Returns the layers of a case's network. Those of a suite that was loaded fit together; if they do not, it is a
/// fault of the program.
fn plan(case: &Case) -> Result<Vec<LayerPlan>, Failure> {
    let experiment = &case.experiment;
    shape::plan_of(experiment)
        .map_err(|error| Failure::new(Exit::Internal, format!("{}: {error}", case.name)))
}
