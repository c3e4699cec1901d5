//! `tchbench env`: the machine and what computes.

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::output::OutputOptions;
use crate::escape;
use crate::recipe::Numerics;
use crate::record::Fingerprint;
use crate::report::{TableFormat, kernels, machine};
use crate::runner::{LoadWatch, host};
use crate::terminal::print;

/// Show the machine and the software that go into a record
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form; json is the fingerprint as records hold it")))]
pub(super) struct Args {
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let workers = args.compute.workers()?;
    let numerics = args.compute.numerics().unwrap_or(Numerics::Native);
    let load = LoadWatch::begin();
    let (_, engine) = args.compute.describe(numerics, &workers)?;
    let fingerprint = Fingerprint { host: host(), engine, load: load.end(), commit: None };
    if args.output.format == TableFormat::JSON {
        let json = serde_json::to_string_pretty(&fingerprint);
        print(&(escape::json::text(&json.map_err(|error| Failure::new(Exit::Internal, error))?) + "\n"));
    } else {
        args.output.print(&[machine(&fingerprint), kernels(&fingerprint.engine)]);
    }
    Ok(Exit::Success)
}
