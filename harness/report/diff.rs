//! What a run found against its baseline, as tables.

use super::table::{Cell, Heading, Table};
use crate::compare::{AccuracyFigures, CaseFinding, Field, Finding, Means, Terms, ThroughputFigures};

/// A table for each suite: a row a case, then why, then on what terms.
pub fn diff(findings: &[CaseFinding], terms: &Terms) -> Vec<Table> {
    let suites = findings.chunk_by(|a, b| a.suite == b.suite);
    let mut tables: Vec<Table> = suites.map(suite).collect();
    if let Some(last) = tables.last_mut() {
        last.notes.extend(of_terms(findings, terms));
    }
    tables
}

fn suite(findings: &[CaseFinding]) -> Table {
    let is_failed =
        |finding: &CaseFinding| finding.accuracy.figures.is_some_and(|figures| figures.failed != (0, 0));
    let failed = |key, heading| match findings.iter().any(is_failed) {
        true => Heading::new(key, heading),
        false => Heading::detail(key),
    };
    Table {
        title: findings.first().map(|first| first.suite.clone()).unwrap_or_default(),
        columns: vec![
            Heading::new("case", "case"),
            Heading::new("accuracy_verdict", "accuracy"),
            Heading::new("accuracy_baseline", "baseline %"),
            Heading::new("accuracy_run", "run %"),
            Heading::detail("accuracy_difference"),
            Heading::new("loss_baseline", "loss"),
            Heading::new("loss_run", "run"),
            Heading::detail("seeds_baseline"),
            Heading::detail("seeds_run"),
            failed("failed_baseline", "failed"),
            failed("failed_run", "run"),
            Heading::detail("paired"),
            Heading::detail("p_beyond_margin"),
            Heading::detail("p_worse"),
            Heading::detail("p_better"),
            Heading::new("throughput_verdict", "throughput"),
            Heading::new("samples_per_second_baseline", "samples/s"),
            Heading::new("samples_per_second_run", "run"),
            Heading::new("time_ratio", "time ratio"),
            Heading::new("time_ratio_low", "from"),
            Heading::new("time_ratio_high", "to"),
            Heading::detail("p_slower"),
            Heading::detail("threshold"),
            Heading::detail("reasons"),
        ],
        labels: 1,
        rows: findings.iter().map(row).collect(),
        notes: notes(findings),
    }
}

fn row(finding: &CaseFinding) -> Vec<Cell> {
    let of_seeds = finding.accuracy.figures.as_ref();
    let speed = finding.throughput.figures.as_ref();
    let seeds = |value: fn(&AccuracyFigures) -> Cell| of_seeds.map_or(Cell::Missing, value);
    let (old, new): (Option<Means>, Option<Means>) =
        of_seeds.map_or((None, None), |figures| (figures.old, figures.new));
    let timed = |value: fn(&ThroughputFigures) -> Cell| speed.map_or(Cell::Missing, value);
    let p = |value: Option<f64>| Cell::maybe(value, |p| Cell::Number(p, 4));
    vec![
        Cell::Text(finding.case.clone()),
        Cell::Text(finding.accuracy.verdict.name().to_owned()),
        Cell::maybe(old, |old| Cell::Percent(old.accuracy, 2)),
        Cell::maybe(new, |new| Cell::Percent(new.accuracy, 2)),
        Cell::maybe(old.zip(new), |(old, new)| Cell::Percent(new.accuracy - old.accuracy, 2)),
        Cell::maybe(old, |old| Cell::Number(old.loss, 4)),
        Cell::maybe(new, |new| Cell::Number(new.loss, 4)),
        seeds(|figures| Cell::Count(figures.seeds.0 as u64)),
        seeds(|figures| Cell::Count(figures.seeds.1 as u64)),
        seeds(|figures| Cell::Count(figures.failed.0 as u64)),
        seeds(|figures| Cell::Count(figures.failed.1 as u64)),
        seeds(|figures| Cell::Text(if figures.paired { "yes" } else { "no" }.to_owned())),
        p(of_seeds.and_then(|figures| figures.p_beyond_margin)),
        p(of_seeds.and_then(|figures| figures.p_worse)),
        p(of_seeds.and_then(|figures| figures.p_better)),
        Cell::Text(finding.throughput.verdict.name().to_owned()),
        timed(|figures| Cell::Number(figures.samples_per_second.0, 0)),
        timed(|figures| Cell::Number(figures.samples_per_second.1, 0)),
        timed(|figures| Cell::Number(figures.ratio, 3)),
        timed(|figures| Cell::Number(figures.interval.low, 3)),
        timed(|figures| Cell::Number(figures.interval.high, 3)),
        p(speed.map(|figures| figures.p_slower)),
        timed(|figures| Cell::Percent(figures.threshold, 1)),
        Cell::Text(reasons(finding).join("; ")),
    ]
}

/// Why a case's verdicts are what they are.
fn reasons(finding: &CaseFinding) -> Vec<String> {
    let accuracy = told(&finding.accuracy).into_iter().map(|reason| format!("accuracy: {reason}"));
    let throughput = told(&finding.throughput).into_iter().map(|reason| format!("throughput: {reason}"));
    accuracy.chain(throughput).collect()
}

/// Why one verdict is what it is, with the fields that forbid the comparison or are under test.
pub(super) fn told<T>(finding: &Finding<T>) -> Vec<String> {
    let values = |field: &Field| format!("{} is {}, was {}", field.name, short(&field.b), short(&field.a));
    let refused = finding.refused.iter().map(|field| format!("not comparable: {}", values(field)));
    let under_test = finding.under_test.iter().map(|field| format!("under test: {}", values(field)));
    refused.chain(under_test).chain(finding.reasons.iter().cloned()).collect()
}

/// A value; of a digest, its beginning.
fn short(value: &Option<String>) -> String {
    match value {
        Some(text) if text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()) => {
            text.chars().take(12).collect()
        }
        Some(text) => text.clone(),
        None => "none".to_owned(),
    }
}

/// The reasons of all cases, each told once with the cases that it holds of.
fn notes(findings: &[CaseFinding]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for finding in findings {
        for reason in reasons(finding) {
            match told.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push(&finding.case),
                None => told.push((reason, vec![&finding.case])),
            }
        }
    }
    let all = findings.len();
    let whose = |cases: Vec<&str>| match cases.len() {
        count if count == all && count > 1 => "all cases".to_owned(),
        _ => cases.join(", "),
    };
    told.into_iter().map(|(reason, cases)| format!("{}: {reason}", whose(cases))).collect()
}

fn of_terms(findings: &[CaseFinding], terms: &Terms) -> Vec<String> {
    let alpha = percent(terms.alpha);
    let figures = || findings.iter().filter_map(|finding| finding.accuracy.figures);
    let tested = figures().filter(|figures| figures.p_worse.is_some()).count();
    let by_pairs = match figures().filter(|figures| figures.p_worse.is_some() && figures.paired).count() {
        0 => String::new(),
        paired => format!(" ({paired} by pairs of one seed)"),
    };
    let timed = findings.iter().filter(|finding| finding.throughput.figures.is_some()).count();
    vec![
        format!(
            "accuracy: margin {} points, loss {} %; {tested} cases tested by permutation{by_pairs}, at most {alpha} % \
             of unchanged programs called regressed and {alpha} % of harmed ones unchanged, over all cases (Holm)",
            percent(terms.accuracy_margin),
            percent(terms.loss_margin),
        ),
        format!(
            "accuracy of all cases of a suite: margin of the loss {} %, by signed ranks of the pairs of a case and seed \
             at {alpha} % over all suites; told where it is worse",
            percent(terms.suite_margin)
        ),
        format!(
            "throughput: {}; {timed} cases tested by Yuen's t at {alpha} % over all cases (Holm), and regressed or \
             improved only where measuring again shows it, too; an error may repeat as long as the baseline stays",
            threshold(findings, terms),
        ),
    ]
}

/// Beyond which change a case is slower or faster.
fn threshold(findings: &[CaseFinding], terms: &Terms) -> String {
    let (margin, noise) = (percent(terms.throughput_margin), &terms.noise);
    if !noise.is_calibrated() {
        let floor = percent(noise.largest_floor());
        let larger = percent(terms.throughput_margin.max(noise.largest_floor()));
        return format!(
            "threshold {larger} %, the larger of the margin {margin} % and {floor} % as this machine is not \
             calibrated for this way to measure: run `tchbench calibrate`"
        );
    }
    let larger = format!("the larger of the margin {margin} % and each case's noise floor on this machine");
    let thresholds = || findings.iter().filter_map(|finding| Some(finding.throughput.figures?.threshold));
    match thresholds().reduce(f64::min).zip(thresholds().reduce(f64::max)) {
        Some((least, most)) => {
            format!("thresholds {:.1} to {:.1} %, {larger}", least * 100.0, most * 100.0)
        }
        None => format!("threshold {larger}"),
    }
}

fn percent(fraction: f64) -> String {
    format!("{}", (fraction * 1e6).round() / 1e4)
}
