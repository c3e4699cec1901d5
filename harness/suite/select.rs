//! Which cases and seeds of a suite are run.

use std::borrow::Cow;
use std::num::IntErrorKind;

use globset::{GlobBuilder, GlobMatcher};

use super::error::Error;

/// Which cases, and with which seeds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filters: Vec<Filter>,
    pub(super) seeds: Option<Vec<u64>>,
}

#[derive(Clone, Debug)]
struct Filter {
    /// Matched against `suite/case` rather than `case`.
    whole: bool,
    form: Pattern,
}

#[derive(Clone, Debug)]
enum Pattern {
    Glob(GlobMatcher),
    /// A name, or a part of some.
    Words(String),
}

impl Selection {
    /// Cases that any of the filters takes (all, where there is none), with these seeds in place
    /// of their own. A filter speaks of `case`, or of `suite/case` where it holds a `/`. One with a
    /// special character is a glob. Any other takes the cases of just that name or, where none has it,
    /// those with it as a part of their name.
    ///
    /// # Errors
    /// Where a filter is no glob, or the seeds are no list such as `1,2,5-8`.
    pub fn new(filters: &[String], seeds: Option<&str>) -> Result<Self, Error> {
        let filters = filters.iter().map(|pattern| Filter::new(pattern)).collect::<Result<_, _>>()?;
        Ok(Selection { filters, seeds: seeds.map(seed_list).transpose()? })
    }

    /// Returns whether no filter leaves out a case.
    pub fn is_all(&self) -> bool {
        self.filters.is_empty()
    }

    /// Returns a function that tells whether a case of a suite is selected, where `all` are the cases that there are.
    pub fn over<'s>(&'s self, all: &[(&str, &str)]) -> impl Fn(&str, &str) -> bool + use<'s> {
        let named = |filter: &Filter| all.iter().any(|(suite, case)| filter.names(suite, case));
        let filters: Vec<(&Filter, bool)> =
            self.filters.iter().map(|filter| (filter, named(filter))).collect();
        move |suite, case| {
            let takes = |&(filter, named): &(&Filter, bool)| {
                if named { filter.names(suite, case) } else { filter.matches(suite, case) }
            };
            filters.is_empty() || filters.iter().any(takes)
        }
    }
}

impl Filter {
    fn new(pattern: &str) -> Result<Self, Error> {
        let form = if pattern.contains(['*', '?', '[', '{']) {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let refuse = |source| Error::Filter { pattern: pattern.to_owned(), source };
            Pattern::Glob(glob.map_err(refuse)?.compile_matcher())
        } else {
            Pattern::Words(pattern.to_owned())
        };
        Ok(Filter { whole: pattern.contains('/'), form })
    }

    fn names(&self, suite: &str, case: &str) -> bool {
        matches!(&self.form, Pattern::Words(words) if *words == self.name(suite, case))
    }

    fn matches(&self, suite: &str, case: &str) -> bool {
        let name = self.name(suite, case);
        match &self.form {
            Pattern::Glob(glob) => glob.is_match(&*name),
            Pattern::Words(words) => name.contains(words),
        }
    }

    fn name<'a>(&self, suite: &str, case: &'a str) -> Cow<'a, str> {
        if self.whole { format!("{suite}/{case}").into() } else { case.into() }
    }
}

/// The most seeds of one list.
const MOST_SEEDS: usize = 10_000;

/// Reads a list such as `1,2,5-8`, which has no repeats.
fn seed_list(list: &str) -> Result<Vec<u64>, Error> {
    let wrong = |why: String| Error::Seeds { list: list.to_owned(), why };
    let number = |text: &str| {
        text.trim().parse::<u64>().map_err(|error| match error.kind() {
            IntErrorKind::PosOverflow => {
                wrong(format!("{} is too large: seeds go up to {}", text.trim(), u64::MAX))
            }
            _ => wrong(format!("`{}` is no whole number from 0 on", text.trim())),
        })
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

/// Returns whether a pattern of a figure or table means a case: its name, or a glob over names.
pub fn means(pattern: &str, case: &str) -> bool {
    meaning(pattern)(case)
}

/// Returns what [`means`] does, for many cases: the glob is read once.
pub(super) fn meaning(pattern: &str) -> impl Fn(&str) -> bool {
    let is_glob = pattern.contains(['*', '?', '[', '{']);
    let glob = is_glob.then(|| Selection::new(&[pattern.to_owned()], None).ok()).flatten();
    move |case| pattern == case || glob.as_ref().is_some_and(|glob| glob.over(&[])("", case))
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
    fn filters_are_names_globs_or_parts() {
        const ALL: [(&str, &str); 6] = [
            ("lstm-gru", "lstm-32"),
            ("lstm-gru", "lstm-3x32"),
            ("lstm-gru", "gru-32"),
            ("lstm-gru", "gru-32-noisy"),
            ("rows", "gru"),
            ("rows", "gru-32"),
        ];
        let taken = |filters: &[&str]| -> Vec<usize> {
            let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
            let selection = Selection::new(&filters, None).unwrap();
            let takes = selection.over(&ALL);
            (0..ALL.len()).filter(|&index| takes(ALL[index].0, ALL[index].1)).collect()
        };
        assert_eq!(taken(&[]), [0, 1, 2, 3, 4, 5]);
        // Globs.
        assert_eq!(taken(&["lstm-*"]), [0, 1]);
        assert_eq!(taken(&["*-32"]), [0, 2, 5]);
        assert_eq!(taken(&["gru*"]), [2, 3, 4, 5]);
        assert_eq!(taken(&["lstm-gru/gru-*"]), [2, 3]);
        assert_eq!(taken(&["{gru,lstm}-32"]), [0, 2, 5]);
        assert_eq!(taken(&["other/*"]), [] as [usize; 0]);
        // Names: that case alone, though others have it as a part.
        assert_eq!(taken(&["gru"]), [4]);
        assert_eq!(taken(&["gru-32"]), [2, 5]);
        assert_eq!(taken(&["lstm-gru/gru-32"]), [2]);
        assert_eq!(taken(&["lstm-gru/gru-32", "3x"]), [1, 2]);
        // Parts, where no case has that name.
        assert_eq!(taken(&["3x"]), [1]);
        assert_eq!(taken(&["ru-32"]), [2, 3, 5]);
        assert_eq!(taken(&["u/g"]), [2, 3]);
        assert_eq!(taken(&["rows/gr"]), [4, 5]);
        assert_eq!(taken(&["other"]), [] as [usize; 0]);
        assert!(Filter::new("lstm-[").unwrap_err().to_string().starts_with("pattern `lstm-[`: "));
    }
}
