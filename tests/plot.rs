//! What `tchbench plot` and `tchbench table --compare` show, through the program.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::path::Path;
use std::process::{Command, Output};

use records::{record, run, unsuccessful};
use tchbench::record::{Folder, Status};

/// Two families of three widths with two seeds each, a case without a number and one that diverged.
fn in_a_folder_of_its_own(arguments: &[&str], look: impl FnOnce(&Path)) -> Output {
    let root = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for (family, base) in [("clean", 0.9), ("noisy", 0.7)] {
        for (step, units) in [8, 16, 32].into_iter().enumerate() {
            for seed in [1, 2] {
                let accuracy = base + 0.02 * step as f64 + 0.01 * seed as f64;
                let mut one = record(&format!("{family}-{units}"), units, seed, accuracy);
                one.epochs[1].validation = Some(one.epochs[1].train);
                all.push(one);
            }
        }
    }
    all.push(record("linear", 64, 1, 0.8));
    all.push(unsuccessful(record("clean-8", 8, 3, 0.5), Status::Diverged, 1, ""));
    let run = run(&all, 0.9);
    let folder = Folder::create(&root.path().join("results"), &run.name).unwrap();
    folder.write_run(&run).unwrap();
    all.iter().for_each(|record| folder.write_trial(record).unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(arguments)
        .current_dir(root.path())
        .output()
        .unwrap();
    look(root.path());
    output
}

fn shown(arguments: &[&str]) -> String {
    let output = in_a_folder_of_its_own(arguments, |_| {});
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = in_a_folder_of_its_own(arguments, |_| {});
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_data_behind_curves() {
    insta::assert_snapshot!(shown(&["plot", "latest", "--kind", "curves", "--filter", "clean-8"]));
}

#[test]
fn the_data_behind_a_sweep() {
    let arguments = ["plot", "--kind", "sweep", "--filter", "*-*", "--metric", "test-accuracy"];
    insta::assert_snapshot!(shown(&arguments));
}

#[test]
fn the_data_behind_boxes() {
    insta::assert_snapshot!(shown(&["plot", "--kind", "box", "--format", "csv"]));
}

#[test]
fn the_data_behind_a_pareto_picture() {
    insta::assert_snapshot!(shown(&["plot", "--kind", "pareto", "--format", "markdown"]));
}

#[test]
fn cases_side_by_side() {
    insta::assert_snapshot!(shown(&["table", "--compare"]));
}

#[test]
fn pictures_of_every_kind() {
    for kind in ["curves", "sweep", "box", "pareto"] {
        let svg = ["plot", "--kind", kind, "--filter", "*-*", "--out", "new/picture.svg", "--title", "A & B"];
        let output = in_a_folder_of_its_own(&svg, |root| {
            let text = std::fs::read_to_string(root.join("new/picture.svg")).unwrap();
            assert!(text.starts_with("<svg ") && text.contains("<title>A &amp; B</title>"), "{text}");
            assert!(text.contains("clean-8, seed 3: diverged after epoch 1"), "{text}");
        });
        assert!(output.status.success() && output.stdout.is_empty(), "{kind}: {output:?}");
    }
    let png = ["plot", "--kind", "box", "--out", "picture.png"];
    in_a_folder_of_its_own(&png, |root| {
        assert_eq!(std::fs::read(root.join("picture.png")).unwrap()[..4], *b"\x89PNG");
    });
}

#[test]
fn a_field_can_place_a_case() {
    let sweep = |by| shown(&["plot", "--kind", "sweep", "--filter", "*-*", "--format", "csv", "--by", by]);
    let by_name = shown(&["plot", "--kind", "sweep", "--filter", "*-*", "--format", "csv"]);
    assert_eq!(sweep("layers[1].units"), by_name);
    let by_rate = sweep("training.optimizer.lr");
    assert!(by_rate.lines().skip(1).all(|line| line.contains(",0.001,")), "{by_rate}");
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let plot = |more: &[&str]| refused(&[&["plot", "--kind"], more].concat());
    assert_eq!(plot(&["curves", "--metric", "validation-accurracy"]).0, Some(2), "a word that is not known");
    let (code, told) = plot(&["curves", "--out", "picture.gif"]);
    assert_eq!(code, Some(2));
    assert!(
        told.contains("'picture.gif' for '--out <FILE>': give a file that ends in .svg or .png"),
        "{told}"
    );
    assert_eq!(
        plot(&["curves", "--filter", "gru"]),
        (Some(4), "error: --filter gru: no record's case matches; `tchbench table` shows them\n".to_owned())
    );
    assert_eq!(
        plot(&["curves", "--metric", "test-loss"]),
        (Some(4), "error: nothing to draw: no trial here that ended well has test loss\n".to_owned())
    );
    assert_eq!(
        plot(&["sweep"]),
        (
            Some(2),
            "error: linear: a sweep places each case by the last number in its name, and this one has none; \
             leave it out with a filter, or name another field\n"
                .to_owned()
        )
    );
    assert_eq!(
        plot(&["curves", "--metric", "train-loss", "--metric", "train-accuracy"]),
        (Some(2), "error: train-loss, train-accuracy have no axis in common; draw each apart\n".to_owned())
    );
}
