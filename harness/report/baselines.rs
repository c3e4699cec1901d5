//! Results that were accepted.

use std::path::PathBuf;

use super::table::{Cell, Column, Table};
use crate::record::{Baseline, CaseResults, SeedResult};

type BaselineColumn = Column<'static, (PathBuf, Baseline)>;
type SeedColumn<'a> = Column<'a, (&'a CaseResults, &'a SeedResult)>;

/// Returns a table of baselines, each with the path of its file.
pub fn baselines(all: &[(PathBuf, Baseline)]) -> Table {
    let columns = vec![
        BaselineColumn::label("suite", "suite", |(_, baseline)| Cell::text(&baseline.suite)),
        BaselineColumn::label("class", "class", |(_, baseline)| Cell::text(&baseline.class)),
        BaselineColumn::new("cases", "cases", |(_, baseline)| Cell::count(baseline.cases.len())),
        BaselineColumn::new("trials", "trials", |(_, baseline)| {
            Cell::count(baseline.cases.iter().map(|case| case.seeds.len()).sum())
        }),
        BaselineColumn::new("measured", "measured", |(_, baseline)| {
            Cell::count(baseline.cases.iter().filter(|case| !case.throughput.is_empty()).count())
        }),
        BaselineColumn::new("run", "run", |(_, baseline)| Cell::text(&baseline.run)),
        BaselineColumn::new("path", "file", |(path, _)| Cell::text(path.display())),
    ];
    Table::new("baselines", columns, all)
}

/// Returns a table of what a baseline holds, a row for each seed.
pub fn baseline(baseline: &Baseline) -> Table {
    let short = |digest: &str| Cell::Text(digest.chars().take(12).collect());
    let processes = |case: &CaseResults| -> usize {
        case.throughput.iter().map(|attempt| attempt.step_seconds.len()).sum()
    };
    let columns = vec![
        SeedColumn::label("case", "case", |(case, _)| Cell::text(&case.trial.case)),
        SeedColumn::label("seed", "seed", |(_, seed)| Cell::Count(seed.seed)),
        SeedColumn::new("accuracy", "accuracy %", |(_, seed)| Cell::percent(seed.accuracy, 2)),
        SeedColumn::new("loss", "loss", |(_, seed)| Cell::number(seed.loss, 4)),
        SeedColumn::new("epochs", "epochs", |(_, seed)| Cell::count(seed.epochs)),
        SeedColumn::new("trajectory", "trajectory", move |(_, seed)| {
            Cell::maybe(seed.trajectory.as_deref(), short)
        }),
        SeedColumn::new("identity", "identity", move |(_, seed)| short(&seed.identity)),
        SeedColumn::new("processes", "processes", move |(case, _)| Cell::count(processes(case))),
    ];
    let rows = baseline.cases.iter().flat_map(|case| case.seeds.iter().map(move |seed| (case, seed)));
    Table::new(format!("{} on {}", baseline.suite, baseline.class), columns, rows)
        .with_notes([format!("from run {}", baseline.run)])
}
