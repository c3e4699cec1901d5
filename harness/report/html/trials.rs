//! Each trial: how it ended, its recipe, its identity, its machine, and the command that replays it.

use std::collections::BTreeMap;

use super::content::ReportContent;
use super::document::Document;
use crate::analysis::Ranking;
use crate::compare::leaves_of;
use crate::escape::{shell, xml};
use crate::metrics::Metric;
use crate::recipe::Trial;
use crate::record::{Status, TrialRecord};
use crate::report::machine::machine;
use crate::report::metric::cell;
use crate::report::table::{Cell, Column, Table};

type ReportedTrialColumn<'a> = Column<'static, ReportedTrial<'a>>;

/// A record with what a report says of it besides.
struct ReportedTrial<'a> {
    record: &'a TrialRecord,
    /// The index of its recipe, and of its machine.
    recipe: usize,
    machine: usize,
    replay: String,
}

/// Texts that are told once, by what tells them apart, in the order of their first use.
struct Distinct<T> {
    places: BTreeMap<String, usize>,
    all: Vec<T>,
}

impl<T> Distinct<T> {
    fn new() -> Self {
        Distinct { places: BTreeMap::new(), all: Vec::new() }
    }

    fn place(&mut self, key: String, value: impl FnOnce() -> T) -> usize {
        let next = self.all.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.all.push(value());
        }
        place
    }
}

/// A recipe's fields and their values, of one case of a suite.
struct Recipe {
    case: String,
    fields: Vec<(String, String)>,
}

/// Sections of trials, recipes and machines.
pub(super) fn trials(page: &mut Document, content: &ReportContent, rankings: &[Ranking]) {
    let records = &content.published.records;
    if records.is_empty() {
        return;
    }
    let mut recipes = Distinct::new();
    let mut machines = Distinct::new();
    let runs = content.origins.iter().flat_map(|origin| std::iter::repeat_n(&origin.run, origin.records));
    let mut reported = Vec::new();
    for (record, run) in records.iter().zip(runs) {
        let trial = &record.trial;
        let recipe = recipe(trial);
        let key = format!("{}/{}{recipe}", trial.suite, trial.case);
        reported.push(ReportedTrial {
            record,
            recipe: recipes.place(key, || Recipe {
                case: format!("{}/{}", trial.suite, trial.case),
                fields: leaves_of(&recipe),
            }),
            machine: machines.place(record.fingerprint.digest(), || record),
            replay: replay(trial, run, content.results.as_deref()),
        });
    }
    page.section("trials", "Trials");
    let table = Table::new("every trial", columns(&reported), &reported);
    page.table_with(&table, &|row, key| {
        let one = reported.get(row)?;
        match key {
            "recipe" => Some(format!("<a href=\"#recipe-{0}\">recipe {0}</a>", one.recipe + 1)),
            "machine" => Some(format!("<a href=\"#machine-{0}\">machine {0}</a>", one.machine + 1)),
            "replay" => Some(format!("<code>{}</code>", xml::content(&one.replay))),
            "identity" => Some(format!("<code>{}</code>", xml::content(&one.record.trial.identity))),
            _ => None,
        }
    });
    write_recipes(page, &recipes.all);
    page.section("machines", "Machines");
    for (place, record) in machines.all.iter().enumerate() {
        let host = &record.fingerprint.host;
        let fields = machine(&record.fingerprint);
        // These are a trial's, and not the machine's.
        let of_trial = |name: &str| ["load average", "steal"].contains(&name);
        let fields = fields.rows.iter().filter_map(|row| match row.as_slice() {
            [Cell::Text(name), value] if !of_trial(name) => Some((name.clone(), value.for_people())),
            _ => None,
        });
        let digest = ("fingerprint".to_owned(), record.fingerprint.digest());
        let fields: Vec<_> = fields.chain([digest]).collect();
        let title = format!("machine {}: {}, {}", place + 1, host.cpu, record.fingerprint.engine.device);
        page.details(&format!("machine-{}", place + 1), &title, &lines(fields.iter()));
    }
    let notes: usize = rankings.iter().flat_map(|ranking| &ranking.groups).map(|group| group.missing).sum();
    if notes > 0 {
        page.paragraph(&format!("{notes} trials were planned and left no record."));
    }
}

/// All that decides a trial's bits but its seed, as JSON.
fn recipe(trial: &Trial) -> serde_json::Value {
    serde_json::json!({
        "experiment": trial.experiment,
        "dataset": trial.dataset,
        "environment": trial.environment,
        "engine_revision": trial.engine_revision,
    })
}

fn replay(trial: &Trial, run: &str, results: Option<&str>) -> String {
    let Trial { suite, case, seed, .. } = trial;
    let record = shell::word(&format!("{run}/{suite}/{case}/{seed}"));
    let results = results.map(|results| format!(" --results {}", shell::word(results))).unwrap_or_default();
    format!("tchbench replay {record}{results}")
}

/// What all recipes have in common is told once.
fn write_recipes(page: &mut Document, recipes: &[Recipe]) {
    page.section("recipes", "Recipes");
    page.paragraph("All that decides the bits of a trial but its seed, field by field.");
    let mut counts: BTreeMap<&(String, String), usize> = BTreeMap::new();
    for field in recipes.iter().flat_map(|recipe| &recipe.fields) {
        *counts.entry(field).or_default() += 1;
    }
    let is_common =
        |field: &&(String, String)| counts.get(field).is_some_and(|count| *count == recipes.len());
    let several = recipes.len() > 1;
    if let Some(first) = recipes.first().filter(|_| several) {
        let common = lines(first.fields.iter().filter(is_common));
        page.details("recipe-all", &format!("what all {} recipes have in common", recipes.len()), &common);
    }
    for (place, recipe) in recipes.iter().enumerate() {
        let own = lines(recipe.fields.iter().filter(|field| !several || !is_common(field)));
        let title = format!("recipe {}: {}", place + 1, recipe.case);
        page.details(&format!("recipe-{}", place + 1), &title, &own);
    }
}

fn lines<'f>(fields: impl Iterator<Item = &'f (String, String)>) -> String {
    let line =
        |(name, value): &(String, String)| format!("{}: {}\n", xml::content(name), xml::content(value));
    format!("<pre>{}</pre>", fields.map(line).collect::<String>())
}

fn columns<'a>(reported: &[ReportedTrial]) -> Vec<ReportedTrialColumn<'a>> {
    let metric = |key: &'static str, heading: &'static str, metric: Metric| {
        ReportedTrialColumn::new(key, heading, move |one| {
            Cell::maybe(metric.value(&one.record.results()), |value| cell(metric, value))
        })
    };
    let any = |is: fn(&TrialRecord) -> bool| reported.iter().any(|one| is(one.record));
    let is_validated = any(|record| record.epochs.iter().any(|epoch| epoch.validation.is_some()));
    vec![
        ReportedTrialColumn::label("suite", "suite", |one| Cell::text(&one.record.trial.suite)),
        ReportedTrialColumn::label("case", "case", |one| Cell::text(&one.record.trial.case)),
        ReportedTrialColumn::new("seed", "seed", |one| Cell::Count(one.record.trial.seed)),
        ReportedTrialColumn::new("status", "ended", |one| Cell::text(status(one.record.status))),
        ReportedTrialColumn::new("error", "why", |one| {
            Cell::text(one.record.error.as_deref().unwrap_or_default())
        })
        .shown_if(any(|record| record.error.is_some())),
        metric("test_accuracy", "test %", Metric::TEST_ACCURACY),
        metric("test_loss", "loss", Metric::TEST_LOSS),
        metric("validation_accuracy", "validation %", Metric::VALIDATION_ACCURACY).shown_if(is_validated),
        metric("train_accuracy", "train %", Metric::TRAIN_ACCURACY),
        ReportedTrialColumn::new("epochs", "epochs", |one| Cell::count(one.record.epochs.len())),
        metric("samples_per_second", "samples/s", Metric::THROUGHPUT),
        ReportedTrialColumn::new("seconds", "time", |one| {
            Cell::seconds(one.record.finished.as_ref().map(|finished| finished.wall_seconds))
        }),
        ReportedTrialColumn::new("recipe", "recipe", |one| Cell::count(one.recipe + 1)),
        ReportedTrialColumn::new("machine", "machine", |one| Cell::count(one.machine + 1)),
        ReportedTrialColumn::new("replay", "command that replays it", |one| Cell::text(&one.replay)),
        ReportedTrialColumn::detail("identity", |one| Cell::text(&one.record.trial.identity)),
        ReportedTrialColumn::detail("weights", |one| {
            Cell::text(one.record.finished.as_ref().map_or("", |finished| &finished.weights))
        }),
        ReportedTrialColumn::detail("began", |one| {
            Cell::text(one.record.began.strftime("%Y-%m-%d %H:%M:%S"))
        }),
        ReportedTrialColumn::detail("jobs", |one| Cell::Count(one.record.jobs.into())),
    ]
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Completed => "completed",
        Status::StoppedEarly => "stopped early",
        Status::Diverged => "diverged",
        Status::OutOfMemory => "out of memory",
        Status::Failed => "failed",
    }
}
