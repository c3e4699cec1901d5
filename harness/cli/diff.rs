//! `tchbench diff`: whether a run is worse than its baseline.

use std::path::{Path, PathBuf};

use super::confirm::{self, confirm};
use super::records;
use super::run::RESULTS;
use super::{Ended, Exit, Failure};
use crate::compare::{self, Across, CaseFinding, Noise, Terms, Verdict};
use crate::record::{Baseline, Calibration, Folder, read};
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

/// Where baselines are, if nothing else is said.
pub(super) const BASELINES: &str = "baselines";

/// What fails.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Policy {
    /// Exit with 13 where a case does not have the baseline's bits
    #[arg(long)]
    require_identical: bool,
    /// What fails, in the order of the exit codes 10 to 12, 5, 20, 21, 22
    #[arg(
        long,
        value_name = "LIST",
        value_enum,
        value_delimiter = ',',
        default_value = "regressed,incomparable,inconclusive,missing"
    )]
    fail_on: Vec<FailOn>,
}

/// On what terms verdicts are reached.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct TermsArgs {
    /// Error rate of each kind of verdict, over all cases together, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = error_rate)]
    alpha: f64,
    /// An accuracy less than this below the baseline's is not worse, in percentage points
    #[arg(long, value_name = "POINTS", default_value_t = 0.5, value_parser = percent)]
    accuracy_margin: f64,
    /// A loss less than this above the baseline's is not worse, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = percent)]
    loss_margin: f64,
    /// A loss less than this above the baseline's over all cases of a suite is not worse, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    suite_margin: f64,
    /// A time at most this above the baseline's is not slower, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    throughput_margin: f64,
    /// A field, or a glob over fields, whose change is under test: compared all the same; may be
    /// repeated
    #[arg(long, value_name = "FIELD")]
    across: Vec<String>,
}

/// What makes the exit code another than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Accuracy or throughput regressed.
    Regressed,
    /// Accuracy regressed.
    Accuracy,
    /// Throughput regressed.
    Throughput,
    /// Seeds failed or diverged where the baseline's did not.
    Failures,
    /// No fair comparison.
    Incomparable,
    /// Too few or too noisy samples.
    Inconclusive,
    /// A case of the baseline is not in the run, or not whole.
    Missing,
    /// Nothing.
    None,
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

pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 100.0 => Ok(value),
        _ => Err("give a number above 0 and below 100".to_owned()),
    }
}

/// Of 50 % on, a verdict on one side says no more than a coin.
fn error_rate(text: &str) -> Result<f64, String> {
    percent(text)
        .ok()
        .filter(|value| *value < 50.0)
        .ok_or_else(|| "give a number above 0 and below 50".to_owned())
}

impl TermsArgs {
    /// The terms on the machine of a run.
    pub(super) fn on(&self, results: &Path, run: &Baseline) -> Result<Terms, Failure> {
        let measured = run.cases.iter().find_map(|case| case.throughput.first()).map(|one| one.method);
        let calibration = Calibration::find(results, &run.fingerprint)?;
        // What is measured in another way has another noise.
        let calibration = calibration.filter(|calibration| measured.is_none_or(|it| calibration.is_of(it)));
        let noise = calibration.and_then(|calibration| Noise::of(&calibration.cases));
        Ok(Terms { noise: noise.unwrap_or_default(), ..self.terms()? })
    }

    /// The terms on a machine that was not calibrated.
    pub(super) fn terms(&self) -> Result<Terms, Failure> {
        let across = Across::new(&self.across)
            .map_err(|error| Failure::new(Exit::Usage, format!("--across: {error}")))?;
        Ok(Terms {
            alpha: self.alpha / 100.0,
            accuracy_margin: self.accuracy_margin / 100.0,
            loss_margin: self.loss_margin / 100.0,
            suite_margin: self.suite_margin / 100.0,
            throughput_margin: self.throughput_margin / 100.0,
            noise: Noise::default(),
            across,
        })
    }
}

pub(super) fn execute(args: Args) -> Ended {
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

/// What a run found; a record that cannot be read is a failure, as it might hold the regression.
pub(super) fn of_run(folder: &Folder) -> Result<Vec<Baseline>, Failure> {
    let (found, unreadable) = Baseline::of(folder)?;
    match unreadable.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(found),
    }
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

/// Whether the bits are not the baseline's though they were to be.
fn drifted(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Identical | Verdict::New | Verdict::NotMeasured)
}

/// The exit code of regressions in accuracy, in throughput, or both.
pub(super) fn regression(accuracy: bool, throughput: bool) -> Option<Exit> {
    match (accuracy, throughput) {
        (true, true) => Some(Exit::BothRegressed),
        (true, false) => Some(Exit::AccuracyRegressed),
        (false, true) => Some(Exit::ThroughputRegressed),
        (false, false) => None,
    }
}

impl Policy {
    /// Whether what is found of a case's `accuracy` or `throughput` fails.
    pub(super) fn fails(&self, what: &str, finding: &CaseFinding) -> bool {
        match what {
            "accuracy" => self.fails_on(what, finding.accuracy.verdict) || self.fails_for_seeds(finding),
            _ => self.fails_on(what, finding.throughput.verdict),
        }
    }

    /// Whether a verdict on `accuracy` or `throughput` fails.
    pub(super) fn fails_on(&self, what: &str, verdict: Verdict) -> bool {
        self.is_listed(what, verdict) || self.require_identical && what == "accuracy" && drifted(verdict)
    }

    /// Whether `--fail-on` names failures, and a case has seeds that failed where the baseline's did not.
    fn fails_for_seeds(&self, finding: &CaseFinding) -> bool {
        let newly_failed = finding.accuracy.figures.map_or(0, |figures| figures.newly_failed);
        self.fail_on.contains(&FailOn::Failures) && newly_failed > 0
    }

    /// Whether `--fail-on` names it.
    fn is_listed(&self, what: &str, verdict: Verdict) -> bool {
        let on = |fail_on| self.fail_on.contains(&fail_on);
        match verdict {
            Verdict::Regressed if what == "accuracy" => on(FailOn::Regressed) || on(FailOn::Accuracy),
            Verdict::Regressed => on(FailOn::Regressed) || on(FailOn::Throughput),
            Verdict::Incomparable => on(FailOn::Incomparable),
            Verdict::Inconclusive => on(FailOn::Inconclusive),
            Verdict::Missing => on(FailOn::Missing),
            Verdict::Identical
            | Verdict::Unchanged
            | Verdict::Improved
            | Verdict::New
            | Verdict::NotMeasured => false,
        }
    }

    /// The exit code of the worst verdict.
    pub(super) fn exit(&self, findings: &[CaseFinding]) -> Exit {
        let accuracy = |verdict| {
            self.is_listed("accuracy", verdict) && findings.iter().any(|one| one.accuracy.verdict == verdict)
        };
        let throughput = |verdict| {
            self.is_listed("throughput", verdict)
                && findings.iter().any(|one| one.throughput.verdict == verdict)
        };
        let any = |verdict| accuracy(verdict) || throughput(verdict);
        let drift = self.require_identical && findings.iter().any(|one| drifted(one.accuracy.verdict));
        if let Some(exit) = regression(accuracy(Verdict::Regressed), throughput(Verdict::Regressed)) {
            return exit;
        }
        match () {
            () if drift => Exit::BitsDrifted,
            () if findings.iter().any(|one| self.fails_for_seeds(one)) => Exit::TrialFailed,
            () if any(Verdict::Incomparable) => Exit::Incomparable,
            () if any(Verdict::Inconclusive) => Exit::Inconclusive,
            () if any(Verdict::Missing) => Exit::Incomplete,
            () => Exit::Success,
        }
    }
}
