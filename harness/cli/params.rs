//! `tchbench params`: a network's layers, shapes and trainable parameters.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::suites;
use crate::recipe::shape::{self, CLASSES, LayerPlan, Shape};
use crate::report::{Format, layers, networks, render, terminal_width};
use crate::suite::Selection;
use crate::suite::case::Case;
use crate::terminal::print;

/// Show every layer's output shape and trainable parameters
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(value_name = "SUITE", required = true)]
    suites: Vec<PathBuf>,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long, value_name = "PATTERN")]
    case: Vec<String>,
    /// Resolve the suites under this profile
    #[arg(long)]
    profile: Option<String>,
    /// The form; csv holds the layers of all cases
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.case, None)?;
    let mut tables = Vec::new();
    for suite in selection.of(suites::load_all(&args.suites, args.profile.as_deref())?) {
        let planned = suite.cases.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
        tables.extend(suite.cases.iter().zip(&planned).map(|(case, rows)| layers(&suite, case, rows)));
        // A csv file holds one kind of table.
        if !planned.is_empty() && args.format != Format::Csv {
            tables.push(networks(&suite, &planned));
        }
    }
    if tables.is_empty() {
        return Err(Failure::new(
            Exit::NothingSelected,
            format!("--case {}: no case matches; `tchbench list` shows them", args.case.join(" --case ")),
        ));
    }
    print(&render(&tables, args.format, terminal_width()));
    Ok(Exit::Success)
}

/// A loaded suite's layers fit together; that they do not is a fault of the program.
fn plan(case: &Case) -> Result<Vec<LayerPlan>, Failure> {
    let experiment = &case.experiment;
    let input = Shape::of_input(&experiment.data);
    shape::plan(&experiment.layers, experiment.convention, input, CLASSES)
        .map_err(|error| Failure::new(Exit::Internal, format!("{}: {error}", case.name)))
}
