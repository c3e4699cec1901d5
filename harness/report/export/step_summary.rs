//! Markdown for the summary of a step of GitHub Actions, which takes 1 MiB.

use super::markdown;
use super::run_format::{ExportSource, ExportedRuns, RunFormat, RunWriter};
use crate::analysis::check;
use crate::report::architectures::architectures;
use crate::report::claims::claims;

pub(super) const RUNS: RunFormat = RunFormat {
    name: "markdown",
    about: "Tables for the summary of a step of GitHub Actions, cut off before 1 MiB",
    source: ExportSource::Runs,
    writer: RunWriter::Text(text),
};

/// GitHub refuses a longer summary.
const MOST: usize = 1 << 20;

fn text(exported: &ExportedRuns) -> String {
    let mut tables = architectures(&exported.runs, &exported.records);
    tables.extend(claims(&exported.runs, &check(&exported.runs, &exported.records)));
    cut((markdown::TABLES.write)(&tables, None), MOST)
}

/// Returns the text, or as many of its first lines as fit below `most` bytes with a note that there are more.
fn cut(text: String, most: usize) -> String {
    const NOTE: &str = "\nThere is more than fits here; `tchbench table` shows all of it.\n";
    if text.len() < most {
        return text;
    }
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() + NOTE.len() >= most {
            break;
        }
        kept.push_str(line);
    }
    kept + NOTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_cut_between_lines() {
        let text = "| row |\n".repeat(100);
        assert_eq!(cut(text.clone(), 10_000), text);
        let short = cut(text, 200);
        assert!(
            short.len() < 200 && short.starts_with("| row |\n") && short.ends_with("all of it.\n"),
            "{short}"
        );
    }
}
