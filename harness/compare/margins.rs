//! How far each case may be worse, and which cases are in quarantine: what `margins.toml` beside a suite's baselines says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use crate::files;
use crate::reader::{Problem, Source, TomlTable, Value, Within, integer, number, one_of, text};

/// The name of the file.
pub const MARGINS: &str = "margins.toml";
/// The form of file that this program reads.
const SCHEMA: u64 = 1;

/// Why a file of margins cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarginsError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// The file makes no sense.
    #[error("{}", problems.iter().map(|problem| format!("{}:{problem}", path.display())).collect::<Vec<_>>().join("\n"))]
    Invalid {
        /// The path of the file.
        path: PathBuf,
        /// All mistakes, in the file's order.
        problems: Vec<Problem>,
    },
}

/// What a case may be worse by; `None` where the file does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseMargins {
    /// Of the accuracy; a fraction.
    pub accuracy: Option<f64>,
    /// Of the loss; a part of the baseline's.
    pub loss: Option<f64>,
    /// Of the time; a part of the baseline's.
    pub throughput: Option<f64>,
    /// Why and until when the case does not fail.
    pub quarantine: Option<Quarantine>,
}

/// Why and until when what is found of a case does not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// The reason, for people.
    pub reason: String,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Whether it holds of throughput alone, or of accuracy alone; of both if there is no word.
    pub only: Option<VerdictKind>,
}

impl Quarantine {
    /// Returns whether it holds of a case's `throughput`; with any other word, of its accuracy and its metrics.
    pub fn holds_of(&self, what: &str) -> bool {
        let judged = if what == "throughput" { VerdictKind::Throughput } else { VerdictKind::Accuracy };
        self.only.is_none_or(|only| only == judged)
    }
}

/// What is judged of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// Accuracy, loss and the metrics of gates.
    Accuracy,
    /// The time of a step.
    Throughput,
}

/// The margins of several suites.
#[derive(Clone, Debug, Default)]
pub struct Margins {
    suites: BTreeMap<String, Vec<Rule>>,
}

/// What a file says of some cases.
#[derive(Clone, Debug)]
struct Rule {
    pattern: String,
    cases: GlobMatcher,
    margins: CaseMargins,
}

impl Margins {
    /// Adds what the file in a folder says of a suite's cases, if there is one.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or with all that is wrong with it.
    pub fn add(&mut self, suite: &str, folder: &Path) -> Result<(), MarginsError> {
        let path = folder.join(MARGINS);
        let content = match files::read(&path, files::SUITE) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(MarginsError::Read { path, source }),
            Ok(content) => String::from_utf8_lossy(&content).into_owned(),
        };
        let rules = read(&content).map_err(|problems| MarginsError::Invalid { path, problems })?;
        self.suites.insert(suite.to_owned(), rules);
        Ok(())
    }

    /// Returns what is said of a case: of several rules that mean it, the last one that says something of a margin or
    /// of a quarantine counts for it.
    pub fn of(&self, suite: &str, case: &str) -> CaseMargins {
        let rules = self.suites.get(suite).into_iter().flatten();
        rules.filter(|rule| rule.cases.is_match(case)).fold(CaseMargins::default(), |before, rule| {
            let CaseMargins { accuracy, loss, throughput, quarantine } = rule.margins.clone();
            CaseMargins {
                accuracy: accuracy.or(before.accuracy),
                loss: loss.or(before.loss),
                throughput: throughput.or(before.throughput),
                quarantine: quarantine.or(before.quarantine),
            }
        })
    }

    /// Ends every quarantine that does not hold on this day. Returns what was ended, as people read it.
    pub fn on(&mut self, today: Date) -> Vec<String> {
        let mut ended = Vec::new();
        for (suite, rules) in &mut self.suites {
            for Rule { pattern, margins, .. } in rules {
                if let Some(over) = margins.quarantine.take_if(|quarantine| quarantine.until < today) {
                    let Quarantine { until, reason, .. } = over;
                    ended.push(format!("the quarantine of {suite}/{pattern} ended with {until}: {reason}"));
                }
            }
        }
        ended
    }

    /// Returns the patterns that mean none of these cases of a suite.
    pub fn idle(&self, suite: &str, cases: &[&str]) -> Vec<&str> {
        let rules = self.suites.get(suite).into_iter().flatten();
        let is_idle = |rule: &&Rule| !cases.iter().any(|case| rule.cases.is_match(case));
        rules.filter(is_idle).map(|rule| rule.pattern.as_str()).collect()
    }
}

/// Returns the rules of a file.
///
/// # Errors
/// Returns all that is wrong with it, each with its place.
fn read(content: &str) -> Result<Vec<Rule>, Vec<Problem>> {
    let source = Source::new(content);
    let (root, errors) = DeTable::parse_recoverable(content);
    for error in &errors {
        source.report(error.span().unwrap_or(0..0), "", error.message());
    }
    let rules =
        source.is_sound().then(|| whole(TomlTable::new(&source, String::new(), 0..0, root.get_ref())));
    match rules.flatten() {
        Some(rules) if source.is_sound() => Ok(rules),
        _ => Err(source.into_problems()),
    }
}

fn whole(mut root: TomlTable<'_>) -> Option<Vec<Rule>> {
    let schema = root.required("schema", |value| match integer(value)? {
        SCHEMA => Some(()),
        _ => value.refuse(format!("this tchbench reads schema = {SCHEMA}")),
    });
    let rules = root.list("case", rule);
    root.finish();
    schema?;
    rules
}

fn rule(value: &Value<'_>) -> Option<Rule> {
    let mut table = value.table()?;
    let cases = table.required("name", |value| {
        let pattern = text(value)?;
        match GlobBuilder::new(&pattern).literal_separator(true).build() {
            Ok(glob) => Some((pattern, glob.compile_matcher())),
            Err(error) => value.report(format!("{error}; give a case, or a glob such as mlp-*")),
        }
    });
    let points = |value: &Value<'_>| Some(percent(value)? / 100.0);
    let accuracy = table.optional("accuracy_margin", points);
    let loss = table.optional("loss_margin", points);
    let throughput = table.optional("throughput_margin", points);
    let quarantine = table.optional("quarantine", quarantine);
    let says_something = ["accuracy_margin", "loss_margin", "throughput_margin", "quarantine"]
        .iter()
        .any(|key| table.has(key));
    if !says_something {
        table.report::<()>("give a margin or a quarantine");
    }
    table.finish();
    let (pattern, cases) = cases?;
    let margins =
        CaseMargins { accuracy: accuracy?, loss: loss?, throughput: throughput?, quarantine: quarantine? };
    Some(Rule { pattern, cases, margins })
}

/// Reads what the options for margins take: a number of percent or of percentage points above 0 and below 100.
fn percent(value: &Value<'_>) -> Option<f64> {
    let percent = number(Within::Positive)(value)?;
    if percent < 100.0 { Some(percent) } else { value.refuse("write a number above 0 and below 100") }
}

fn quarantine(value: &Value<'_>) -> Option<Quarantine> {
    let mut table = value.table()?;
    let reason = table.required("reason", |value| match text(value)? {
        reason if reason.trim().is_empty() => value.report("say why the case does not fail"),
        reason => Some(reason),
    });
    let until = table.required("until", date);
    let only = table.optional("only", one_of(&["accuracy", "throughput"]));
    table.finish();
    let only =
        only?.map(|word| if word == "accuracy" { VerdictKind::Accuracy } else { VerdictKind::Throughput });
    Some(Quarantine { reason: reason?, until: until?, only })
}

fn date(value: &Value<'_>) -> Option<Date> {
    let given = value.get().and_then(DeValue::as_datetime).map(ToString::to_string);
    match given.and_then(|date| date.parse().ok()) {
        Some(date) => Some(date),
        None => value.refuse("write a day without quotes, as in 2027-01-31"),
    }
}
