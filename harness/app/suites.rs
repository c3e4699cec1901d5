//! Suites by name or by file, as the command line gives them.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::listing::list;
use crate::recipe::{Name, Numerics};
use crate::suite::case::Suite;
use crate::suite::{Selection, load};

/// Where suites are found by name.
const FOLDER: &str = "suites";

/// Each suite under `profile`, or why not, in the order given. A SUITE is a file, or the name of
/// one in `suites/` without its `.toml`.
pub fn load_each(names: &[PathBuf], profile: Option<&str>) -> Vec<Result<Suite, Failure>> {
    let mut seen = Seen::default();
    let load = |name: &PathBuf| {
        let path = find(name)?;
        let suite = load(&path, profile)?;
        seen.add(path, suite)
    };
    names.iter().map(load).collect()
}

/// The suites so far, by name and file.
#[derive(Default)]
struct Seen(Vec<(Name, PathBuf)>);

impl Seen {
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

/// All suites, or all that is wrong with any.
pub fn load_all(names: &[PathBuf], profile: Option<&str>) -> Result<Vec<Suite>, Failure> {
    let mut suites = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for suite in load_each(names, profile) {
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

/// All suites, with only the cases and seeds asked for.
pub fn select(
    names: &[PathBuf],
    profile: Option<&str>,
    filters: &[String],
    seeds: Option<&str>,
) -> Result<Vec<Suite>, Failure> {
    let selection = Selection::new(filters, seeds)?;
    let suites = load_all(names, profile)?;
    filter(suites, &selection, filters)
}

/// What is selected of these suites; those with nothing left are left out.
pub fn filter(suites: Vec<Suite>, selection: &Selection, filters: &[String]) -> Result<Vec<Suite>, Failure> {
    let mut suites = selection.of(suites);
    suites.retain(|suite| !suite.cases.is_empty());
    if suites.is_empty() {
        let message =
            format!("--filter {}: no case matches; `tchbench list` shows them", filters.join(" --filter "));
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    Ok(suites)
}

/// All of `suites/` that have this profile; without one, all in their full form.
pub fn with_profile(profile: Option<&str>) -> Result<Vec<Suite>, Failure> {
    use crate::suite::Error;
    let (mut seen, mut suites) = (Seen::default(), Vec::new());
    for path in paths() {
        match load(&path, profile) {
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

/// The mode that all suites ask for: a run is in one.
pub fn common_numerics(suites: &[Suite]) -> Result<Numerics, Failure> {
    let mut modes = suites.iter().map(|suite| suite.numerics);
    let first = modes.next().unwrap_or(Numerics::Native);
    if modes.all(|mode| mode == first) {
        return Ok(first);
    }
    let message = "these suites ask for different numerics; choose with --numerics, or run them apart";
    Err(Failure::new(Exit::Usage, message))
}

fn find(name: &Path) -> Result<PathBuf, Failure> {
    if name.is_file() {
        return Ok(name.to_owned());
    }
    let named = Path::new(FOLDER).join(format!("{}.toml", name.display()));
    if named.is_file() {
        return Ok(named);
    }
    let known = known();
    let advice = match known.is_empty() {
        true => format!("there is no folder `{FOLDER}` with suites here; give a file"),
        false => format!("`{FOLDER}` holds {}", known.join(", ")),
    };
    let message =
        format!("no suite `{0}`: neither a file nor {1}; {advice}", name.display(), named.display());
    Err(Failure::new(Exit::BadInput, message))
}

/// The names in the suites' folder, sorted.
fn known() -> Vec<String> {
    paths().iter().filter_map(|path| Some(format!("`{}`", path.file_stem()?.to_str()?))).collect()
}

/// The suites in the suites' folder, sorted.
fn paths() -> Vec<PathBuf> {
    let mut suites = list(Path::new(FOLDER)).unwrap_or_default();
    suites.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    suites
}
