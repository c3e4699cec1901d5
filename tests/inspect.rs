//! `tchbench inspect` through the program: every view of networks that were trained for an epoch.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

const SUITE: &str = "
    schema = 1
    name = 'tiny'
    experiment = 'Z'
    [defaults]
    dataset = 'glyphs'
    validation = { from = 'test', count = 100 }
    train_samples = 300
    test_samples = 120
    epochs = 1
    batch = 32
    optimizer = { kind = 'adam', lr = 1e-2 }
    seeds = [1]
    [[case]]
    name = 'rnn'
    normalize = { mean = 0.5, std = 0.5 }
    layers = [{ kind = 'sequence' }, { kind = 'rnn', units = 6 }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'lstm'
    resize = [14, 14]
    layers = [{ kind = 'sequence', by = 'columns' }, { kind = 'lstm', units = 5, layers = 2 }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'gru'
    binarize = 0.1
    layers = [{ kind = 'sequence' }, { kind = 'gru', units = 4, reset = 'before', bidirectional = true }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'mlp'
    label_noise = 0.5
    augmentation = { when = 'appended', shift = 0.2 }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 10 }]
";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// Trains the suite; `options` are of `run`.
    fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), SUITE).unwrap();
        let place = Place { folder };
        let run = ["run", "suite.toml", "--device", "cpu", "--name", "run", "--quiet"];
        let output = place.call(&[&run, options].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        place
    }

    fn call(&self, args: &[&str]) -> Output {
        self.call_in("", args)
    }

    fn call_in(&self, below: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(args).current_dir(self.folder.path().join(below)).stdin(Stdio::null()).output().unwrap()
    }

    /// What `inspect` puts on stdout.
    fn inspect(&self, args: &[&str]) -> String {
        let output = self.call(&[&["inspect"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.inspect(args)).unwrap()
    }

    /// The file that `inspect` writes.
    fn file(&self, args: &[&str], name: &str) -> Vec<u8> {
        assert_eq!(self.inspect(&[args, &["--out", name]].concat()), format!("{name}\n"));
        fs::read(self.folder.path().join(name)).unwrap()
    }

    /// The exit code and stderr of what fails.
    fn refused(&self, args: &[&str]) -> (i32, String) {
        let output = self.call(&[&["inspect"], args].concat());
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn weights(&self, case: &str) -> PathBuf {
        self.folder.path().join(format!("results/run/trials/tiny/{case}/1.weights.safetensors"))
    }
}

/// Trained once for all tests, which only look.
fn trained() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| Place::new(&["--keep-weights"]))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn shape(rows: &Value) -> (usize, usize) {
    let rows = rows.as_array().unwrap();
    (rows.len(), rows[0].as_array().unwrap().len())
}

/// Whether it is a picture of its kind that is more than blank.
fn assert_pictures(place: &Place, args: &[&str]) {
    let svg = String::from_utf8(place.file(args, "picture.svg")).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.matches("<path").count() > 3,
        "{args:?}"
    );
    assert!(!svg.contains("NaN"), "{args:?}");
    assert!(place.file(args, "picture.png").starts_with(b"\x89PNG"), "{args:?}");
}

#[test]
fn steps_give_probabilities_after_each_of_them() {
    let place = trained();
    let steps = place.json(&["steps", "run/tiny/lstm/1"]);
    assert_eq!(shape(&steps["probabilities"]), (14, 10));
    for row in steps["probabilities"].as_array().unwrap() {
        assert!((numbers(row).iter().sum::<f64>() - 1.0).abs() < 1e-5);
    }
    // The first 100 of the test split validate.
    assert_eq!((&steps["sample"]["index"], &steps["by"]), (&100.into(), &"columns".into()));
    let image = &steps["sample"]["image"];
    assert_eq!((&image["height"], image["pixels"].as_array().unwrap().len()), (&14.into(), 196));
    // What is drawn is not normalised, and is as binary as the network sees it.
    let pixels = |case: &str, range: std::ops::RangeInclusive<f64>| {
        let steps = place.json(&["steps", &format!("run/tiny/{case}/1"), "--sample", "7"]);
        let pixels = numbers(&steps["sample"]["image"]["pixels"]);
        assert!(pixels.iter().all(|pixel| range.contains(pixel)));
        pixels
    };
    pixels("rnn", 0.0..=1.0);
    assert!(pixels("gru", 0.0..=1.0).iter().all(|pixel| [0.0, 1.0].contains(pixel)));

    assert_pictures(place, &["steps", "run/tiny/gru/1", "--sample", "7"]);
    let page = String::from_utf8(place.file(&["steps", "run/tiny/lstm/1"], "page.html")).unwrap();
    assert!(page.contains("type=\"range\"") && page.contains("ArrowLeft"));
    let data = page.lines().find_map(|line| line.strip_prefix("const data = ")).unwrap();
    let mut data: Value = serde_json::from_str(data.strip_suffix(';').unwrap()).unwrap();
    data["view"] = "steps".into();
    assert_eq!(data, steps);
}

#[test]
fn hidden_and_gates_have_a_row_a_step_and_a_column_a_unit() {
    let place = trained();
    let found = |view: &str, case: &str| -> Vec<(String, String, (usize, usize))> {
        let states = place.json(&[view, &format!("run/tiny/{case}/1"), "--sample", "3"]);
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let states = states["states"].as_array().unwrap();
        states.iter().map(|s| (word(&s["layer"]), word(&s["part"]), shape(&s["values"]))).collect()
    };
    let expect = |layers: &[&str], parts: &[&str], shape| -> Vec<(String, String, (usize, usize))> {
        let of =
            |layer: &&str| parts.iter().map(|part| (layer.to_string(), part.to_string(), shape)).collect();
        layers.iter().flat_map(|layer| -> Vec<_> { of(layer) }).collect()
    };
    assert_eq!(found("hidden", "rnn"), expect(&["1.l0"], &["hidden"], (28, 6)));
    assert_eq!(found("hidden", "gru"), expect(&["1.l0", "1.l0_reverse"], &["hidden"], (28, 4)));
    let lstm = ["input", "forget", "output", "candidate", "cell", "hidden"];
    assert_eq!(found("gates", "lstm"), expect(&["1.l0", "1.l1"], &lstm, (14, 5)));
    let gru = ["reset", "update", "candidate", "hidden"];
    assert_eq!(found("gates", "gru"), expect(&["1.l0", "1.l0_reverse"], &gru, (28, 4)));
    assert_pictures(place, &["hidden", "run/tiny/gru/1"]);
    assert_pictures(place, &["gates", "run/tiny/lstm/1"]);
}

/// The accuracy after the last step is the record's, and so is what mistakes and the confusion matrix
/// say.
#[test]
fn predictions_agree_with_the_record() {
    let place = trained();
    for case in ["rnn", "lstm", "gru", "mlp"] {
        let record = format!("results/run/trials/tiny/{case}/1.json");
        let kept: Value =
            serde_json::from_str(&fs::read_to_string(place.folder.path().join(&record)).unwrap()).unwrap();
        let right = (kept["finished"]["test"]["accuracy"].as_f64().unwrap() * 120.0).round() as u64;
        // By its path.
        let mistakes = place.json(&["mistakes", &record, "--count", "5"]);
        assert_eq!((&mistakes["tested"], &mistakes["mistaken"]), (&120.into(), &(120 - right).into()));
        let shown = mistakes["shown"].as_array().unwrap();
        assert_eq!(shown.len(), 5.min(120 - right as usize));
        assert!(shown.iter().all(|mistake| mistake["predicted"] != mistake["sample"]["label"]));
        assert!(shown.is_sorted_by_key(|mistake| -mistake["probability"].as_f64().unwrap()));

        let name = format!("run/tiny/{case}/1");
        let csv = place.inspect(&["confusion", &name, "--format", "csv"]);
        assert_eq!(csv.lines().count(), 12);
        let text = place.inspect(&["confusion", &name]);
        assert!(text.contains(&format!("{right} of 120 test samples right")), "{text}");
        if case != "mlp" {
            let last = place.json(&["last-steps", &name, "--count", "2"]);
            let accuracies = numbers(&last["accuracies"]);
            assert_eq!((accuracies.len(), last["samples"].as_array().unwrap().len()), (5, 2));
            assert_eq!((accuracies[4] * 120.0).round() as u64, right, "{case}");
        }
    }
    assert_pictures(place, &["mistakes", "run/tiny/rnn/1"]);
    assert_pictures(place, &["confusion", "run/tiny/rnn/1"]);
    assert_pictures(place, &["last-steps", "run/tiny/rnn/1"]);
}

#[test]
fn gradients_are_of_all_records_at_initial_and_trained_weights() {
    let place = trained();
    let records = ["run/tiny/rnn/1", "run/tiny/lstm/1", "run/tiny/gru/1"];
    let found =
        place.json(&[&["gradients"], &records[..], &["--count", "4", "--weights", "tested"]].concat());
    let found: Vec<(String, usize, bool)> = found["norms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let norms = numbers(&one["norms"]);
            let name = format!("{} {}", one["subject"]["trial"], one["subject"]["weights"]).replace('"', "");
            (name, norms.len(), norms.iter().all(|norm| *norm > 0.0))
        })
        .collect();
    let expected = [("rnn", 28), ("lstm", 14), ("gru", 28)].map(|(case, steps)| {
        ["initial", "tested"].map(|which| (format!("tiny/{case}/1 {which}"), steps, true))
    });
    assert_eq!(found, expected.concat());
    assert_pictures(place, &[&["gradients"], &records[..], &["--count", "2"]].concat());
}

#[test]
fn samples_are_shown_before_and_after_what_the_trial_does_to_them() {
    let place = trained();
    let samples = |case: &str| -> Vec<Value> {
        let found = place.json(&["samples", &format!("run/tiny/{case}/1"), "--count", "3"]);
        found["examples"].as_array().unwrap().clone()
    };
    let classes = |examples: &[Value]| -> Vec<u64> {
        examples.iter().map(|example| example["sample"]["label"].as_u64().unwrap()).collect()
    };
    let all: Vec<u64> = (0..10).flat_map(|class| [class; 3]).collect();
    let plain = samples("rnn");
    assert_eq!(classes(&plain), all);
    assert!(plain.iter().all(|example| example["seen"].is_null()));
    assert!(plain.iter().all(|example| example["taught"] == example["sample"]["label"]));
    let small = samples("lstm");
    assert!(small.iter().all(|example| example["seen"]["height"] == 14));
    // Half of the classes are drawn anew, and the moved copy is shown, not the appended original.
    let noisy = samples("mlp");
    assert_eq!(classes(&noisy), all);
    let retaught = noisy.iter().filter(|example| example["taught"] != example["sample"]["label"]).count();
    assert!((5..25).contains(&retaught), "{retaught}");
    assert!(noisy.iter().filter(|example| !example["seen"].is_null()).count() > 25);
    assert_pictures(place, &["samples", "run/tiny/mlp/1"]);
}

/// What is kept in a run's folder is on the page, and only if it is of the records there.
#[test]
fn the_page_shows_what_is_kept() {
    let place = Place::new(&["--keep-weights", "--filter", "mlp"]);
    let at = |path: &str| place.folder.path().join(path);
    let kept = place.inspect(&["confusion", "run/tiny/mlp/1", "--keep", "2-confusion"]);
    assert_eq!(kept, "results/run/inspect/2-confusion.json\n");
    place.inspect(&["samples", "run/tiny/mlp/1", "--count", "1", "--keep", "1-samples"]);
    let robustness = place.call(&["robustness", "run", "--rotate", "0,30", "--quiet"]);
    assert!(robustness.status.success());
    let page = || place.call(&["page", "run", "--suites", ".", "--out", "page.md"]);
    let made = page();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = fs::read_to_string(at("page.md")).unwrap();
    let places = [
        "### Robustness: tiny",
        "| mlp | 1 |",
        "(page/tiny-robustness-rotate.svg)",
        "### Looking inside: tiny",
        "    tchbench inspect samples run/tiny/mlp/1 --count 1 --out 1-samples.svg",
        "![1-samples](page/tiny-run-1-samples.svg)",
        "    tchbench inspect confusion run/tiny/mlp/1 --out 2-confusion.svg",
        "(page/tiny-run-2-confusion.svg)",
    ]
    .map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")));
    assert!(places.is_sorted());
    let drawn = place.file(&["confusion", "run/tiny/mlp/1"], "drawn.svg");
    assert_eq!(drawn, fs::read(at("page/tiny-run-2-confusion.svg")).unwrap());

    let inside = ["inspect", "confusion", "1.json", "--keep", "3-inside"];
    assert!(place.call_in("results/run/trials/tiny/mlp", &inside).status.success());
    assert!(at("results/run/inspect/3-inside.json").exists());

    // Edited; then whole, but of no record.
    let path = at("results/run/inspect/1-samples.json");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("\"taught\": 1", "\"taught\": 2")).unwrap();
    let refused = page();
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!((refused.status.code(), stderr.contains("1-samples.json: ")), (Some(3), true), "{stderr}");
    fs::remove_file(&path).unwrap();
    fs::remove_file(at("results/run/trials/tiny/mlp/1.json")).unwrap();
    let stderr = String::from_utf8(page().stderr).unwrap();
    assert!(
        stderr.contains("2-confusion.json: it is not of the record of tiny/mlp/1 here; make it again"),
        "{stderr}"
    );
    assert!(stderr.contains("robustness/tiny/mlp/1.json: it is not of the record of"), "{stderr}");
}

#[test]
fn what_cannot_be_shown_says_why() {
    let place = trained();
    let cases: [(&[&str], i32, &str); 8] = [
        (
            &["steps", "run/tiny/mlp/1"],
            3,
            "run/tiny/mlp/1: it has no recurrent layer; its layers are flatten, dense",
        ),
        (
            &["gates", "run/tiny/rnn/1"],
            3,
            "run/tiny/rnn/1: its recurrent cells have no gates; look at `hidden`",
        ),
        (
            &["steps", "run/tiny/rnn/1", "--sample", "2000"],
            2,
            "there is no sample 2000: the test split of `glyphs` has 2000",
        ),
        (&["gates", "run/tiny/lstm/1", "--out", "a.html"], 2, "only `steps` has a page"),
        (&["gates", "run/tiny/lstm/1", "--out", "a.bmp"], 2, "the name must end in .json, .svg or .png"),
        (&["confusion", "run/tiny/rnn/1", "--keep", "../x"], 2, "a name is made of letters, digits"),
        (&["steps", "run/tiny/none/1"], 3, "no record `run/tiny/none/1`"),
        (&["steps", "run/tiny/rnn/1", "--out", "suite.toml/a.json"], 3, "suite.toml"),
    ];
    for (args, code, why) in cases {
        let (found, stderr) = place.refused(args);
        assert_eq!((found, stderr.contains(why)), (code, true), "{args:?}: {stderr}");
    }
}

#[test]
fn weights_that_are_not_the_records_are_refused() {
    let plain = Place::new(&["--filter", "rnn"]);
    let (code, stderr) = plain.refused(&["steps", "run/tiny/rnn/1"]);
    assert_eq!((code, stderr.contains("the weights are not here; train it with")), (3, true), "{stderr}");
    // Initial ones need no file.
    assert_eq!(
        shape(&plain.json(&["steps", "run/tiny/rnn/1", "--weights", "initial"])["probabilities"]),
        (28, 10)
    );

    fs::copy(trained().weights("gru"), plain.weights("rnn")).unwrap();
    let (code, stderr) = plain.refused(&["steps", "run/tiny/rnn/1"]);
    assert_eq!((code, stderr.contains("not the weights of this trial's record")), (3, true), "{stderr}");
    let mut bytes = fs::read(trained().weights("rnn")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(plain.weights("rnn"), bytes).unwrap();
    let (code, stderr) = plain.refused(&["confusion", "run/tiny/rnn/1"]);
    assert_eq!((code, stderr.contains("they have the digest")), (3, true), "{stderr}");
}
