//! The JSON Schemas that the program prints, held against what it reads and writes.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tchbench::suite;

/// What `tchbench schema KIND` prints.
fn printed(kind: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench")).args(["schema", kind]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn schema(kind: &str) -> Value {
    serde_json::from_str(&printed(kind)).unwrap()
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = fs::read_to_string(root.join("docs/suite.schema.json")).unwrap();
    let advice = "make it again: tchbench schema suite > docs/suite.schema.json";
    assert!(committed == printed("suite"), "docs/suite.schema.json is out of date; {advice}");
    for entry in fs::read_dir(root.join("suites")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#:schema ../docs/suite.schema.json\n"), "{}", path.display());
    }
}

#[test]
fn every_schema_names_its_draft() {
    for (kind, draft) in [
        ("suite", "http://json-schema.org/draft-04/schema#"),
        ("record", "https://json-schema.org/draft/2020-12/schema"),
        ("baseline", "https://json-schema.org/draft/2020-12/schema"),
        ("diff", "https://json-schema.org/draft/2020-12/schema"),
    ] {
        assert_eq!(schema(kind)["$schema"], draft, "{kind}");
    }
}

/// A key that no table has, and that is like no other.
const NONE: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

/// The keys that the reader of suites knows where a text has [`NONE`]: those that it names instead.
fn known(text: &str) -> BTreeSet<String> {
    let told = suite::variants(text, "s.toml").unwrap_err().to_string();
    let line = told.lines().find(|line| line.contains(NONE)).unwrap_or_else(|| panic!("{text}\n{told}"));
    let (_, keys) = line.split_once("no such key; there are ").unwrap_or_else(|| panic!("{line}"));
    keys.split(", ").map(str::to_owned).collect()
}

/// The keys that a schema has.
fn described(schema: &Value) -> BTreeSet<String> {
    assert_eq!(schema["additionalProperties"], false, "{schema}");
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

/// A suite with these lines at its beginning, in its defaults and in its only case.
fn whole(root: &str, defaults: &str, case: &str) -> String {
    let layers = if case.contains("layers") { "" } else { "layers = [{ kind = \"flatten\" }]" };
    format!(
        "schema = 1\nname = \"s\"\n{root}\n[defaults]\n{defaults}\n[[case]]\nname = \"a\"\n{layers}\n{case}\n"
    )
}

#[test]
fn tables_have_the_keys_that_their_readers_ask_for() {
    let schema = schema("suite");
    let properties = &schema["properties"];
    let case = &properties["case"]["items"];
    let none = format!("{NONE} = 1");
    assert_eq!(known(&whole(&none, "", "")), described(&schema));
    assert_eq!(known(&whole("", &none, "")), described(&properties["defaults"]));
    assert_eq!(
        known(&whole(&format!("profiles = {{ p = {{ {none} }} }}"), "", "")),
        described(&properties["profiles"]["additionalProperties"])
    );
    // `each` and `grid` are gone before a case is read.
    let mut own = described(case);
    own.retain(|key| key != "each" && key != "grid");
    assert_eq!(known(&whole("", "", &none)), own);
    for key in ["validation", "augmentation", "pixel_noise", "normalize", "early_stopping"] {
        let text = whole("", "", &format!("{key} = {{ {none} }}"));
        assert_eq!(known(&text), described(&case["properties"][key]), "{key}");
    }
    assert_eq!(
        known(&whole("", "", &format!("claims = [{{ {none} }}]"))),
        described(&case["properties"]["claims"]["items"])
    );
    assert_eq!(
        known(&whole(&format!("gate = [{{ {none} }}]"), "", "")),
        described(&properties["gate"]["items"])
    );
}

#[test]
fn every_kind_has_the_keys_that_its_reader_asks_for() {
    let schema = schema("suite");
    let mut kinds = 0;
    for (name, place) in [
        ("layer", "layers = [{}]"),
        ("optimizer", "optimizer = {}"),
        ("schedule", "schedule = {}"),
        ("table", "table = [{}]"),
        ("figure", "figure = [{}]"),
    ] {
        for alternative in schema["definitions"][name]["anyOf"].as_array().unwrap() {
            let kind = &alternative["properties"]["kind"];
            // A layer's kind may be a template's placeholder, too.
            let word = kind["enum"].get(0).or(kind["anyOf"][0]["enum"].get(0)).and_then(Value::as_str);
            let table = format!("{{ kind = \"{}\", {NONE} = 1 }}", word.unwrap());
            let line = place.replace("{}", &table);
            let text =
                if name == "table" || name == "figure" { whole(&line, "", "") } else { whole("", "", &line) };
            let known = if described(alternative).len() == 1 {
                let told = suite::variants(&text, "s.toml").unwrap_err().to_string();
                assert!(told.contains("no such key; there are kind"), "{told}");
                BTreeSet::from(["kind".to_owned()])
            } else {
                known(&text)
            };
            assert_eq!(known, described(alternative), "{name} {table}");
            kinds += 1;
        }
    }
    assert_eq!(kinds, 15 + 4 + 5 + 4 + 4);
    let projection = schema["definitions"]["layer"]["anyOf"].as_array().unwrap().iter();
    let projection =
        projection.map(|kind| &kind["properties"]["projection"]).find(|one| one.is_object()).unwrap();
    let layers = format!("layers = [{{ kind = \"residual\", layers = [], projection = {{ {NONE} = 1 }} }}]");
    assert_eq!(known(&whole("", "", &layers)), described(projection));
}

/// What editors show beside a key.
#[test]
fn every_key_says_what_it_means() {
    fn walk(path: &str, schema: &Value, silent: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            if property["description"].is_null() && key != "kind" {
                silent.push(path.clone());
            }
            walk(&path, property, silent);
        }
        walk_all(path, &schema["anyOf"], silent);
        if schema["items"].is_object() {
            walk(path, &schema["items"], silent);
        }
    }
    fn walk_all(path: &str, schemas: &Value, silent: &mut Vec<String>) {
        schemas.as_array().into_iter().flatten().for_each(|schema| walk(path, schema, silent));
    }
    let schema = schema("suite");
    let mut silent = Vec::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        let whole = if key == "case" {
            let mut case = property["items"].clone();
            // What holds of written-out cases alone has no keys of its own.
            case["anyOf"].take();
            case
        } else {
            property.clone()
        };
        assert!(property["description"].is_string(), "{key}");
        walk(key, &whole, &mut silent);
    }
    for (name, definition) in schema["definitions"].as_object().unwrap() {
        walk(name, definition, &mut silent);
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

/// A value that the program fills in is told, but for one that depends on the convention or on another key.
#[test]
fn defaults_are_told() {
    let schema = schema("suite");
    let kinds = schema["definitions"]["layer"]["anyOf"].as_array().unwrap();
    let of = |kind: &str| {
        let is_it = |one: &&Value| one["properties"]["kind"]["anyOf"][0]["enum"][0] == kind;
        &kinds.iter().find(is_it).unwrap()["properties"]
    };
    assert_eq!(of("conv")["kernel"]["default"], serde_json::json!([3, 3]));
    assert_eq!(of("gru")["layers"]["default"], 1);
    for (kind, key) in [("gru", "reset"), ("batch-norm", "eps"), ("dense", "l2"), ("max-pool", "stride")] {
        assert!(of(kind)[key]["default"].is_null(), "{kind} {key}");
    }
    let case = &schema["properties"]["case"]["items"]["properties"];
    assert_eq!(case["schedule"]["default"]["kind"], "constant");
    assert_eq!(case["validation"]["properties"]["by"]["default"], "order");
}
