//! Results that were accepted as the state to compare with, and those of a run in the same form.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::margins::LoadedMargins;
use super::options::folders::BaselinesFolder;
use super::options::output::OutputOptions;
use super::options::terms::TermsOptions;
use super::promotion::acceptable;
use crate::compare::{self, SuiteChanges, Terms};
use crate::listing::list;
use crate::record::{Baseline, Folder, Status, create_compact, read, write_bytes, write_compact};
use crate::report::{self, Table, TableFormat};
use crate::terminal::{print, tell};

/// Returns what a run found.
///
/// # Errors
/// Fails if a record cannot be read, as it might hold the regression.
pub fn of_run(folder: &Folder) -> Result<Vec<Baseline>, Failure> {
    let (found, unreadable) = Baseline::of(folder)?;
    match unreadable.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(found),
    }
}

/// Returns what a run found, of which no trial may have failed or be missing. One that diverged is a result.
///
/// # Errors
/// Fails if a trial has failed or is missing, or if a record cannot be read.
pub fn whole(folder: &Folder) -> Result<Vec<Baseline>, Failure> {
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
    if lacking.is_empty() {
        return Ok(found);
    }
    let path = folder.path().display();
    let lacking = lacking.join(", ");
    let message =
        format!("{path}: not whole, so no baseline: {lacking}; go on with `tchbench run --resume {path}`");
    Err(Failure::new(Exit::TrialFailed, message))
}

/// The folder of baselines.
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Returns the baselines of a folder.
    pub fn new(BaselinesFolder { folder }: BaselinesFolder) -> Self {
        Store { folder }
    }

    /// Prints a table of all baselines, and returns the exit code.
    ///
    /// # Errors
    /// Fails if one cannot be read.
    pub fn list(&self, output: OutputOptions) -> Result<Exit, Failure> {
        output.print(&[report::baselines(&self.all()?)]);
        Ok(Exit::Success)
    }

    /// Prints what all baselines hold, or those of one suite, and returns the exit code.
    ///
    /// # Errors
    /// Fails if one cannot be read, or if the suite has none.
    pub fn show(&self, suite: Option<&str>, output: OutputOptions) -> Result<Exit, Failure> {
        let mut shown = self.all()?;
        shown.retain(|(_, baseline)| suite.is_none_or(|suite| baseline.suite == *suite));
        if let (Some(suite), true) = (suite, shown.is_empty()) {
            let message = format!("{}: no baseline of a suite `{suite}`", self.folder.display());
            return Err(Failure::new(Exit::NothingSelected, message));
        }
        let tables: Vec<Table> = shown.iter().map(|(_, baseline)| report::baseline(baseline)).collect();
        output.print(&tables);
        Ok(Exit::Success)
    }

    /// Keeps results as baselines, prints their paths, and returns the exit code.
    ///
    /// # Errors
    /// Fails if there is one already, unless it may be overwritten by `force`, or if the folder cannot be written.
    pub fn save(&self, found: &[Baseline], force: bool) -> Result<Exit, Failure> {
        let root = &self.folder;
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
            if force {
                write_compact(&path(baseline), baseline)?;
            } else if !create_compact(&path(baseline), baseline)? {
                return Err(taken(&path(baseline)));
            }
            print(&format!("{}\n", path(baseline).display()));
        }
        Ok(Exit::Success)
    }

    /// Keeps results in the place of the baselines of their suites, and returns the exit code.
    ///
    /// # Errors
    /// Fails if they are worse or hold less, unless `force` accepts that, or if a file cannot be read or written.
    pub fn promote(
        &self,
        results: &Path,
        found: &[Baseline],
        terms: &TermsOptions,
        force: bool,
    ) -> Result<Exit, Failure> {
        let root = &self.folder;
        let mut pairs = Vec::new();
        for new in found {
            match read::<Baseline>(&Baseline::path(root, &new.suite, &new.class)) {
                Ok(old) => pairs.push((old, new.clone())),
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some((_, new)) = pairs.first() {
            let loaded = LoadedMargins::read(&pairs, |suite| root.join(suite))?;
            loaded.notes.iter().for_each(|note| tell!("note: {note}"));
            let terms = Terms { margins: loaded.margins, ..terms.on(results, new)? };
            let findings = compare::diff(&pairs, &terms);
            let tables = report::diff(&findings, &SuiteChanges::of(&pairs), &terms);
            OutputOptions { format: TableFormat::TEXT }.print(&tables);
            if !force {
                acceptable(&pairs, &findings)?;
            }
        }
        self.save(found, true)
    }

    /// Returns all baselines, in the order of their paths.
    fn all(&self) -> Result<Vec<(PathBuf, Baseline)>, Failure> {
        let root = &self.folder;
        let mut files = Vec::new();
        for folder in entries(root)?.into_iter().filter(|path| path.is_dir()) {
            let inside = entries(&folder)?.into_iter();
            files.extend(inside.filter(|path| path.extension().is_some_and(|extension| extension == "json")));
        }
        let read = |path: PathBuf| Ok((path.clone(), read(&path)?));
        files.into_iter().map(read).collect()
    }
}

/// Keeps git from converting line ends: a baseline ends in the digest of its own bytes. What is there stays.
fn keep_line_ends(root: &Path) -> Result<(), Failure> {
    let path = root.join(".gitattributes");
    if path.symlink_metadata().is_err() {
        write_bytes(&path, b"# Each baseline ends in the digest of its own bytes.\n*.json -text\n")?;
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::new(Exit::BadInput, format!("{}: cannot read: {error}", folder.display()));
    list(folder).map_err(failed)
}
