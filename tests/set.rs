//! Values set over a suite file with `--set`.
#![allow(clippy::unwrap_used)]

use tchbench::recipe::datasets::Catalogue;
use tchbench::recipe::optimizers::Sgd;
use tchbench::recipe::{Convention, Optimizer};
use tchbench::suite::case::Suite;
use tchbench::suite::{Setting, parse, parse_with};

const SUITE: &str = r#"
schema = 1
name = "s"
[defaults]
dataset = "mnist"
epochs = 5
batch = 32
optimizer = { kind = "sgd", lr = 0.1 }
layers = [{ kind = "flatten" }]
[profiles.quick]
epochs = 1
[[case]]
name = "a"
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]
claims = [{ metric = "test-accuracy", at_least = 0.9, source = "someone" }]
[[case]]
name = "b"
batch = 64
optimizer = { kind = "sgd", lr = 0.5, momentum = 0.9 }
layers = [{ kind = "flatten" }, { kind = "dense", units = 10 }]
"#;

fn suite() -> String {
    SUITE.replacen("layers = [{ kind = \"flatten\" }]\n", "", 1)
}

fn with(profile: Option<&str>, settings: &[&str]) -> Result<Suite, String> {
    let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
    let settings = Setting::read_all(&settings).map_err(|error| error.to_string())?;
    parse_with(&suite(), "s.toml", profile, &settings, &Catalogue::default())
        .map_err(|error| error.to_string())
}

#[test]
fn a_value_is_set_in_every_case_over_its_own_and_over_a_profile() {
    let set = with(Some("quick"), &["training.batch=128", "epochs = 7"]).unwrap();
    let of = |index: usize| &set.cases[index].experiment.training;
    assert_eq!([of(0).batch, of(1).batch], [128, 128]);
    assert_eq!([of(0).epochs, of(1).epochs], [7, 7]);
}

#[test]
fn a_part_of_a_table_leaves_the_rest_of_it() {
    let set = with(None, &["training.optimizer.lr=0.01", "convention=keras", "label_noise=0.25"]).unwrap();
    let rules: Vec<Optimizer> = set.cases.iter().map(|case| case.experiment.training.optimizer).collect();
    let sgd = |momentum| Optimizer::Sgd(Sgd { lr: 0.01, momentum, nesterov: false });
    assert_eq!(rules, [sgd(0.0), sgd(0.9)]);
    assert_eq!(set.cases[0].experiment.convention, Convention::Keras);
    assert_eq!(set.cases[0].experiment.data.label_noise, 0.25);
}

#[test]
fn what_is_set_is_as_if_it_were_written() {
    let set = with(None, &["training.batch=16"]).unwrap();
    let written = suite().replace("batch = 32", "batch = 16").replace("batch = 64", "batch = 16");
    let written = parse(&written, "s.toml", None).unwrap();
    assert_eq!(set.cases[1], written.cases[1]);
    assert_eq!(set.cases[0].experiment, written.cases[0].experiment);
}

/// As under a profile: claims are about the recipe as it stands, whatever the seeds.
#[test]
fn claims_are_dropped_unless_only_seeds_are_set() {
    assert_eq!(with(None, &["batch=16"]).unwrap().cases[0].claims.len(), 0);
    let seeds = with(None, &["seeds=[3, 4]"]).unwrap();
    assert_eq!(seeds.cases[0].claims.len(), 1);
    assert_eq!(seeds.cases[0].seeds, [3, 4]);
}

#[test]
fn what_cannot_be_set_says_why() {
    let refused = |setting: &str| with(None, &[setting]).map(drop).unwrap_err();
    let messages = [
        "batch",
        "=3",
        "layers=[]",
        "layers[1].units=3",
        "training.batch=0",
        "training.bach=64",
        "optimizer.lr=fast",
        "optimizer=adam",
        "schedule.kind=cosin",
    ]
    .map(refused);
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn all_that_cannot_be_set_is_told() {
    let refused = |settings: &[&str]| with(None, settings).map(drop).unwrap_err();
    let values = refused(&["batch=0", "seeds=[3]", "epochs=0"]);
    let lines: Vec<&str> = values.lines().collect();
    assert_eq!(lines.len(), 2, "{values}");
    assert!(lines[0].starts_with("--set batch=0: case.a.batch: 0 given"), "{values}");
    assert!(lines[1].starts_with("--set epochs=0: case.a.epochs: 0 given"), "{values}");
    assert_eq!(
        refused(&["batch", "epochs=2", "layers=[]"]),
        "--set batch: there is no `=`; write KEY=VALUE, as in training.batch=64\n\
         --set layers=[]: this key belongs to a single case; change the suite file"
    );
}

/// A value over several lines moves the places of those after it, which are still told by their option.
#[test]
fn a_value_over_several_lines_leaves_the_others_their_places() {
    let refused = with(None, &["seeds=[\n1,\n2]", "batch=0"]).unwrap_err();
    assert!(refused.starts_with("--set batch=0: case.a.batch: 0 given"), "{refused}");
}

/// Calls the program in a folder with the suite.
fn tchbench(args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.toml"), suite()).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tchbench"));
    let output = command.args(args).current_dir(folder.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_line_sets_values() {
    let rows = |set: &[&str]| {
        let (code, stdout, stderr) = tchbench(&[&["params", "s.toml", "--format", "csv"], set].concat());
        assert_eq!((code, stderr.as_str()), (0, ""));
        stdout
    };
    assert!(rows(&[]).contains("7850"), "{}", rows(&[]));
    let small = rows(&["--set", "data.resize=[14, 14]"]);
    assert!(small.contains("1970") && !small.contains("7850"), "{small}");
    let (code, _, stderr) = tchbench(&["params", "s.toml", "--set", "batch=0"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--set batch=0: case.a.batch: 0 given"), "{stderr}");
    let (code, _, stderr) = tchbench(&["check", "s.toml", "--set", "batch", "--set", "layers=[]"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--set batch: ") && stderr.contains("--set layers=[]: "), "{stderr}");
    let (code, _, stderr) = tchbench(&["run", "--resume", "latest", "--set", "batch=3"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot be used with"), "{stderr}");
    let (code, _, stderr) = tchbench(&["check", "s.toml", "--set", "epochs=0"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--set epochs=0: case.a.epochs: 0 given"), "{stderr}");
}
