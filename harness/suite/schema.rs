//! The JSON Schema of suite files, which their readers describe.

use serde_json::{Map, Value as Json, json};

use super::case::{Case, Suite};
use super::claim::claim;
use super::data_plan::data;
use super::file::{PROFILED, form, seeds};
use super::gate::gates;
use super::shown::presentation;
use super::training::training;
use crate::reader::{Value, Within, describe, flag, integer, number, text, word};
use crate::recipe::datasets::Catalogue;
use crate::recipe::layers::{LayerDefaults, LayerKind};
use crate::recipe::{Convention, Experiment, Layer, MOST_CLASSES, Numerics, name};

/// The keywords of a schema, or the schemas that it holds by name.
type Keywords = Map<String, Json>;

/// Returns the JSON Schema of suite files: of draft 4, which is the one that editors of TOML know.
///
/// # Examples
/// ```
/// let schema = tchbench::suite::schema();
/// assert_eq!(schema["properties"]["case"]["type"], "array");
/// ```
pub fn schema() -> Json {
    let (mut root, mut definitions) = describe(file);
    let (own, recipe, mut of_cases) = case_keys();
    of_cases.values_mut().for_each(loosen);
    definitions.extend(of_cases);
    definitions.insert("written-out".to_owned(), written_out());

    let case = case(&own, &recipe);
    let inherited = recipe.get("required").and_then(Json::as_array).into_iter().flatten();
    root["allOf"] = inherited.map(in_defaults_or_in_cases).collect();
    root["properties"]["defaults"] = defaults(&recipe);
    root["properties"]["profiles"] = profiles(&recipe);
    root["properties"]["case"] = json!({
        "description": "The cases: each is one architecture under one recipe.",
        "type": "array",
        "minItems": 1,
        "items": case,
    });
    root["required"] = json!(["schema", "name", "case"]);
    root["$schema"] = json!("http://json-schema.org/draft-04/schema#");
    root["title"] = json!("A suite of tchbench");
    root["definitions"] = definitions.into();
    root
}

/// Reads the keys of a suite that are no recipe.
fn file(value: &Value<'_>) -> Option<()> {
    let mut root = value.table()?;
    root.explain::<Suite>();
    root.means("schema", "The form of this file.");
    root.means("gate", "Metrics that are held against the baseline, besides accuracy and loss.");
    root.required("schema", form);
    root.required("name", name);
    root.or("description", String::new(), text);
    root.or("analysis", String::new(), text);
    root.or("numerics", Numerics::Portable, word);
    presentation(&mut root, &[]);
    root.or("gate", Vec::new(), gates);
    root.finish();
    None
}

/// Returns the schemas of the keys that a case alone has and of those of its recipe, and what they refer to. A default
/// that depends on the convention, or on another key, is left out.
fn case_keys() -> (Json, Json, Keywords) {
    let describe = |inherited: LayerDefaults| {
        let (own, mut definitions) = describe(|value| own_keys(value, inherited));
        let (recipe, more) = describe(|value| recipe_keys(value, inherited.convention));
        definitions.extend(more);
        (own, recipe, definitions)
    };
    let (own, recipe, mut definitions) = describe(LayerDefaults { convention: Convention::Torch, l2: 0.0 });
    for (convention, l2) in [(Convention::Keras, 1.0), (Convention::Tf1, 2.0)] {
        let (_, _, other) = describe(LayerDefaults { convention, l2 });
        definitions.iter_mut().for_each(|(name, schema)| agree(schema, other.get(name)));
    }
    (own, recipe, definitions)
}

/// Takes every default out of a schema that is another one there.
fn agree(schema: &mut Json, other: Option<&Json>) {
    match schema {
        Json::Object(members) => {
            if members.get("default") != other.and_then(|other| other.get("default")) {
                members.remove("default");
            }
            members
                .iter_mut()
                .for_each(|(key, member)| agree(member, other.and_then(|other| other.get(key))));
        }
        Json::Array(items) => {
            let at = |index: usize| other.and_then(|other| other.get(index));
            items.iter_mut().enumerate().for_each(|(index, item)| agree(item, at(index)));
        }
        _ => {}
    }
}

/// Reads the keys that a case alone has.
fn own_keys(value: &Value<'_>, inherited: LayerDefaults) -> Option<()> {
    let mut own = value.table()?;
    own.explain::<Case>();
    own.explain::<Experiment>();
    own.required("name", name);
    own.or("description", String::new(), text);
    own.required("layers", |value| Layer::read_values(value, inherited));
    own.if_given("parameters", integer);
    own.list("claims", |item| claim(item, u32::MAX, true, MOST_CLASSES));
    None
}

/// Reads the keys of a recipe, which cases, `[defaults]` and profiles have.
fn recipe_keys(value: &Value<'_>, convention: Convention) -> Option<()> {
    let mut recipe = value.table()?;
    recipe.explain::<Experiment>();
    recipe.explain::<Case>();
    recipe.or("convention", Convention::Torch, word);
    recipe.means("l2", "L2 penalty of the kernels of all layers that give none of their own.");
    recipe.or("l2", 0.0, number(Within::NotNegative));
    recipe.or("seeds", vec![1], seeds);
    data(&mut recipe, &Catalogue::default());
    training(&mut recipe, convention, true);
    None
}

/// The schema of a case: with `each` or `grid` any value may be a text with a placeholder.
fn case(own: &Json, recipe: &Json) -> Json {
    let mut case = own.clone();
    for (key, schema) in members(recipe, "properties") {
        case["properties"][key] = schema.clone();
    }
    loosen(&mut case);
    case["type"] = json!("object");
    drop(case.as_object_mut().and_then(|case| case.remove("pattern")));
    case["properties"]["each"] = json!({
        "description": "Rows of values: the case is written once for each of them, with `{key}` replaced by the row's value.",
        "type": "array",
        "minItems": 1,
        "items": { "type": "object", "additionalProperties": true },
    });
    case["properties"]["grid"] = json!({
        "description": "Lists of values: the case is written once for every combination of them.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": { "type": "array", "minItems": 1 },
    });
    case["required"] = json!(["name", "layers"]);
    case["additionalProperties"] = json!(false);
    let written_out = json!({ "$ref": "#/definitions/written-out" });
    let claim = json!({ "properties": { "source": {} }, "additionalProperties": written_out });
    let plain = json!({
        "properties": { "description": {}, "claims": { "items": claim } },
        "additionalProperties": written_out,
    });
    case["anyOf"] = json!([{ "required": ["each"] }, { "required": ["grid"] }, plain]);
    case
}

/// The schema of `[defaults]`.
fn defaults(recipe: &Json) -> Json {
    json!({
        "description": "Keys of a case for all cases; a case's own key overrides them.",
        "type": "object",
        "properties": recipe["properties"],
        "additionalProperties": false,
        "allOf": [{ "$ref": "#/definitions/written-out" }],
    })
}

/// The schema of `[profiles]`.
fn profiles(recipe: &Json) -> Json {
    let keeps = describe(|value| {
        value.says(
            || json!({ "description": "Whether claims are kept, which are about the suite as it stands." }),
        );
        flag(value)
    });
    let profiled = members(recipe, "properties").filter(|(key, _)| PROFILED.contains(&key.as_str()));
    let mut keys: Keywords = profiled.map(|(key, schema)| (key.clone(), schema.clone())).collect();
    keys.insert("keep_claims".to_owned(), keeps.0);
    let profile = json!({ "type": "object", "properties": keys, "additionalProperties": false });
    json!({
        "description": "Keys that override defaults and cases where `--profile NAME` is given.",
        "type": "object",
        "additionalProperties": profile,
    })
}

/// A key of a recipe that has no default: the defaults have it, or every case.
fn in_defaults_or_in_cases(key: &Json) -> Json {
    json!({ "anyOf": [
        { "required": ["defaults"], "properties": { "defaults": { "required": [key] } } },
        { "properties": { "case": { "items": { "required": [key] } } } },
    ] })
}

/// A text with a placeholder of a template, as a regular expression.
const PLACEHOLDER: &str = r"\{[^}]*\}";
/// A text that is a placeholder and nothing else: the value that takes its place may be of any type.
const WHOLE_PLACEHOLDER: &str = r"^\{[^}]*\}$";

/// The schema of a value in which no text holds a placeholder.
fn written_out() -> Json {
    let itself = json!({ "$ref": "#/definitions/written-out" });
    json!({
        "not": { "type": "string", "pattern": PLACEHOLDER },
        "items": itself,
        "additionalProperties": itself,
    })
}

/// Lets a text with a placeholder stand in place of the value that a schema describes, and of each value within it.
fn loosen(schema: &mut Json) {
    for (_, property) in members_mut(schema, "properties") {
        loosen(property);
    }
    if let Some(items) = schema.get_mut("items") {
        loosen(items);
    }
    let Json::Object(members) = schema else { return };
    let placeholder = json!({ "type": "string", "pattern": PLACEHOLDER });
    match members.remove("type") {
        // Any text may stand there already, but for one that must have a form.
        Some(Json::String(own)) if own == "string" => {
            if let Some(pattern) = members.remove("pattern") {
                members
                    .insert("anyOf".to_owned(), json!([{ "pattern": pattern }, { "pattern": PLACEHOLDER }]));
            }
            members.insert("type".to_owned(), own.into());
        }
        // A pattern is about texts alone, as bounds are about numbers alone.
        Some(own) => {
            let own = if let Json::Array(own) = own { own } else { vec![own] };
            members.insert("type".to_owned(), own.into_iter().chain([json!("string")]).collect());
            members.insert("pattern".to_owned(), WHOLE_PLACEHOLDER.into());
            let alternatives = members.get_mut("anyOf").and_then(Json::as_array_mut).into_iter().flatten();
            alternatives.for_each(loosen);
        }
        None => {
            if let Some(words) = members.remove("enum") {
                members.insert("anyOf".to_owned(), json!([{ "enum": words }, placeholder]));
            } else if let Some(alternatives) = members.get_mut("anyOf").and_then(Json::as_array_mut) {
                alternatives.push(placeholder);
            }
        }
    }
}

/// The members of an object within a schema.
fn members<'s>(schema: &'s Json, key: &str) -> impl Iterator<Item = (&'s String, &'s Json)> {
    schema.get(key).and_then(Json::as_object).into_iter().flatten()
}

fn members_mut<'s>(schema: &'s mut Json, key: &str) -> impl Iterator<Item = (&'s String, &'s mut Json)> {
    schema.get_mut(key).and_then(Json::as_object_mut).into_iter().flatten()
}
