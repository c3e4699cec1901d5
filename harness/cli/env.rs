//! `tchbench env`: the machine and what computes.

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt};
use crate::escape;
use crate::recipe::Numerics;
use crate::record::Fingerprint;
use crate::report::{Format, kernels, machine, render, terminal_width};
use crate::runner::{LoadWatch, host};
use crate::terminal::print;

/// Show the machine and the software that go into a record
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    compute: Compute,
    /// The form; json is the fingerprint as records hold it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let launcher = args.compute.launcher()?;
    let numerics = args.compute.numerics().unwrap_or(Numerics::Native);
    let load = LoadWatch::begin();
    let (_, engine) = args.compute.describe(numerics, &launcher, &*interrupt()?)?;
    let fingerprint = Fingerprint { host: host(), engine, load: load.end() };
    let text = match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&fingerprint);
            escape::json::text(&json.map_err(|error| Failure::new(Exit::Internal, error))?) + "\n"
        }
        format => render(&[machine(&fingerprint), kernels(&fingerprint.engine)], format, terminal_width()),
    };
    print(&text);
    Ok(Exit::Success)
}
