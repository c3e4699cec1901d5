//! `tchbench ab`: whether one program, or setting, is slower than another.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;

use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{self, Compute, interrupt};
use crate::app::options::method::seconds;
use crate::app::suites::{self, common_numerics};
use crate::app::throughput::first_trials;
use crate::compare::fewest_pairs;
use crate::escape;
use crate::recipe::{Device, Environment, Numerics, Trial};
use crate::record::{self, Format as Version, PairedCase};
use crate::report::{Format, paired, render, terminal_width};
use crate::runner::{Fault, Interrupt, Launcher, Side, SideFault, ab, host};
use crate::terminal::{print, tell};

/// Say whether B is slower than A, measuring both in turn on every case
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The program that is compared with [default: this one]
    #[arg(long, value_name = "PROGRAM")]
    a: Option<PathBuf>,
    /// The program that is compared [default: this one]
    #[arg(long, value_name = "PROGRAM")]
    b: Option<PathBuf>,
    /// A setting of A alone: device, numerics, threads, or slowdown (busy work after every step, as a
    /// fraction of it); may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    a_set: Vec<Setting>,
    /// A setting of B alone
    #[arg(long, value_name = "KEY=VALUE")]
    b_set: Vec<Setting>,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    /// One of the suite's profiles
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Time for a case: as many pairs of processes as fit, at least as many as an interval takes
    #[arg(long, default_value_t = 60.0, value_parser = seconds)]
    seconds: f64,
    /// End with exit code 11 where B is slower in any case
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// Keep all samples in this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Slower,
}

#[derive(Clone, Copy, Debug)]
enum Setting {
    Device(Device),
    Numerics(Numerics),
    Threads(u32),
    Slowdown(f64),
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match key {
            "device" => compute::device(value).map(Setting::Device),
            "numerics" => compute::numerics(value).map(Setting::Numerics),
            "threads" => match value.parse() {
                Ok(threads @ 1..=1024) => Ok(Setting::Threads(threads)),
                _ => Err("give threads from 1 to 1024".to_owned()),
            },
            "slowdown" => match value.parse() {
                Ok(slowdown) if (0.0..=10.0).contains(&slowdown) => Ok(Setting::Slowdown(slowdown)),
                _ => Err("give a slowdown from 0 to 10, as in 0.02 for 2 %".to_owned()),
            },
            _ => Err("give device=, numerics=, threads= or slowdown=".to_owned()),
        }
    }
}

/// A side: its workers, and what was settled for it.
struct Settled {
    option: &'static str,
    launcher: Launcher,
    side: record::Side,
}

impl Settled {
    fn new(
        option: &'static str,
        program: Option<&Path>,
        settings: &[Setting],
        args: &Args,
        (base, interrupt): (Environment, &Interrupt),
    ) -> Result<Self, Failure> {
        if let Some(program) = program.filter(|program| !program.is_file()) {
            let message = format!("{option} {}: no such file; give a tchbench", program.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        let launcher = match program {
            Some(program) => Launcher::new(program.canonicalize().unwrap_or_else(|_| program.to_owned())),
            None => args.compute.launcher()?,
        };
        let (mut environment, mut slowdown) = (base, 0.0);
        for setting in settings {
            match *setting {
                Setting::Device(device) => environment.device = device,
                Setting::Numerics(numerics) => environment.numerics = numerics,
                Setting::Threads(threads) => environment.threads = threads,
                Setting::Slowdown(value) => slowdown = value,
            }
        }
        let environment = environment.canonical();
        let program = program.map_or_else(|| "this program".to_owned(), |path| path.display().to_string());
        let engine = launcher.describe(&environment, interrupt).map_err(|fault| match fault {
            Fault::Interrupted => compute::undescribed(fault, Exit::Usage, option),
            Fault::Reported { .. } => Failure::new(Exit::BadInput, format!("{option} {program}: {fault}")),
            fault => {
                let message = format!("{option} {program}: it does not answer as a tchbench does: {fault}");
                Failure::new(Exit::Usage, message)
            }
        })?;
        let side = record::Side { program, environment, slowdown, engine };
        Ok(Settled { option, launcher, side })
    }

    fn ready<'a>(&'a self, trial: &'a Trial) -> Side<'a> {
        Side { launcher: &self.launcher, trial, slowdown: self.side.slowdown }
    }

    fn failed(&self, trial: &Trial, SideFault { early, fault, .. }: &SideFault) -> String {
        let Settled { option, side, .. } = self;
        let advice = match fault {
            Fault::Ended { .. } | Fault::Misspoke { .. } if *early => {
                "\nif it is of another version, build both of versions that have `tchbench ab`"
            }
            _ => "",
        };
        format!("{}: {option} {}: {fault}{advice}", trial.name(), side.program)
    }
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let (launcher, interrupt, began) = (args.compute.launcher()?, interrupt()?, jiff::Timestamp::now());
    let suites = suites::select(&args.suites, args.profile.as_deref(), &args.filters, None)?;
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let (base, _) = args.compute.describe(numerics, &launcher, &interrupt)?;
    let settle = |option, program: &Option<PathBuf>, settings| {
        Settled::new(option, program.as_deref(), settings, &args, (base, &*interrupt))
    };
    let a = settle("--a", &args.a, &args.a_set)?;
    let b = settle("--b", &args.b, &args.b_set)?;
    let datasets = datasets::load(&suites, args.data.clone())?;
    let mut kept = record::Paired {
        format: Version::CURRENT,
        a: a.side.clone(),
        b: b.side.clone(),
        cases: Vec::new(),
        host: host(),
        began,
    };
    let mut failures = Vec::new();
    let (trials_a, trials_b) =
        (first_trials(&suites, a.side.environment), first_trials(&suites, b.side.environment));
    let limit = (Duration::from_secs_f64(args.seconds), fewest_pairs(trials_a.len()));
    for (trial_a, trial_b) in trials_a.iter().zip(&trials_b) {
        let progress = Progress::new(trial_a, args.quiet);
        let (ready_a, ready_b) = (a.ready(trial_a), b.ready(trial_b));
        match ab(ready_a, ready_b, limit, &datasets, &interrupt, &mut || progress.tick())? {
            Ok(pairs) => {
                let Trial { suite, case, seed, .. } = trial_a;
                let (suite, case) = (suite.clone(), case.clone());
                kept.cases.push(PairedCase { suite, case, seed: *seed, pairs });
                if let Some(out) = &args.out {
                    record::write(out, &kept)?;
                }
            }
            Err(SideFault { fault: Fault::Interrupted, .. }) => break,
            Err(fault) => failures.push(if fault.is_b { &b } else { &a }.failed(trial_a, &fault)),
        }
    }
    let (table, any_slower) = paired(&kept, trials_a.len());
    print(&render(&[table], args.format, terminal_width()));
    for failure in &failures {
        tell!("error: {failure}");
    }
    Ok(match () {
        () if interrupt.is_requested() => Exit::Interrupted,
        () if !failures.is_empty() => Exit::TrialFailed,
        () if any_slower && args.fail_on.is_some() => Exit::ThroughputRegressed,
        () => Exit::Success,
    })
}

/// A spinner where stderr is a terminal.
struct Progress(indicatif::ProgressBar);

impl Progress {
    fn new(trial: &Trial, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let bar = match shown {
            true => indicatif::ProgressBar::new_spinner(),
            false => indicatif::ProgressBar::hidden(),
        };
        bar.set_message(escape::terminal::line(&format!("{}/{}", trial.suite, trial.case)));
        Progress(bar)
    }

    fn tick(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
