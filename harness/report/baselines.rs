//! Results that were accepted.

use std::path::PathBuf;

use super::table::{Cell, Heading, Table};
use crate::record::Baseline;

/// Returns a table of baselines, each with the path of its file.
pub fn baselines(all: &[(PathBuf, Baseline)]) -> Table {
    let row = |(path, baseline): &(PathBuf, Baseline)| {
        let measured = baseline.cases.iter().filter(|case| !case.throughput.is_empty()).count();
        vec![
            Cell::Text(baseline.suite.to_string()),
            Cell::Text(baseline.class.to_string()),
            Cell::Count(baseline.cases.len() as u64),
            Cell::Count(baseline.cases.iter().map(|case| case.seeds.len() as u64).sum()),
            Cell::Count(measured as u64),
            Cell::Text(baseline.run.to_string()),
            Cell::Text(path.display().to_string()),
        ]
    };
    Table {
        title: "baselines".to_owned(),
        columns: vec![
            Heading::new("suite", "suite"),
            Heading::new("class", "class"),
            Heading::new("cases", "cases"),
            Heading::new("trials", "trials"),
            Heading::new("measured", "measured"),
            Heading::new("run", "run"),
            Heading::new("path", "file"),
        ],
        labels: 2,
        rows: all.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

/// Returns a table of what a baseline holds, a row for each seed.
pub fn baseline(baseline: &Baseline) -> Table {
    let mut rows = Vec::new();
    for case in &baseline.cases {
        let processes: usize = case.throughput.iter().map(|attempt| attempt.step_seconds.len()).sum();
        for seed in &case.seeds {
            rows.push(vec![
                Cell::Text(case.trial.case.to_string()),
                Cell::Count(seed.seed),
                Cell::maybe(seed.accuracy, |accuracy| Cell::Percent(accuracy, 2)),
                Cell::maybe(seed.loss, |loss| Cell::Number(loss, 4)),
                Cell::Count(seed.epochs as u64),
                Cell::maybe(seed.trajectory.clone(), |digest| Cell::Text(digest.chars().take(12).collect())),
                Cell::Text(seed.identity.chars().take(12).collect()),
                Cell::Count(processes as u64),
            ]);
        }
    }
    Table {
        title: format!("{} on {}", baseline.suite, baseline.class),
        columns: vec![
            Heading::new("case", "case"),
            Heading::new("seed", "seed"),
            Heading::new("accuracy", "accuracy %"),
            Heading::new("loss", "loss"),
            Heading::new("epochs", "epochs"),
            Heading::new("trajectory", "trajectory"),
            Heading::new("identity", "identity"),
            Heading::new("processes", "processes"),
        ],
        labels: 2,
        rows,
        notes: vec![format!("from run {}", baseline.run)],
    }
}
