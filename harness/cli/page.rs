//! `tchbench page`: the page of experiments, from records and suites.

use std::path::{Path, PathBuf};

use super::records::Runs;
use super::run::RESULTS;
use super::{Ended, Exit, Failure};
use crate::record::write_bytes;
use crate::report;
use crate::suite::load_all;

/// Write the page of experiments and its pictures, from the records of runs and the suites' texts
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// The page; its pictures go into a folder of its name beside it
    #[arg(long, value_name = "FILE", default_value = "docs/experiments.md")]
    out: PathBuf,
    /// The folder of the suites whose texts, tables and figures it shows
    #[arg(long, value_name = "DIR", default_value = "suites")]
    suites: PathBuf,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
}

pub(super) fn execute(args: Args) -> Ended {
    let Some(folder) = args.out.file_stem().filter(|_| args.out.extension().is_some_and(|end| end == "md"))
    else {
        let message = format!("--out {}: the page's name ends in .md", args.out.display());
        return Err(Failure::new(Exit::Usage, message));
    };
    let profiles = load_all(&args.suites)?;
    let suites: Vec<_> = profiles.into_iter().filter_map(|suites| suites.into_iter().next()).collect();
    let found = Runs::read(&args.results, &args.runs)?;
    let page = report::page(&suites, &found.runs, &found.records, &folder.to_string_lossy());
    let beside = args.out.parent().unwrap_or(Path::new("")).join(folder);
    for (name, chart) in &page.pictures {
        write_bytes(&beside.join(name), chart.svg().as_bytes())?;
    }
    write_bytes(&args.out, page.text.as_bytes())?;
    eprintln!("{}, and {} pictures in {}", args.out.display(), page.pictures.len(), beside.display());
    Ok(if found.is_whole() { Exit::Success } else { Exit::BadInput })
}
