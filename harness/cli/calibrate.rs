//! `tchbench calibrate`: this machine measured against itself.

use std::path::PathBuf;
use std::time::Instant;

use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt};
use crate::app::options::method::Options;
use crate::app::options::terms::{TermsArgs, percent};
use crate::app::progress::bar;
use crate::app::results::RESULTS;
use crate::app::suites::{self, common_numerics};
use crate::app::throughput::first_trials;
use crate::compare::{FEWEST, Noise, Terms, rates};
use crate::recipe::Trial;
use crate::record::{CalibratedCase, Calibration, Fingerprint, Format as Version, Throughput};
use crate::report::{Format, calibration, render, terminal_width};
use crate::runner::{Bench, LoadWatch, Subject, host, measure};
use crate::terminal::{print, tell};

/// Measure this machine against itself, and with a known slowdown put in: what a verdict on throughput is
/// worth here
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(default_value = "smoke", value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    /// One of the suite's profiles
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    method: Options,
    #[command(flatten)]
    terms: TermsArgs,
    /// So often is every case measured as it is, and as often with the slowdown, in turn
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    repeats: u32,
    /// Busy work after every step of the slowed measurements, in percent of the step
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percent)]
    slowdown: f64,
    /// Where the calibration is kept, below `calibration/`
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// No progress
    #[arg(long)]
    quiet: bool,
    /// The form of the table
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let method = args.method.method();
    if method.processes < 2 {
        let message = "--processes: it takes two at least to know how far apart they are";
        return Err(Failure::new(Exit::Usage, message));
    }
    let (launcher, interrupt, began) = (args.compute.launcher()?, interrupt()?, jiff::Timestamp::now());
    let suites = suites::select(&args.suites, args.profile.as_deref(), &args.filters, None)?;
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let (environment, engine) = args.compute.describe(numerics, &launcher, &interrupt)?;
    let datasets = datasets::load(&suites, args.data.clone())?;
    let trials = first_trials(&suites, environment);
    let case = |trial: &Trial| CalibratedCase { trial: trial.clone(), plain: Vec::new(), slowed: Vec::new() };
    let mut found = Calibration {
        format: Version::CURRENT,
        fingerprint: Fingerprint { host: host(), engine: engine.clone(), load: LoadWatch::begin().end() },
        began,
        seconds: 0.0,
        noise_floor: 0.0,
        slowdown: args.slowdown / 100.0,
        cases: trials.iter().map(case).collect(),
    };
    let bench = Bench { launcher: &launcher, engine: &engine, datasets: &datasets, interrupt: &interrupt };
    let wall = Instant::now();
    let turns = u64::from(args.repeats) * 2 * trials.len() as u64;
    let rounds = turns * u64::from(method.processes) * u64::from(method.rounds);
    let bar = bar(rounds, "rounds", args.quiet);
    for repeat in 0..args.repeats {
        for slowdown in [0.0, found.slowdown] {
            let subject = |trial: &Trial| Subject { trial: trial.clone(), attempt: repeat + 1, slowdown };
            let subjects: Vec<Subject> = trials.iter().map(subject).collect();
            let measured = measure(&bench, &subjects, &method, &mut |_| Ok(()), &mut || bar.inc(1))?;
            if measured.interrupted {
                bar.finish_and_clear();
                tell!("interrupted: {repeat} of {} repeats are whole; nothing is kept", args.repeats);
                return Ok(Exit::Interrupted);
            }
            if let Some(failed) = measured.failed.first() {
                let message = format!("{}: {}; leave it out with --filter", failed.trial, failed.fault);
                return Err(Failure::new(Exit::TrialFailed, message));
            }
            for (case, measurement) in found.cases.iter_mut().zip(&measured.measurements) {
                let kept = if slowdown == 0.0 { &mut case.plain } else { &mut case.slowed };
                kept.push(Throughput::of(measurement));
            }
        }
    }
    bar.finish_and_clear();
    found.seconds = wall.elapsed().as_secs_f64();
    let noise = Noise::of(&found.cases)
        .ok_or_else(|| Failure::new(Exit::Internal, "no two measurements of a case can be compared"))?;
    found.noise_floor = noise.largest_floor();
    let terms = Terms { noise, ..args.terms.terms()? };
    let table = calibration(&found, &rates(&found.cases, &terms));
    print(&render(&[table], args.format, terminal_width()));
    if (args.repeats as usize) < FEWEST {
        tell!(
            "not kept: {} repeats tell the noise floors too roughly; {FEWEST} or more are kept",
            args.repeats
        );
        return Ok(Exit::Success);
    }
    tell!("calibration: {}", found.write(&args.results)?.display());
    Ok(Exit::Success)
}
