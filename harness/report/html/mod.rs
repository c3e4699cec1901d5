//! The report of runs: one HTML file that needs nothing besides, neither a network nor another file.
//!
//! All figures in it come from records through `analysis` and `compare`. Its script draws, sorts and filters, and computes
//! no statistics.

mod cases;
mod changes;
mod content;
mod curves;
mod document;
mod drawn;
mod nights;
mod prose;
mod results;
mod summary;
mod tabulated;
mod trials;
mod verdict;

use super::claims::claims;
use super::page::Published;
use super::robustness::{robustness, robustness_charts};
use crate::analysis::{case_histories, check, rankings};
use document::Document;
use drawn::DrawnFigure;

pub use content::{RecordsOrigin, ReportContent, RunFindings};
pub use document::is_report;

/// Returns the report. The same content gives the same bytes.
pub fn html(content: &ReportContent) -> String {
    let Published { runs, records, robustness: scored, looks } = &content.published;
    let rankings = rankings(runs, records);
    let checked = check(runs, records);
    let mut page = Document::default();
    if content.comparisons.is_empty() {
        summary::without_baseline(&mut page, content, &rankings, &checked);
    } else {
        content.comparisons.iter().for_each(|found| verdict::verdict(&mut page, found));
        changes::changes(&mut page, &content.comparisons);
        summary::what_ran(&mut page, content, &checked);
    }
    for ranking in &rankings {
        results::results(&mut page, ranking, rankings.len() > 1);
    }
    cases::measured(&mut page, &content.measurements);
    nights::nights(&mut page, &case_histories(&content.nights));
    if let Some(table) = claims(runs, &checked) {
        page.section("claims", "Claims");
        page.table(&table);
    }
    if !scored.is_empty() {
        page.section("robustness", "Robustness");
        robustness_charts(scored).iter().for_each(|(_, chart)| page.figure(&DrawnFigure::of(chart)));
        robustness(scored).iter().for_each(|table| page.table(table));
    }
    if !looks.is_empty() {
        page.section("inside", "Inside the networks");
        for look in looks {
            page.picture(&format!("{} ({})", look.name, look.run), &look.inspection.found.svg());
        }
    }
    trials::trials(&mut page, content, &rankings);
    page.finish(&summary::title(runs))
}
