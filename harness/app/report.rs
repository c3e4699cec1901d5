//! Writes the report of runs.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use super::baselines::of_run;
use super::diff::{BaselineChoice, RunComparison};
use super::exit::{Exit, Failure};
use super::looks::add_looks;
use super::options::folders::{BaselinesFolder, ResultsFolder};
use super::options::selection::FilterOptions;
use super::options::terms::TermsOptions;
use super::results::RESULTS;
use super::runs::{Runs, folder};
use super::{claims, runs};
use crate::files;
use crate::record::{Folder, History, write_bytes};
use crate::report::{RecordsOrigin, ReportContent, RunFindings, html, is_report};
use crate::suite::Selection;
use crate::terminal::{print, tell};

/// The name of the file in the folder that is asked for.
const FILE: &str = "index.html";

/// What a report is of, and what its runs are compared with.
pub struct ReportRequest {
    /// The runs, as the user names them.
    pub runs: Vec<String>,
    /// A baseline's file or a run; `None` if the runs are compared with nothing.
    pub baseline: Option<String>,
    /// The folder of runs.
    pub results: ResultsFolder,
    /// The folder of baselines, beside whose files margins lie.
    pub baselines: BaselinesFolder,
    /// The cases that it shows.
    pub filters: FilterOptions,
    /// On what terms runs are compared.
    pub terms: TermsOptions,
}

/// Writes the report into a folder, prints the path of its file, and returns the exit code.
///
/// # Errors
/// Fails if another file is in its place, if a run or the baseline cannot be read, if nothing is selected, or if the file
/// cannot be written.
pub fn write(request: &ReportRequest, out: &Path) -> Result<Exit, Failure> {
    let path = out.join(FILE);
    keep_others(&path)?;
    let mut gathered = Gathered::default();
    for name in &request.runs {
        gathered.add(request, name)?;
    }
    gathered.add_history(request)?;
    gathered.complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
    let content = &gathered.content;
    if content.published.records.is_empty() && content.measurements.is_empty() {
        let exit = if gathered.complaints.is_empty() { Exit::NothingSelected } else { Exit::BadInput };
        let message = match request.filters.patterns.as_slice() {
            [] => "nothing to report: these runs hold no record and no measurement yet".to_owned(),
            patterns => format!("--filter {}: the runs have no such case", patterns.join(" --filter ")),
        };
        return Err(Failure::new(exit, message));
    }
    write_bytes(&path, html(content).as_bytes())?;
    print(&format!("{}\n", path.display()));
    Ok(if gathered.is_whole && gathered.complaints.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Refuses to write over a file that is no report.
fn keep_others(path: &Path) -> Result<(), Failure> {
    let is_ours = match files::read_text(path, files::RECORD) {
        Ok(text) => is_report(&text),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    if is_ours {
        return Ok(());
    }
    let message = format!("--out: {} is no report of tchbench; give another folder", path.display());
    Err(Failure::new(Exit::Usage, message))
}

/// What was read so far.
struct Gathered {
    content: ReportContent,
    complaints: Vec<String>,
    is_whole: bool,
}

impl Default for Gathered {
    fn default() -> Self {
        Gathered { content: ReportContent::default(), complaints: Vec::new(), is_whole: true }
    }
}

impl Gathered {
    /// Adds a run with all that there is of it.
    fn add(&mut self, request: &ReportRequest, name: &str) -> Result<(), Failure> {
        let ReportRequest { results, filters, .. } = request;
        let folder = folder(&results.folder, name)?;
        let mut found = Runs::of(&folder)?;
        self.is_whole &= found.is_whole();
        claims::add_words(&mut found, Path::new("suites"));
        runs::select(&mut found.records, filters)?;
        let (mut measurements, errors) = folder.read_measurements();
        self.complaints.extend(errors.iter().map(ToString::to_string));
        let selection = Selection::new(&filters.patterns, None)?;
        let names: Vec<(String, String)> = measurements
            .iter()
            .map(|one| (one.trial.suite.to_string(), one.trial.case.to_string()))
            .collect();
        let names: Vec<(&str, &str)> =
            names.iter().map(|(suite, case)| (suite.as_str(), case.as_str())).collect();
        let takes = selection.over(&names);
        measurements.retain(|one| takes(&one.trial.suite, &one.trial.case));
        if let Some(baseline) = &request.baseline {
            self.content.comparisons.push(compared(request, &folder, baseline)?);
        }
        self.content.measurements.extend(measurements);
        let is_in_results = results.folder.join(folder.name()) == folder.path();
        let run = if is_in_results { folder.name() } else { folder.path().display().to_string() };
        if is_in_results && results.folder != Path::new(RESULTS) {
            self.content.results = Some(results.folder.display().to_string());
        }
        self.content.origins.push(RecordsOrigin { run, records: found.records.len() });
        self.content.published.runs.extend(found.runs);
        self.content.published.records.extend(found.records);
        self.add_looks(&folder, filters.patterns.is_empty());
        Ok(())
    }

    /// Adds what was found in a run's networks. What is of no record here is a fault only where all records are here.
    fn add_looks(&mut self, folder: &Folder, is_all: bool) {
        let complaints = add_looks(folder, &mut self.content.published);
        if is_all {
            self.complaints.extend(complaints);
        }
    }

    /// Adds the nights of all cases that the runs have.
    fn add_history(&mut self, request: &ReportRequest) -> Result<(), Failure> {
        let history = History::of(&request.results.folder);
        let published = &self.content.published;
        let trained = published.records.iter().map(|record| &record.trial);
        let measured = self.content.measurements.iter().map(|measurement| &measurement.trial);
        let cases: BTreeSet<(String, String)> =
            trained.chain(measured).map(|trial| (trial.suite.to_string(), trial.case.to_string())).collect();
        for suite in history.suites()? {
            if !cases.iter().any(|(other, _)| *other == suite) {
                continue;
            }
            let (nights, errors) = history.read(&suite)?;
            self.complaints.extend(errors.iter().map(ToString::to_string));
            let is_shown =
                |suite: &str, case: &str| cases.iter().any(|(other, name)| other == suite && name == case);
            self.content
                .nights
                .extend(nights.into_iter().filter(|night| is_shown(&night.suite, &night.case)));
        }
        Ok(())
    }
}

/// Compares a run with the baseline that the user names.
fn compared(request: &ReportRequest, folder: &Folder, baseline: &str) -> Result<RunFindings, Failure> {
    let found = of_run(folder)?;
    let choice = BaselineChoice {
        named: Some(baseline.to_owned()),
        baselines: request.baselines.clone(),
        results: request.results.clone(),
    };
    let comparison = RunComparison::new(&found, &choice, &request.filters, &request.terms)?;
    Ok(comparison.find(&folder.name(), baseline, &found))
}
