//! `tchbench baseline`: which results are accepted as the state to compare with.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::app::baselines::{BASELINES, of_run};
use crate::app::exit::{Exit, Failure};
use crate::app::options::policy::regression;
use crate::app::options::terms::TermsArgs;
use crate::app::records;
use crate::app::results::RESULTS;
use crate::compare::{self, CaseFinding, Verdict};
use crate::listing::list as list_folder;
use crate::recipe::Name;
use crate::record::{Baseline, Folder, SeedResult, Status, create_compact, read, write_bytes, write_compact};
use crate::report::{self, Format, Table, render, terminal_width};
use crate::terminal::print;

/// Accept results as the state that later runs are compared with
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// Where baselines are
    #[arg(long, value_name = "DIR", default_value = BASELINES, global = true)]
    baselines: PathBuf,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS, global = true)]
    results: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a run the baseline of its suites and its class of devices
    Save {
        /// A run by name or path, or `latest`
        run: String,
        /// The class of devices [default: `cpu-native`, `cpu-portable`, or the CUDA device's name]
        #[arg(long, value_name = "NAME")]
        class: Option<Name>,
        /// Also over another baseline
        #[arg(long)]
        force: bool,
    },
    /// List all baselines
    List {
        /// The form
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Show what baselines hold
    Show {
        /// Only this suite's
        suite: Option<String>,
        /// The form
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Put a run in the place of the baselines of its suites, unless it is worse
    Promote {
        /// A run by name or path, or `latest`
        run: String,
        #[command(flatten)]
        terms: TermsArgs,
        /// Even where it is worse, or holds less
        #[arg(long)]
        force: bool,
    },
}

impl Args {
    pub(super) fn execute(self) -> Result<Exit, Failure> {
        let Args { verb, baselines, results } = self;
        match verb {
            Verb::Save { run, class, force } => {
                let mut found = whole(&records::folder(&results, &run)?)?;
                for baseline in &mut found {
                    baseline.class = class.clone().unwrap_or_else(|| baseline.class.clone());
                }
                save(&baselines, &found, force)
            }
            Verb::List { format } => show_tables(&[report::baselines(&all(&baselines)?)], format),
            Verb::Show { suite, format } => {
                let mut shown = all(&baselines)?;
                shown.retain(|(_, baseline)| suite.as_ref().is_none_or(|suite| baseline.suite == *suite));
                if let (Some(suite), true) = (suite, shown.is_empty()) {
                    let message = format!("{}: no baseline of a suite `{suite}`", baselines.display());
                    return Err(Failure::new(Exit::NothingSelected, message));
                }
                let tables: Vec<Table> =
                    shown.iter().map(|(_, baseline)| report::baseline(baseline)).collect();
                show_tables(&tables, format)
            }
            Verb::Promote { run, terms, force } => {
                let found = whole(&records::folder(&results, &run)?)?;
                promote(&baselines, &results, &found, &terms, force)
            }
        }
    }
}

/// What a run found, if none of its trials failed or is missing. One that diverged is a result.
fn whole(folder: &Folder) -> Result<Vec<Baseline>, Failure> {
    let found = of_run(folder)?;
    let mut lacking = Vec::new();
    for case in found.iter().flat_map(|baseline| &baseline.cases) {
        let name = format!("{}/{}", case.trial.suite, case.trial.case);
        for seed in &case.seeds {
            match seed.status {
                None => lacking.push(format!("{name}/{} left no record", seed.seed)),
                Some(Status::Failed) => lacking.push(format!("{name}/{} failed", seed.seed)),
                Some(Status::OutOfMemory) => lacking.push(format!("{name}/{} ran out of memory", seed.seed)),
                Some(Status::Completed | Status::StoppedEarly | Status::Diverged) => {}
            }
        }
        if case.seeds.is_empty() && case.throughput.is_empty() {
            lacking.push(format!("{name} was neither trained nor measured"));
        }
    }
    match lacking.is_empty() {
        true => Ok(found),
        false => {
            let path = folder.path().display();
            let message = format!(
                "{path}: not whole, so no baseline: {}; go on with `tchbench run --resume {path}`",
                lacking.join(", ")
            );
            Err(Failure::new(Exit::TrialFailed, message))
        }
    }
}

fn save(root: &Path, found: &[Baseline], force: bool) -> Result<Exit, Failure> {
    let path = |baseline: &Baseline| Baseline::path(root, &baseline.suite, &baseline.class);
    let taken = |path: &Path| {
        let message = format!(
            "{}: there is a baseline already; compare and replace it with `tchbench baseline promote`, or \
             overwrite it with --force",
            path.display()
        );
        Failure::new(Exit::BadInput, message)
    };
    if let Some(path) = found.iter().map(path).find(|path| !force && path.exists()) {
        return Err(taken(&path));
    }
    keep_line_ends(root)?;
    for baseline in found {
        // Another process may save one at the same time.
        match force {
            true => write_compact(&path(baseline), baseline)?,
            false if create_compact(&path(baseline), baseline)? => {}
            false => return Err(taken(&path(baseline))),
        }
        print(&format!("{}\n", path(baseline).display()));
    }
    Ok(Exit::Success)
}

/// Keeps git from converting line ends: a baseline ends in the digest of its own bytes. What is there stays.
fn keep_line_ends(root: &Path) -> Result<(), Failure> {
    let path = root.join(".gitattributes");
    if path.symlink_metadata().is_err() {
        write_bytes(&path, b"# Each baseline ends in the digest of its own bytes.\n*.json -text\n")?;
    }
    Ok(())
}

fn promote(
    root: &Path,
    results: &Path,
    found: &[Baseline],
    terms: &TermsArgs,
    force: bool,
) -> Result<Exit, Failure> {
    let mut pairs = Vec::new();
    for new in found {
        match read::<Baseline>(&Baseline::path(root, &new.suite, &new.class)) {
            Ok(old) => pairs.push((old, new.clone())),
            Err(error) if error.is_absence() => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some((_, new)) = pairs.first() {
        let terms = terms.on(results, new)?;
        let findings = compare::diff(&pairs, &terms);
        print(&render(&report::diff(&findings, &terms), Format::Text, terminal_width()));
        if !force {
            acceptable(&pairs, &findings)?;
        }
    }
    save(root, found, true)
}

/// Refuses what is worse, and what would lose something that the baseline holds.
fn acceptable(pairs: &[(Baseline, Baseline)], findings: &[CaseFinding]) -> Result<(), Failure> {
    let named = |is: &dyn Fn(&CaseFinding) -> bool| -> Vec<String> {
        let such = findings.iter().filter(|finding| is(finding));
        such.map(|finding| format!("{}/{}", finding.suite, finding.case)).collect()
    };
    let accuracy = named(&|finding| finding.accuracy.verdict == Verdict::Regressed);
    let throughput = named(&|finding| finding.throughput.verdict == Verdict::Regressed);
    if let Some(exit) = regression(!accuracy.is_empty(), !throughput.is_empty()) {
        let all = [accuracy, throughput].concat().join(", ");
        return Err(Failure::new(exit, format!("not promoted: {all} regressed; accept that with --force")));
    }
    let failed = named(&|finding| finding.accuracy.figures.is_some_and(|figures| figures.newly_failed > 0));
    if !failed.is_empty() {
        let message = format!(
            "not promoted: seeds of {} failed or diverged where the baseline's did not; accept that with --force",
            failed.join(", ")
        );
        return Err(Failure::new(Exit::TrialFailed, message));
    }
    let suspected = named(&CaseFinding::is_suspected);
    if !suspected.is_empty() {
        let message = format!(
            "not promoted: {} may be slower or faster, which was not confirmed; `tchbench diff` measures again, or give \
             --force",
            suspected.join(", ")
        );
        return Err(Failure::new(Exit::Inconclusive, message));
    }
    let other = named(&|finding| finding.accuracy.verdict == Verdict::Incomparable);
    if !other.is_empty() {
        let message = format!(
            "not promoted: {} cannot be compared with what it would replace; accept that with --force",
            other.join(", ")
        );
        return Err(Failure::new(Exit::Incomparable, message));
    }
    let mut lost = Vec::new();
    for (old, new) in pairs {
        for case in &old.cases {
            let name = format!("{}/{}", old.suite, case.trial.case);
            let found = new.case(&case.trial.case);
            let is_lost = |seed: &&SeedResult| found.is_none_or(|found| found.seed(seed.seed).is_none());
            let seeds: Vec<String> =
                case.seeds.iter().filter(is_lost).map(|seed| seed.seed.to_string()).collect();
            if !seeds.is_empty() {
                lost.push(format!("seeds {} of {name}", seeds.join(", ")));
            }
            if !case.throughput.is_empty() && found.is_none_or(|found| found.throughput.is_empty()) {
                lost.push(format!("the throughput of {name}"));
            }
        }
    }
    match lost.is_empty() {
        true => Ok(()),
        false => {
            let message = format!(
                "not promoted: the baseline would lose {}; train or measure them too, or give --force",
                lost.join(", ")
            );
            Err(Failure::new(Exit::Incomplete, message))
        }
    }
}

/// All baselines, in the order of their paths.
fn all(root: &Path) -> Result<Vec<(PathBuf, Baseline)>, Failure> {
    let mut files = Vec::new();
    for folder in entries(root)?.into_iter().filter(|path| path.is_dir()) {
        let inside = entries(&folder)?.into_iter();
        files.extend(inside.filter(|path| path.extension().is_some_and(|extension| extension == "json")));
    }
    let read = |path: PathBuf| Ok((path.clone(), read(&path)?));
    files.into_iter().map(read).collect()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::new(Exit::BadInput, format!("{}: cannot read: {error}", folder.display()));
    list_folder(folder).map_err(failed)
}

fn show_tables(tables: &[Table], format: Format) -> Result<Exit, Failure> {
    print(&render(tables, format, terminal_width()));
    Ok(Exit::Success)
}
