//! Which cases and seeds of a suite are run, and the trials they make.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};

use super::case::Suite;
use super::error::Error;
use super::trial::{ENGINE_REVISION, Environment, Trial, identity};

/// Which cases, and with which seeds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filters: Vec<Filter>,
    seeds: Option<Vec<u64>>,
}

#[derive(Clone, Debug)]
struct Filter {
    /// Matched against `suite/case` rather than `case`.
    whole: bool,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Glob(GlobMatcher),
    Part(String),
}

impl Selection {
    /// Cases that match any of the filters (all, where there is none), with these seeds in place
    /// of their own. A filter is a glob over `case`, or over `suite/case` where it holds a `/`;
    /// without a special character it is a part of that.
    ///
    /// # Errors
    /// Where a filter is no glob, or the seeds are no list such as `1,2,5-8`.
    pub fn new(filters: &[String], seeds: Option<&str>) -> Result<Self, Error> {
        let filters = filters.iter().map(|pattern| Filter::new(pattern)).collect::<Result<_, _>>()?;
        Ok(Selection { filters, seeds: seeds.map(seed_list).transpose()? })
    }

    /// Whether this case of this suite is selected.
    pub fn takes(&self, suite: &str, case: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.matches(suite, case))
    }

    /// The suite with only what is selected; it may be left with no case.
    pub fn of(&self, mut suite: Suite) -> Suite {
        suite.cases.retain(|case| self.takes(&suite.name, &case.name));
        if let Some(seeds) = &self.seeds {
            for case in &mut suite.cases {
                case.seeds.clone_from(seeds);
            }
        }
        suite
    }
}

impl Filter {
    fn new(pattern: &str) -> Result<Self, Error> {
        let form = if pattern.contains(['*', '?', '[', '{']) {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let refuse = |source| Error::Filter { pattern: pattern.to_owned(), source };
            Form::Glob(glob.map_err(refuse)?.compile_matcher())
        } else {
            Form::Part(pattern.to_owned())
        };
        Ok(Filter { whole: pattern.contains('/'), form })
    }

    fn matches(&self, suite: &str, case: &str) -> bool {
        let name = if self.whole { format!("{suite}/{case}") } else { case.to_owned() };
        match &self.form {
            Form::Glob(glob) => glob.is_match(name),
            Form::Part(part) => name.contains(part),
        }
    }
}

/// The most seeds of one list.
const MOST_SEEDS: usize = 10_000;

/// `1,2,5-8`, without repeats.
fn seed_list(list: &str) -> Result<Vec<u64>, Error> {
    let wrong = |why: String| Error::Seeds { list: list.to_owned(), why };
    let number = |text: &str| {
        text.trim()
            .parse::<u64>()
            .map_err(|_| wrong(format!("`{}` is no whole number from 0 on", text.trim())))
    };
    let mut seeds = Vec::new();
    for part in list.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(part)?, number(part)?),
        };
        if first > last {
            return Err(wrong(format!("{first} comes after {last}")));
        }
        for seed in first..=last {
            if seeds.contains(&seed) {
                return Err(wrong(format!("{seed} is there twice")));
            }
            if seeds.len() == MOST_SEEDS {
                return Err(wrong(format!("there are more than {MOST_SEEDS}")));
            }
            seeds.push(seed);
        }
    }
    Ok(seeds)
}

/// Every case with each of its seeds, in the suite's order. `digests_of` gives a dataset's
/// digests by its name; the trials of a dataset without any are left out.
pub fn expand(
    suite: &Suite,
    environment: Environment,
    digests_of: impl Fn(&str) -> Option<BTreeMap<String, String>>,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in &suite.cases {
        let Some(dataset) = digests_of(&case.experiment.data.dataset) else { continue };
        trials.extend(case.seeds.iter().map(|&seed| Trial {
            suite: suite.name.clone(),
            case: case.name.clone(),
            seed,
            identity: identity(&case.experiment, seed, &dataset, &environment),
            experiment: case.experiment.clone(),
            parameters: case.parameters,
            dataset: dataset.clone(),
            environment,
            engine_revision: ENGINE_REVISION,
        }));
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_and_ranges() {
        assert_eq!(seed_list("1,2, 5-8").unwrap(), [1, 2, 5, 6, 7, 8]);
        assert_eq!(seed_list("3-3").unwrap(), [3]);
        let refused = |list| seed_list(list).unwrap_err().to_string();
        let messages =
            ["", "1,,2", "one", "-1", "5-2", "1,1", "1-3,2", "0-18446744073709551615"].map(refused);
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn filters_are_globs_or_parts() {
        let matches = |pattern: &str| {
            let filter = Filter::new(pattern).unwrap();
            ["lstm-32", "lstm-3x32", "gru-32"].map(|case| filter.matches("lstm-gru", case))
        };
        assert_eq!(matches("lstm-*"), [true, true, false]);
        assert_eq!(matches("*-32"), [true, false, true]);
        assert_eq!(matches("lstm-gru/gru-*"), [false, false, true]);
        assert_eq!(matches("{gru,lstm}-32"), [true, false, true]);
        assert_eq!(matches("3x"), [false, true, false]);
        assert_eq!(matches("u/g"), [false, false, true]);
        assert_eq!(matches("gru"), [false, false, true]);
        assert_eq!(matches("other/*"), [false, false, false]);
        assert!(Filter::new("lstm-[").unwrap_err().to_string().starts_with("pattern `lstm-[`: "));
    }
}
