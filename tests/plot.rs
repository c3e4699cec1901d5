//! What `tchbench plot` and `tchbench table --compare` show, through the program.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::path::Path;
use std::process::{Command, Output};

use records::{of_another_class, record, run, unsuccessful};
use tchbench::analysis::{Outcome, check};
use tchbench::event::Counts;
use tchbench::metrics::Metric;
use tchbench::recipe::Layer;
use tchbench::recipe::layers::dense::Dense;
use tchbench::record::{Folder, Status, TrialRecord};
use tchbench::report::{Table, TableFormat, architectures, chosen_metrics, claims, plot, render};
use tchbench::suite::presentation::{Figure, FigureKind};

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
    let (code, told) =
        refused(&["plot", "--kind", "sweep", "--filter", "*-*", "--by", "training.optimizer.lr"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("clean-8 and clean-16 both stand at 0.001; leave one out"), "{told}");
}

/// What a figure of these records shows.
fn data(kind: FigureKind, metric: Metric, all: &[TrialRecord]) -> Table {
    let figure = Figure {
        title: String::new(),
        kind,
        cases: Vec::new(),
        metrics: vec![metric],
        by: None,
        against: Metric::PARAMETERS,
    };
    plot(&figure, &[run(all, 0.9)], all).unwrap().data
}

/// Where some seeds stopped early the rest of the line is that of the others, an epoch with a value that is
/// no number is a gap, and a loss with a penalty is none without.
#[test]
fn curves_say_what_their_lines_leave_out() {
    let mut all: Vec<_> = (1..=3).map(|seed| record("w-8", 8, seed, 0.9)).collect();
    all[0].epochs.pop();
    all[1].epochs[0].train.loss = f64::NAN;
    for record in &mut all {
        if let Layer::Dense(Dense { l2, .. }) = &mut record.trial.experiment.layers[1] {
            *l2 = 0.01;
        }
    }
    let data = data(FigureKind::Curves, Metric::TRAIN_LOSS, &all);
    insta::assert_snapshot!(render(&[data], TableFormat::TEXT, None));
}

/// Records of two numerics classes are not pooled, and a sweep over them is still a sweep by the cases' numbers.
#[test]
fn records_of_two_classes_are_two_families() {
    let mut all = Vec::new();
    for units in [8, 16] {
        all.push(record(&format!("w-{units}"), units, 1, 0.9));
        all.push(of_another_class(record(&format!("w-{units}"), units, 2, 0.8)));
    }
    let data = data(FigureKind::Sweep, Metric::TEST_ACCURACY, &all);
    let csv = render(&[data], TableFormat::CSV, None);
    let places: Vec<String> =
        csv.lines().skip(1).map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect();
    let expected = [
        "w (1),test-accuracy,8",
        "w (1),test-accuracy,16",
        "w (2),test-accuracy,8",
        "w (2),test-accuracy,16",
    ];
    assert_eq!(places, expected, "{csv}");
}

/// How many trials ran side by side is no condition of accuracy, and no record of a seed is missing for it.
#[test]
fn trials_side_by_side_are_pooled_with_those_alone() {
    let mut all: Vec<_> = [1, 2, 3].map(|seed| record("lstm", 8, seed, 0.9)).to_vec();
    all[2].jobs = 1;
    let runs = [run(&all, 0.85)];
    let checked = check(&runs, &all);
    assert_eq!((checked.len(), checked[0].trials, checked[0].outcome), (1, 3, Outcome::Met));
    let text = render(&architectures(&runs, &all), TableFormat::TEXT, None);
    assert!(text.contains("lstm: with 1 or 2 trials side by side; speeds differ by that, too"), "{text}");
    // Of two classes each has its own seeds: none is missing.
    all[2] = of_another_class(all[2].clone());
    let checked = check(&runs, &all);
    let found: Vec<_> = checked.iter().map(|one| (one.case.as_str(), one.trials, one.outcome)).collect();
    assert_eq!(found, [("lstm (1)", 2, Outcome::Met), ("lstm (2)", 1, Outcome::Met)]);
    // One without any record is.
    let checked = check(&runs, &all[1..]);
    assert!(checked.iter().all(|one| one.outcome == Outcome::Unmeasured), "{checked:?}");
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
        plot(&["curves", "--metric", "validation-loss", "--filter", "linear"]),
        (Some(4), "error: nothing to draw: no trial here that ended well has validation loss\n".to_owned())
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
        (
            Some(2),
            "error: train-loss, train-accuracy: these have no axis in common; draw a figure of each\n"
                .to_owned()
        )
    );
    let (code, told) = plot(&["curves", "--metric", "test-loss"]);
    assert_eq!((code, told.contains("test-loss: a curve needs a value of every epoch")), (Some(2), true));
    let two = ["--metric", "test-loss", "--metric", "validation-loss"];
    for kind in ["box", "pareto"] {
        let (code, told) = plot(&[&[kind], &two[..]].concat());
        assert_eq!(
            (code, told.contains("a picture of this kind shows one metric")),
            (Some(2), true),
            "{told}"
        );
    }
}

/// A case that never reached the target has no cost to be placed by, but a row that says so.
#[test]
fn a_case_that_never_reached_the_target_stays_in_the_data_of_a_pareto_picture() {
    let mut all = Vec::new();
    for (case, accuracy) in [("never", 0.8), ("reached", 0.97)] {
        for seed in [1, 2] {
            let mut one = record(case, 8, seed, accuracy);
            one.epochs.iter_mut().for_each(|epoch| epoch.validation = Some(epoch.train));
            all.push(one);
        }
    }
    let figure = |against: &str| Figure {
        title: String::new(),
        kind: FigureKind::Pareto,
        cases: Vec::new(),
        metrics: vec![Metric::TEST_ACCURACY],
        by: None,
        against: against.parse().unwrap(),
    };
    let runs = [run(&all, 0.9)];
    let drawn = plot(&figure("epochs-to-0.95"), &runs, &all).unwrap();
    let csv = render(std::slice::from_ref(&drawn.data), TableFormat::CSV, None);
    let expected = "suite,case,seeds,epochs-to-0.95,test-accuracy,front\n\
                    smoke,reached,2,2,0.97,yes\n\
                    smoke,never,2,,0.8,\n";
    assert_eq!(csv, expected);
    assert!(drawn.data.notes.iter().any(|note| note.contains("never reached by 2 of 2 seeds of never")));
    assert!(plot(&figure("epochs-to-0.99"), &runs, &all).is_err(), "no case has a point");
}

/// As of a Pareto picture; the data has no value for it.
#[test]
fn a_case_that_never_reached_the_target_stays_in_the_data_of_sweeps_and_boxes() {
    let mut all = Vec::new();
    for (units, accuracy) in [(8, 0.8), (16, 0.97)] {
        for seed in [1, 2] {
            let mut one = record(&format!("w-{units}"), units, seed, accuracy);
            one.epochs.iter_mut().for_each(|epoch| epoch.validation = Some(epoch.train));
            all.push(one);
        }
    }
    let data = |kind| {
        let figure = Figure {
            title: String::new(),
            kind,
            cases: Vec::new(),
            metrics: vec!["epochs-to-0.95".parse().unwrap()],
            by: None,
            against: Metric::PARAMETERS,
        };
        let drawn = plot(&figure, &[run(&all, 0.9)], &all).unwrap();
        assert!(drawn.data.notes.iter().any(|note| note.contains("never reached by 2 of 2 seeds of w-8")));
        render(&[drawn.data], TableFormat::CSV, None)
    };
    assert_eq!(
        data(FigureKind::Sweep),
        "series,metric,value,suite,case,seeds,q25,median,q75,mean\n\
         w,epochs-to-0.95,8,smoke,w-8,2,,,,\n\
         w,epochs-to-0.95,16,smoke,w-16,2,2,2,2,2\n"
    );
    assert_eq!(
        data(FigureKind::Box),
        "suite,case,metric,seeds,min,q25,median,q75,max,mean,sd\n\
         smoke,w-8,epochs-to-0.95,0,,,,,,,\n\
         smoke,w-16,epochs-to-0.95,2,2,2,2,2,2,2,0\n"
    );
}

/// A class that a metric asks for is told by its name where all cases have the same names.
#[test]
fn a_class_is_told_by_its_name() {
    let mut one = record("w-8", 8, 1, 0.5);
    let counts = Counts::of(10, (0..2_000).map(|sample| (sample % 10, sample % 5, sample % 2)));
    one.finished.as_mut().unwrap().counts = Some(counts);
    let all = [one];
    let mut named = run(&all, 0.9);
    let names = (0..10).map(|class| format!("kind-{class}")).collect();
    named.class_names.insert(all[0].trial.experiment.data.dataset.clone(), names);
    let recall: Metric = "recall-of-class-3".parse().unwrap();
    let figure = Figure {
        title: String::new(),
        kind: FigureKind::Box,
        cases: Vec::new(),
        metrics: vec![recall],
        by: None,
        against: Metric::PARAMETERS,
    };
    for (mut run, of) in [(run(&all, 0.9), "3"), (named, "3 kind-3")] {
        run.suites[0].cases[0].claims[0].metric = recall;
        let checked = check(std::slice::from_ref(&run), &all);
        let table = claims(std::slice::from_ref(&run), &checked).unwrap();
        let text = render(&[table], TableFormat::TEXT, None);
        assert!(text.contains(&format!("recall of class {of} %")), "{text}");
        let chart = plot(&figure, std::slice::from_ref(&run), &all).unwrap().chart;
        assert_eq!(chart.title, format!("smoke: recall of class {of} over seeds"));
        assert_eq!(chart.x.label, format!("recall of class {of} %"));
        let table = chosen_metrics(&[run], &all, &[recall]);
        let text = render(std::slice::from_ref(&table), TableFormat::TEXT, None);
        assert!(text.contains(&format!("recall of class {of} %")), "{text}");
        let csv = render(&[table], TableFormat::CSV, None);
        assert!(csv.starts_with("suite,case,succeeded,recall-of-class-3,"), "{csv}");
    }
}

/// What several metrics of one axis have in common is its name; of metrics with nothing but the unit, their names.
#[test]
fn an_axis_is_called_by_what_it_shows() {
    let mut all = Vec::new();
    for units in [8, 16] {
        let mut one = record(&format!("w-{units}"), units, 1, 0.5);
        let counts = Counts::of(10, (0..2_000).map(|sample| (sample % 10, sample % 5, sample % 2)));
        one.finished.as_mut().unwrap().counts = Some(counts);
        all.push(one);
    }
    let axis = |words: &[&str]| {
        let figure = Figure {
            title: String::new(),
            kind: FigureKind::Sweep,
            cases: Vec::new(),
            metrics: words.iter().map(|word| word.parse().unwrap()).collect(),
            by: None,
            against: Metric::PARAMETERS,
        };
        let chart = plot(&figure, &[run(&all, 0.9)], &all).unwrap().chart;
        (chart.y.label, chart.title)
    };
    let named = |axis: &str, title: &str| (axis.to_owned(), format!("smoke: {title} by units"));
    let several = named("accuracy %", "accuracy");
    assert_eq!(axis(&["macro-f1"]), named("macro F1 %", "macro F1"));
    assert_eq!(axis(&["test-accuracy", "top-3-accuracy"]), several);
    let mixed = named("test accuracy, macro F1 %", "test accuracy, macro F1");
    assert_eq!(axis(&["test-accuracy", "macro-f1"]), mixed);
}
