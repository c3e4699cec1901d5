//! From a suite file to resolved cases, under each of its profiles.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::json;
use toml::de::DeTable;

use super::case::{Case, Suite};
use super::claim::claim;
use super::data_plan::{data, samples_an_epoch};
use super::each::expand;
use super::error::Error;
use super::gate::{Gate, gates, within_epochs};
use super::set::{Setting, Settings};
use super::shown::presentation;
use super::training::training;
use crate::files;
use crate::listing::list;
use crate::reader::{Problem, Source, TomlTable, Value, nearest};
use crate::reader::{Within, flag, integer, number, text, word};
use crate::recipe::datasets::Catalogue;
use crate::recipe::layers::{LayerDefaults, LayerKind};
use crate::recipe::shape::{self, LayerPlan};
use crate::recipe::{Convention, Experiment, Layer, MOST_CLASSES, Numerics, name};

/// The form of suite file that this program reads.
const SCHEMA: u64 = 1;

/// What a profile may override, of the defaults and of every case.
pub(super) const PROFILED: [&str; 5] = ["epochs", "seeds", "train_samples", "test_samples", "validation"];

/// The profile that overrides nothing, where a suite has none of that name.
const FULL: &str = "full";

/// Reads a suite file, resolved under a profile. Returns the suite with every default written out; `full` or
/// `None` is the suite as it stands.
///
/// # Errors
/// Returns an error if the file cannot be read, if it has a mistake under any of its profiles, or if it has no
/// such profile.
///
/// # Examples
/// ```
/// use std::path::Path;
///
/// let suite = tchbench::suite::load(Path::new("suites/linear.toml"), Some("quick"))?;
/// let plain = suite.cases.iter().find(|case| case.name.as_str() == "mnist-plain").expect("the suite has this case");
/// assert_eq!(plain.experiment.training.epochs, 3);
/// assert_eq!(plain.seeds, [1, 2, 3]);
/// # Ok::<(), tchbench::suite::Error>(())
/// ```
pub fn load(path: &Path, profile: Option<&str>) -> Result<Suite, Error> {
    load_with(path, profile, &[], &Catalogue::default())
}

/// Reads a suite file as [`load`] does, with values set in every case, and with datasets that are no part of the
/// program.
///
/// # Errors
/// As [`load`]; also [`Error::Set`] if a value cannot be set so.
pub fn load_with(
    path: &Path,
    profile: Option<&str>,
    settings: &[Setting],
    catalogue: &Catalogue,
) -> Result<Suite, Error> {
    let text = read(path)?;
    parse_with(&text, &path.display().to_string(), profile, settings, catalogue)
}

/// Reads a suite file, as it stands and under each of its profiles; of a folder, all its suite
/// files, by name.
///
/// # Errors
/// As [`load`]; also where a folder has no suite file.
pub fn load_all(path: &Path) -> Result<Vec<Vec<Suite>>, Error> {
    load_all_with(path, &Catalogue::default())
}

/// Reads suite files as [`load_all`] does, with datasets that are no part of the program.
///
/// # Errors
/// As [`load_all`].
pub fn load_all_with(path: &Path, catalogue: &Catalogue) -> Result<Vec<Vec<Suite>>, Error> {
    let paths = if path.is_dir() { files_in(path)? } else { vec![path.to_owned()] };
    let all = |path: &PathBuf| variants_with(&read(path)?, &path.display().to_string(), &[], catalogue);
    paths.iter().map(all).collect()
}

fn read(path: &Path) -> Result<String, Error> {
    files::read_text(path, files::SUITE).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Read { path: folder.to_owned(), source };
    let mut files = list(folder).map_err(unreadable)?;
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    if files.is_empty() { Err(Error::NoSuites { path: folder.to_owned() }) } else { Ok(files) }
}

/// Reads a suite as [`load`] does, from a text; `file` is what messages call it.
///
/// # Errors
/// Returns an error if the text has a mistake under any of its profiles, or if it has no such profile. One error
/// holds all mistakes, each with its line, column and key.
///
/// # Examples
/// ```
/// let text = r#"
/// schema = 1
/// name = "tiny"
/// defaults = { dataset = "glyphs", epochs = 3, batch = 64, optimizer = { kind = "sgd", lr = 0.1 }, seeds = [1] }
///
/// [[case]]
/// name = "linear"
/// layers = [{ kind = "flatten" }, { kind = "dense", units = "ten" }]
/// "#;
/// let error = tchbench::suite::parse(text, "tiny.toml", None).expect_err("`units` is no number");
/// assert!(error.to_string().contains("units"));
/// ```
pub fn parse(text: &str, file: &str, profile: Option<&str>) -> Result<Suite, Error> {
    parse_with(text, file, profile, &[], &Catalogue::default())
}

/// Reads a suite as [`load_with`] does, from a text; `file` is what messages call it.
///
/// # Errors
/// As [`load_with`], but for a file that cannot be read.
pub fn parse_with(
    text: &str,
    file: &str,
    profile: Option<&str>,
    settings: &[Setting],
    catalogue: &Catalogue,
) -> Result<Suite, Error> {
    let suites = variants_with(text, file, settings, catalogue)?;
    let known: Vec<String> = suites.iter().filter_map(|suite| suite.profile.clone()).collect();
    let profile = profile.filter(|name| *name != FULL || known.iter().any(|known| known == FULL));
    suites.into_iter().find(|suite| suite.profile.as_deref() == profile).ok_or_else(|| {
        let profile = profile.unwrap_or_default().to_owned();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Error::Profile { file: file.to_owned(), advice: nearest(&profile, &known), profile }
    })
}

/// Returns a suite as it stands, and after it under each of its profiles by name.
///
/// # Errors
/// Where it has any mistake, under any of its profiles.
pub fn variants(text: &str, file: &str) -> Result<Vec<Suite>, Error> {
    variants_with(text, file, &[], &Catalogue::default())
}

fn variants_with(
    text: &str,
    file: &str,
    settings: &[Setting],
    catalogue: &Catalogue,
) -> Result<Vec<Suite>, Error> {
    let settings = Settings::new(text, settings);
    read_all(text, &settings, catalogue).map_err(|problems| settings.error(file, problems))
}

fn read_all(text: &str, settings: &Settings<'_>, catalogue: &Catalogue) -> Result<Vec<Suite>, Vec<Problem>> {
    let source = Source::new(settings.text());
    let (mut root, errors) = DeTable::parse_recoverable(&settings.text()[..text.len()]);
    for error in &errors {
        source.report(error.span().unwrap_or(0..0), "", error.message());
    }
    expand(&source, root.get_mut());
    settings.apply(root.get_mut());
    let suites = if source.is_sound() {
        let root = TomlTable::new(&source, String::new(), 0..0, root.get_ref());
        suites(root, !settings.change_the_recipe(), catalogue)
    } else {
        None
    };
    match suites {
        Some(suites) if source.is_sound() => Ok(suites),
        _ => Err(source.into_problems()),
    }
}

/// Reads a suite as it stands and under each of its profiles; `is_as_written` says that `--set` changes no recipe.
fn suites(mut root: TomlTable<'_>, is_as_written: bool, catalogue: &Catalogue) -> Option<Vec<Suite>> {
    root.required("schema", form)?;
    let name = root.required("name", name);
    let description = root.or("description", String::new(), text);
    let analysis = root.or("analysis", String::new(), text);
    let numerics = root.or("numerics", Numerics::Portable, word);
    let defaults = root.find("defaults").and_then(|value| value.table());
    let profiles = root.find("profiles").and_then(|value| value.table());
    let cases = root.required("case", |value| match value.items()? {
        cases if cases.is_empty() => value.report("there is no case; begin one with [[case]]"),
        cases => Some(cases),
    });
    let mut tables: Vec<TomlTable<'_>> = cases.iter().flatten().filter_map(Value::table).collect();
    let names = tables.iter_mut().filter_map(|table| table.find("name")?.as_str());
    let presentation = presentation(&mut root, &names.collect::<Vec<_>>());
    let gates_value = root.find("gate");
    let gates = root.or("gate", Vec::new(), gates);
    root.finish();

    let profiles = profiles.map(|table| table.entries()).unwrap_or_default();
    let profiles = profiles.into_iter().filter_map(|(name, value)| Some((name, value.table()?)));
    let profiles = std::iter::once(None).chain(profiles.map(Some)).collect::<Vec<_>>();
    // What is wrong above does not hide what is wrong with the cases.
    let cases = cases.unwrap_or_default();
    let suite = |profile: Option<(&str, TomlTable<'_>)>| {
        let under = Profile::new(profile.as_ref().map(|(_, table)| table.clone()))?;
        let cases =
            cases.iter().map(|value| case(value, defaults.as_ref(), &under, catalogue)).collect::<Vec<_>>();
        let cases = cases.into_iter().collect::<Option<Vec<_>>>()?;
        let gates = gates.clone()?;
        if let Some(value) = &gates_value {
            // A margin is about the recipe as it stands, which a profile or `--set` may shorten.
            if is_as_written && profile.is_none() {
                let most = cases.iter().map(|case| case.experiment.training.epochs).max()?;
                within_epochs(value, &gates, most)?;
            }
            measurable(value, &gates, &cases)?;
        }
        let used = cases.iter().filter_map(|case| catalogue.find(&case.experiment.data.dataset));
        let datasets =
            used.clone().map(|manifest| (manifest.name.clone(), manifest.content.clone())).collect();
        let named = used.filter(|manifest| !manifest.class_names.is_empty());
        let class_names =
            named.map(|manifest| (manifest.name.clone(), manifest.class_names.clone())).collect();
        Some(Suite {
            name: name.clone()?,
            description: description.clone()?,
            analysis: analysis.clone()?,
            profile: profile.map(|(name, _)| name.to_owned()),
            numerics: numerics?,
            cases,
            gates,
            datasets,
            class_names,
            presentation: presentation.clone()?,
        })
    };
    let suites = profiles.into_iter().map(suite).collect::<Vec<_>>();
    distinct(&cases);
    suites.into_iter().collect()
}

/// Reads the form of a suite file.
pub(super) fn form(value: &Value<'_>) -> Option<()> {
    value.says(|| json!({ "enum": [SCHEMA] }));
    match integer(value)? {
        SCHEMA => Some(()),
        _ => value.refuse(format!("this tchbench reads schema = {SCHEMA}")),
    }
}

/// Reports every case named like one before it.
fn distinct(cases: &[Value<'_>]) {
    let mut seen = HashSet::new();
    for mut table in cases.iter().filter_map(Value::table) {
        if let Some(value) = table.find("name")
            && let Some(name) = value.as_str()
            && !seen.insert(name)
        {
            value.refuse::<()>("another case before it has this name");
        }
    }
}

/// A profile, or none.
struct Profile<'a> {
    table: Option<TomlTable<'a>>,
    keeps_claims: bool,
}

impl<'a> Profile<'a> {
    /// Claims are about the recipe as it stands: a profile that changes more than the seeds drops
    /// them, unless it says otherwise.
    fn new(table: Option<TomlTable<'a>>) -> Option<Self> {
        let Some(mut table) = table else { return Some(Profile { table: None, keeps_claims: true }) };
        let same = PROFILED.iter().all(|key| *key == "seeds" || !table.has(key));
        let keeps_claims = table.or("keep_claims", same, flag);
        let known = [&PROFILED[..], &["keep_claims"]].concat();
        table.refuse_all_but(&known);
        Some(Profile { table: Some(table), keeps_claims: keeps_claims? })
    }
}

fn case<'a>(
    value: &Value<'a>,
    defaults: Option<&TomlTable<'a>>,
    profile: &Profile<'a>,
    catalogue: &Catalogue,
) -> Option<Case> {
    let called = value.table()?.find("name").and_then(|name| name.as_str().map(str::to_owned));
    let value = match called {
        Some(called) => value.clone().named(format!("case.{called}")),
        None => value.clone(),
    };
    let mut own = value.table()?;
    let name = own.required("name", name);
    let description = own.or("description", String::new(), text);
    let parameters = own.find("parameters");
    let claims = own.find("claims");
    let layers_value = own.find("layers");
    if layers_value.is_none() {
        own.report::<()>("`layers` is missing");
    }

    let mut recipe = value.table()?.over(defaults).under(profile.table.as_ref());
    let convention = recipe.or("convention", Convention::Torch, word);
    let l2 = recipe.or("l2", 0.0, number(Within::NotNegative));
    let seeds = recipe.or("seeds", vec![1], seeds);
    let data = data(&mut recipe, catalogue);
    let held_out = data.as_ref().is_none_or(|data| data.validation.is_some());
    let inherited =
        LayerDefaults { convention: convention.unwrap_or(Convention::Torch), l2: l2.unwrap_or(0.0) };
    let training = training(&mut recipe, inherited.convention, held_out);
    let layers = layers_value.as_ref().and_then(|value| Layer::read_values(value, inherited));

    if let Some(defaults) = defaults {
        defaults.refuse_all_but(recipe.asked());
    }
    let known = [own.asked(), recipe.asked()].concat();
    own.refuse_all_but(&known);

    let classes = data.as_ref().map_or(MOST_CLASSES, |data| data.geometry.classes);
    let epochs = training.as_ref().map_or(u32::MAX, |training| training.epochs);
    let claims = match claims.filter(|_| profile.keeps_claims) {
        Some(value) => {
            let claims = value.items()?;
            let claims: Vec<_> = claims.iter().map(|item| claim(item, epochs, held_out, classes)).collect();
            claims.into_iter().collect()
        }
        None => Some(Vec::new()),
    };
    let experiment =
        Experiment { data: data?, convention: convention?, layers: layers?, training: training? };
    let total = total(&experiment, layers_value.as_ref()?)?;
    if let Some(batch) = recipe.find("batch") {
        every_batch_has_a_variance(&experiment, &batch, catalogue)?;
    }
    let parameters = match parameters {
        Some(value) => Some(stated(&value, total)?),
        None => None,
    };
    Some(Case {
        name: name?,
        description: description?,
        experiment,
        seeds: seeds?,
        parameters,
        claims: claims?,
    })
}

/// Trainable parameters, where the layers fit together.
fn total(experiment: &Experiment, value: &Value<'_>) -> Option<u64> {
    match shape::plan_of(experiment) {
        Ok(rows) => Some(shape::parameters(&rows)),
        Err(error) => {
            let items = value.items()?;
            let place = error.layer().and_then(|index| items.get(index)).unwrap_or(value);
            place.report(error.to_string())
        }
    }
}

/// Batch normalisation of a vector, or of maps of one pixel, has a single value a feature in a batch of one.
fn every_batch_has_a_variance(
    experiment: &Experiment,
    batch: &Value<'_>,
    catalogue: &Catalogue,
) -> Option<()> {
    let samples = samples_an_epoch(&experiment.data, catalogue)?;
    let size = experiment.training.batch;
    let rows = shape::plan_of(experiment).ok()?;
    let takes_one_value = |row: &LayerPlan| {
        let layer = experiment.layers.get(row.layer);
        layer.is_some_and(Layer::normalizes_batches) && row.input.values() == u64::from(row.input.features())
    };
    match rows.iter().find(|row| takes_one_value(row)) {
        Some(row) if size == 1 || samples % size == 1 => batch.refuse(format!(
            "an epoch of {samples} training samples has a batch of one, in which layers[{}] (`batch-norm`) finds no \
             variance; give another batch or train_samples",
            row.layer + 1
        )),
        _ => Some(()),
    }
}

/// The number of parameters that a case states, where it is right.
fn stated(value: &Value<'_>, total: u64) -> Option<u64> {
    match integer(value)? {
        stated if stated == total => Some(stated),
        _ => value.refuse(format!("the layers have {total} parameters (`tchbench params` shows them)")),
    }
}

/// Reports a gate of which the trials of a case have no value: one of a validation metric where the case holds no
/// samples out, or one of more classes than its dataset has.
fn measurable(value: &Value<'_>, gates: &[Gate], cases: &[Case]) -> Option<()> {
    for Gate { metric, .. } in gates {
        for Case { name, experiment, .. } in cases {
            let classes = experiment.data.geometry.classes;
            if metric.needs_validation() && experiment.data.validation.is_none() {
                return value.report(format!(
                    "{metric} needs samples held out for validation, and case {name} holds none out"
                ));
            }
            if metric.classes() > classes {
                return value
                    .report(format!("{metric} makes no sense for case {name}, which has {classes} classes"));
            }
        }
    }
    Some(())
}

/// Reads seeds, at least one and each once.
pub(super) fn seeds(value: &Value<'_>) -> Option<Vec<u64>> {
    value.says(|| json!({ "minItems": 1, "uniqueItems": true }));
    let items = value.items()?;
    let mut seeds = Vec::new();
    let mut seen = HashSet::new();
    for item in &items {
        let seed = integer(item)?;
        if !seen.insert(seed) {
            return item.refuse("this seed is there already");
        }
        seeds.push(seed);
    }
    if seeds.is_empty() { value.report("give at least one seed, as in [1]") } else { Some(seeds) }
}
