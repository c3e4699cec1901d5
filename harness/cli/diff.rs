//! `tchbench diff`: whether a run is worse than its baseline.

use std::path::{Path, PathBuf};

use crate::app::baselines::{BASELINES, of_run};
use crate::app::confirm::{self, confirm};
use crate::app::exit::{Exit, Failure};
use crate::app::options::policy::Policy;
use crate::app::options::terms::TermsArgs;
use crate::app::records;
use crate::app::results::RESULTS;
use crate::compare::{self, CaseFinding};
use crate::record::{Baseline, read};
use crate::report::{self, render, terminal_width};
use crate::terminal::print;

/// Say case by case whether a run's accuracy or throughput is worse than a baseline's
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run by name or path, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// A baseline's file, or another run [default: that of each suite and the run's class of devices]
    #[arg(long, value_name = "FILE|RUN")]
    baseline: Option<String>,
    /// Where baselines are
    #[arg(long, value_name = "DIR", default_value = BASELINES)]
    baselines: PathBuf,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    policy: Policy,
    #[command(flatten)]
    confirm: confirm::Args,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Aligned, for a terminal.
    Text,
    /// For a README.
    Markdown,
    /// An array of tables, with full values.
    Json,
    /// JUnit XML, for continuous integration.
    Junit,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let folder = records::folder(&args.results, &args.run)?;
    let found = of_run(&folder)?;
    let Some(first) = found.first() else {
        let path = folder.path().display();
        return Err(Failure::new(Exit::NothingSelected, format!("{path}: the run holds no suite")));
    };
    let terms = args.terms.on(&args.results, first)?;
    let compared = |found: &[Baseline]| -> Result<Vec<CaseFinding>, Failure> {
        let pair = |new: &Baseline| Ok((baseline(&args, new)?, new.clone()));
        let pairs = found.iter().map(pair).collect::<Result<Vec<_>, Failure>>()?;
        Ok(compare::diff(&pairs, &terms))
    };
    let mut findings = compared(&found)?;
    let confirmation = confirm(&args.confirm, &folder, &findings);
    if confirmation.measured {
        findings = compared(&of_run(&folder)?)?;
    }
    let tables = || report::diff(&findings, &terms);
    print(&match args.format {
        Form::Text => render(&tables(), report::Format::Text, terminal_width()),
        Form::Markdown => render(&tables(), report::Format::Markdown, None),
        Form::Json => render(&tables(), report::Format::Json, None),
        Form::Junit => report::junit(&findings, |what, finding| args.policy.fails(what, finding)),
    });
    Ok(match confirmation.interrupted {
        true => Exit::Interrupted,
        false => args.policy.exit(&findings),
    })
}

/// What a suite of the run is compared with.
fn baseline(args: &Args, new: &Baseline) -> Result<Baseline, Failure> {
    let suite = &new.suite;
    let Some(given) = &args.baseline else {
        let path = Baseline::path(&args.baselines, suite, &new.class);
        return read(&path).map_err(|error| match error.is_absence() {
            true => Failure::new(
                Exit::BadInput,
                format!(
                    "no baseline for suite `{suite}` on {}: {} does not exist; accept a run with `tchbench \
                     baseline save`, or compare two runs with --baseline RUN",
                    new.class,
                    path.display()
                ),
            ),
            false => error.into(),
        });
    };
    let candidates = match Path::new(given).is_file() {
        true => vec![read(Path::new(given))?],
        false => of_run(&records::folder(&args.results, given)?)?,
    };
    candidates.into_iter().find(|baseline| baseline.suite == *suite).ok_or_else(|| {
        Failure::new(
            Exit::BadInput,
            format!("--baseline {given}: it holds no suite `{suite}`, but the run does"),
        )
    })
}
