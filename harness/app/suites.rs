//! Suites by name or by file, as the command line gives them.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::options::selection::{FilterOptions, ProfileOptions};
use crate::data::catalogue::Catalogue;
use crate::listing::list;
use crate::recipe::{Environment, Name, Numerics, Trial};
use crate::suite::case::Suite;
use crate::suite::{Selection, Setting, expand, load_with};

/// Where suites are found by name.
const FOLDER: &str = "suites";

/// Loads each suite under `profile`, in the order given. A SUITE is a file, or the name of one in `suites/`
/// without its `.toml`.
///
/// # Errors
/// Each result says why that suite cannot be loaded. There is a single one, which says what is wrong with the settings, if
/// a setting cannot be read.
pub fn load_each(
    names: &[PathBuf],
    profile: &ProfileOptions,
    catalogue: &Catalogue,
) -> Vec<Result<Suite, Failure>> {
    let settings = match Setting::read_all(&profile.settings) {
        Ok(settings) => settings,
        Err(error) => return vec![Err(error.into())],
    };
    let mut seen = KnownSuites::default();
    let load = |name: &PathBuf| {
        let path = find(name)?;
        let suite = load_with(&path, profile.name.as_deref(), &settings, catalogue)?;
        seen.add(path, suite)
    };
    names.iter().map(load).collect()
}

/// The suites so far, by name and file.
#[derive(Default)]
struct KnownSuites(Vec<(Name, PathBuf)>);

impl KnownSuites {
    /// Refuses a second suite of a name.
    fn add(&mut self, path: PathBuf, suite: Suite) -> Result<Suite, Failure> {
        if let Some((_, first)) = self.0.iter().find(|(name, _)| *name == suite.name) {
            let message = format!(
                "{}: a suite named `{}` was given already ({}); give each once, under a name of its own",
                path.display(),
                suite.name,
                first.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        self.0.push((suite.name.clone(), path));
        Ok(suite)
    }
}

/// Returns all suites under `profile`.
///
/// # Errors
/// Fails with all that is wrong with any of them.
pub fn load_all(
    names: &[PathBuf],
    profile: &ProfileOptions,
    catalogue: &Catalogue,
) -> Result<Vec<Suite>, Failure> {
    let mut suites = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for suite in load_each(names, profile, catalogue) {
        match suite {
            Ok(suite) => suites.push(suite),
            Err(failure) => failures.push(failure),
        }
    }
    match failures.first() {
        None => Ok(suites),
        Some(first) => {
            let messages: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
            Err(Failure::new(first.exit, messages.join("\n")))
        }
    }
}

/// Returns all suites, with only the cases and seeds that are asked for.
///
/// # Errors
/// Fails if a filter or the list of seeds makes no sense, if a suite cannot be loaded, or if nothing is left.
pub fn select(
    names: &[PathBuf],
    profile: &ProfileOptions,
    filters: &FilterOptions,
    seeds: Option<&str>,
    catalogue: &Catalogue,
) -> Result<Vec<Suite>, Failure> {
    let selection = Selection::new(&filters.patterns, seeds)?;
    let suites = load_all(names, profile, catalogue)?;
    only(suites, &selection, filters)
}

/// Returns these suites with only the cases that the filters mean.
///
/// # Errors
/// Fails if a filter makes no sense, or if nothing is left.
pub fn filter(suites: Vec<Suite>, filters: &FilterOptions) -> Result<Vec<Suite>, Failure> {
    let selection = Selection::new(&filters.patterns, None)?;
    only(suites, &selection, filters)
}

fn only(suites: Vec<Suite>, selection: &Selection, filters: &FilterOptions) -> Result<Vec<Suite>, Failure> {
    let mut suites = selection.of(suites);
    suites.retain(|suite| !suite.cases.is_empty());
    if suites.is_empty() {
        let patterns = filters.patterns.join(" --filter ");
        let message = format!("--filter {patterns}: no case matches; `tchbench list` shows them");
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    Ok(suites)
}

/// Returns all suites of `suites/` that have this profile; without one, all in their full form.
///
/// # Errors
/// Fails if a suite cannot be loaded, or if there is none.
pub fn with_profile(profile: Option<&str>, catalogue: &Catalogue) -> Result<Vec<Suite>, Failure> {
    use crate::suite::Error;
    let mut seen = KnownSuites::default();
    let mut suites = Vec::new();
    for path in paths() {
        match load_with(&path, profile, &[], catalogue) {
            Ok(suite) => suites.push(seen.add(path, suite)?),
            Err(Error::Profile { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if suites.is_empty() {
        let having = profile.map(|profile| format!(" has a profile `{profile}`")).unwrap_or_default();
        let message = format!("no suite in `{FOLDER}`{having}; name suites");
        return Err(Failure::new(Exit::BadInput, message));
    }
    Ok(suites)
}

/// Returns the numerics mode that all suites ask for, as a run is in one.
///
/// # Errors
/// Fails if they ask for different modes.
pub fn common_numerics(suites: &[Suite]) -> Result<Numerics, Failure> {
    let mut modes = suites.iter().map(|suite| suite.numerics);
    let first = modes.next().unwrap_or(Numerics::Native);
    if modes.all(|mode| mode == first) {
        return Ok(first);
    }
    let message = "these suites ask for different numerics; choose with --numerics, or run them apart";
    Err(Failure::new(Exit::Usage, message))
}

/// Returns every trial of these suites in an environment.
pub fn trials(suites: &[Suite], environment: Environment) -> Vec<Trial> {
    let of = |suite: &Suite| expand(suite, environment, |name| suite.datasets.get(name).cloned());
    suites.iter().flat_map(of).collect()
}

/// Returns the trial of every case with its first seed.
pub fn first_trials(suites: &[Suite], environment: Environment) -> Vec<Trial> {
    let mut trials = trials(suites, environment);
    trials.dedup_by(|later, first| later.suite == first.suite && later.case == first.case);
    trials
}

/// Returns the folders that these suites lie in, each once; without names, the suites' folder. One that is not found is
/// left out.
pub fn folders(names: &[PathBuf]) -> Vec<PathBuf> {
    if names.is_empty() {
        return vec![PathBuf::from(FOLDER)];
    }
    let folder = |name: &PathBuf| {
        let file = find(name).ok()?.canonicalize().ok()?;
        file.parent().map(Path::to_owned)
    };
    let mut folders: Vec<PathBuf> = names.iter().filter_map(folder).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Returns the file of a suite.
fn find(name: &Path) -> Result<PathBuf, Failure> {
    if name.is_file() {
        return Ok(name.to_owned());
    }
    let named = Path::new(FOLDER).join(format!("{}.toml", name.display()));
    if named.is_file() {
        return Ok(named);
    }
    let known = known();
    let advice = if known.is_empty() {
        format!("there is no folder `{FOLDER}` with suites here; give a file")
    } else {
        format!("`{FOLDER}` holds {}", known.join(", "))
    };
    let message =
        format!("no suite `{0}`: neither a file nor {1}; {advice}", name.display(), named.display());
    Err(Failure::new(Exit::BadInput, message))
}

/// Returns the names in the suites' folder, sorted.
fn known() -> Vec<String> {
    paths().iter().filter_map(|path| Some(format!("`{}`", path.file_stem()?.to_str()?))).collect()
}

/// Returns the suites in the suites' folder, sorted.
fn paths() -> Vec<PathBuf> {
    let mut suites = list(Path::new(FOLDER)).unwrap_or_default();
    suites.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    suites
}
