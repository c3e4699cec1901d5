//! What makes up a trial's identity: everything that can change a bit, and nothing else.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use tchbench::recipe::Experiment;
use tchbench::recipe::datasets::Catalogue;
use tchbench::recipe::{Device, Environment, Numerics, identity};
use tchbench::suite::{Selection, expand, parse};

const NATIVE: Environment = Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Native };

/// Together they hold every key, every kind of layer, every optimizer and every schedule.
const CASES: &str = r#"
schema = 1
name = "all"
[[case]]
name = "images"
dataset = "mnist"
validation = { from = "train", count = 100, by = "seed" }
train_samples = 1000
test_samples = 500
label_noise = 0.2
augmentation = { when = "once", shift = 0.1, rotate = 15, flip = true }
resize = [20, 24]
pixel_noise = { when = "every-epoch", mean = 0.1, std = 0.05 }
binarize = 0.1
normalize = { mean = 0.5, std = 0.5 }
convention = "keras"
epochs = 3
batch = 32
optimizer = { kind = "sgd", lr = 0.1, momentum = 0.9, nesterov = true }
schedule = { kind = "reduce-on-plateau", factor = 0.2, patience = 10, min_lr = 1e-4, min_delta = 0 }
weight_decay = 1e-4
early_stopping = { patience = 20, monitor = "validation-loss", restore_best = true }
layers = [
  { kind = "conv", filters = 4, kernel = [3, 5], stride = [1, 2], activation = "relu", bias = false, l2 = 0.1 },
  { kind = "batch-norm" },
  { kind = "max-pool", size = [2, 1], stride = [1, 2] },
  { kind = "avg-pool", size = [1, 2] },
  { kind = "dropout", rate = 0.5 },
  { kind = "activation", function = "tanh" },
  { kind = "flatten" },
  { kind = "dense", units = 10, l2 = 0.01 },
]
[[case]]
name = "rows"
dataset = "glyphs"
epochs = 3
batch = 32
optimizer = { kind = "adam", lr = 1e-3 }
schedule = { kind = "inverse-time", decay = 1e-6 }
layers = [
  { kind = "sequence", by = "rows" },
  { kind = "gru", units = 8, layers = 2, reset = "before", output = "every", l2 = 0.1 },
  { kind = "lstm", units = 8, bidirectional = true, implementation = "equations" },
  { kind = "dense", units = 10 },
]
[[case]]
name = "rmsprop"
dataset = "glyphs"
epochs = 3
batch = 32
optimizer = { kind = "rmsprop", lr = 1e-3 }
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]
[[case]]
name = "filled"
dataset = "glyphs"
validation = { from = "train", count = 100 }
augmentation = { when = "once", flip = true, fill = "nearest" }
epochs = 3
batch = 32
optimizer = { kind = "sgd", lr = 0.1 }
schedule = { kind = "reduce-on-plateau", factor = 0.2, patience = 10, min_delta = 0.25, threshold = 0.125 }
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]
"#;

fn digests() -> BTreeMap<String, String> {
    BTreeMap::from([("train".to_owned(), "0a".to_owned()), ("test".to_owned(), "0b".to_owned())])
}

fn of(experiment: &Experiment) -> String {
    identity(experiment, 1, &digests(), &NATIVE)
}

/// Words of every choice.
const WORDS: [&str; 27] = [
    "torch",
    "keras",
    "tf1",
    "train",
    "test",
    "order",
    "seed",
    "once",
    "zero",
    "nearest",
    "every-epoch",
    "linear",
    "relu",
    "same",
    "valid",
    "rows",
    "columns",
    "lstm",
    "gru",
    "last",
    "every",
    "after",
    "before",
    "library",
    "equations",
    "validation-loss",
    "validation-accuracy",
];

/// Every JSON that differs from this one in one place, with the way there; `*` stands for a
/// change of more than a leaf.
fn variants(value: &Value) -> Vec<(String, Value)> {
    let whole = |changed| ("*".to_owned(), changed);
    let leaf = |changed| (String::new(), changed);
    let mut all = match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, inner)| {
                variants(inner).into_iter().map(move |(path, changed)| {
                    let mut map = map.clone();
                    map.insert(key.clone(), changed);
                    (format!("{key}.{path}"), Value::Object(map))
                })
            })
            .collect(),
        Value::Array(items) => (0..items.len())
            .flat_map(|index| {
                variants(&items[index]).into_iter().map(move |(path, changed)| {
                    let mut items = items.clone();
                    items[index] = changed;
                    (format!("{index}.{path}"), Value::Array(items))
                })
            })
            .chain([whole(json!(items[1..]))])
            .collect(),
        Value::Null => Vec::new(),
        Value::Bool(flag) => vec![leaf(json!(!flag))],
        Value::Number(number) => vec![leaf(match number.as_u64() {
            Some(number) => json!(number + 1),
            None => json!(f64::from_bits(number.as_f64().unwrap().to_bits() + 1)),
        })],
        Value::String(word) => {
            WORDS.iter().filter(|other| *other != word).map(|other| leaf(json!(other))).collect()
        }
    };
    if !value.is_null() {
        all.push(whole(Value::Null));
    }
    all
}

#[test]
fn every_field_of_an_experiment_counts() {
    for case in parse(CASES, "all.toml", None).unwrap().cases {
        let whole = serde_json::to_value(&case.experiment).unwrap();
        let mut seen = BTreeSet::from([of(&case.experiment)]);
        // A dataset is known by its digests, not by its name.
        let variants: Vec<_> =
            variants(&whole).into_iter().filter(|(path, _)| path != "data.dataset.").collect();
        let mut untouched: BTreeSet<String> = variants.iter().map(|(path, _)| path.clone()).collect();
        for (path, changed) in variants {
            if let Ok(experiment) = serde_json::from_value::<Experiment>(changed) {
                assert!(seen.insert(of(&experiment)), "{}: {path} does not count", case.name);
                untouched.remove(&path);
            }
        }
        // A tag names the fields beside it, so another word in its place is no layer.
        untouched.retain(|path| !path.ends_with("kind.") && !path.ends_with('*'));
        assert!(untouched.is_empty(), "{}: not tried: {untouched:?}", case.name);
    }
}

#[test]
fn a_dataset_counts_by_its_content_whatever_it_is_called() {
    let experiment = &parse(CASES, "all.toml", None).unwrap().cases[0].experiment;
    let called = |name: &str| {
        let mut experiment = experiment.clone();
        experiment.data.dataset = name.to_owned();
        experiment
    };
    assert_eq!(of(&called("ours")), of(&called("theirs")));
    let mnist = Catalogue::default().find("mnist").unwrap().content.clone();
    let of_mnist = |name| identity(&called(name), 1, &mnist, &NATIVE);
    assert_eq!(of_mnist("ours"), of_mnist("mnist"));
    assert_ne!(of_mnist("mnist"), of(&called("mnist")));
}

#[test]
fn the_surroundings_count_as_far_as_they_decide_bits() {
    let experiment = &parse(CASES, "all.toml", None).unwrap().cases[0].experiment;
    let cuda = |index| Environment { device: Device::Cuda(index), ..NATIVE };
    let portable = Environment { numerics: Numerics::Portable, ..NATIVE };
    let two_threads = |environment| Environment { threads: 2, ..environment };
    let other_digest =
        BTreeMap::from([("train".to_owned(), "0c".to_owned()), ("test".to_owned(), "0b".to_owned())]);
    let all = [
        identity(experiment, 1, &digests(), &NATIVE),
        identity(experiment, 2, &digests(), &NATIVE),
        identity(experiment, 1, &other_digest, &NATIVE),
        identity(experiment, 1, &digests(), &two_threads(NATIVE)),
        identity(experiment, 1, &digests(), &portable),
        identity(experiment, 1, &digests(), &cuda(0)),
    ];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(identity(experiment, 1, &digests(), &two_threads(portable)), all[4]);
    assert_eq!(identity(experiment, 1, &digests(), &cuda(1)), all[5]);
    assert_eq!(identity(experiment, 1, &digests(), &two_threads(cuda(0))), all[5]);
    let portable_on_cuda = Environment { numerics: Numerics::Portable, ..cuda(0) };
    assert_eq!(identity(experiment, 1, &digests(), &portable_on_cuda), all[5]);
}

/// The canonical form itself: a change here makes every stored record a stranger.
#[test]
fn identity_is_pinned() {
    let suite = parse(CASES, "all.toml", None).unwrap();
    let trials = expand(&suite, NATIVE, |_| Some(digests()));
    let lines: Vec<String> =
        trials.iter().map(|trial| format!("{} {}", trial.case, trial.identity)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_trial_for_each_selected_case_and_seed() {
    let suite = parse(CASES, "all.toml", None).unwrap();
    let select = |filters: &[&str], seeds| {
        let filters: Vec<String> = filters.iter().map(|filter| filter.to_string()).collect();
        let suite = Selection::new(&filters, seeds).unwrap().of(vec![suite.clone()]).remove(0);
        let trials = expand(&suite, NATIVE, |name| (name != "mnist").then(digests));
        trials
            .iter()
            .map(|trial| format!("{}/{}/{}", trial.suite, trial.case, trial.seed))
            .collect::<Vec<_>>()
    };
    assert_eq!(select(&[], None), ["all/rows/1", "all/rmsprop/1", "all/filled/1"]);
    assert_eq!(select(&["row"], Some("3,1-2")), ["all/rows/3", "all/rows/1", "all/rows/2"]);
    assert_eq!(select(&["all/r*", "images"], None), ["all/rows/1", "all/rmsprop/1"]);
    assert!(select(&["nothing"], None).is_empty());
}

/// The keys of a case, one a line, each meaning the same in either of its spellings.
const KEYS: [[&str; 2]; 8] = [
    ["dataset = \"mnist\"", "dataset = 'mnist'"],
    ["epochs = 30", "epochs = 0x1e"],
    ["batch = 1_000", "batch = 1000"],
    ["optimizer = { kind = \"adam\", lr = 1e-3 }", "optimizer = { lr = 0.001, eps = 1e-8, kind = \"adam\" }"],
    ["label_noise = 0", "label_noise = -0.0"],
    ["convention = \"torch\"", ""],
    ["resize = 14", "resize = [14, 14]"],
    [
        "layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 10 }]",
        "layers = [\n  { kind = \"flatten\" }, # to a vector\n  { units = 10, kind = \"dense\", bias = true },\n]",
    ],
];

proptest! {
    /// Names, comments, spelling, order, and whether a key stands in the defaults, change nothing.
    #[test]
    fn how_a_suite_is_written_does_not_count(
        order in Just((0..KEYS.len()).collect::<Vec<_>>()).prop_shuffle(),
        spelling in prop::array::uniform8(0_usize..2),
        in_defaults in prop::array::uniform8(any::<bool>()),
        comment in "[ -~]{0,20}",
        name in "[a-z0-9][a-z0-9._-]{0,8}",
    ) {
        let mut defaults = String::new();
        let mut case = String::new();
        for index in order {
            let line = KEYS[index][spelling[index]];
            let table = if in_defaults[index] && !line.starts_with("layers") { &mut defaults } else { &mut case };
            table.push_str(&format!("{line}\n# {comment}\n"));
        }
        let text = format!("schema = 1\nname = \"{name}\"\n[defaults]\n{defaults}\n[[case]]\nname = \"{name}\"\n{case}");
        let plain: String = KEYS.iter().map(|[line, _]| format!("{line}\n")).collect();
        let plain = format!("schema = 1\nname = \"plain\"\n[[case]]\nname = \"plain\"\n{plain}");
        let experiment = |text: &str, file: &str| parse(text, file, None).unwrap().cases.remove(0).experiment;
        prop_assert_eq!(of(&experiment(&text, &name)), of(&experiment(&plain, "plain.toml")));
    }
}
