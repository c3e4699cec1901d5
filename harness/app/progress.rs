//! Bars of progress on stderr.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget};

/// Drawn where stderr is a terminal.
pub fn bar(turns: u64, what: &str, quiet: bool) -> ProgressBar {
    let shown = !quiet && std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = format!("{{pos}}/{{len}} {what} {{wide_bar}} {{eta}} left");
    let style = indicatif::ProgressStyle::with_template(&template);
    let bar = ProgressBar::with_draw_target(Some(turns), target);
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}
