//! What is printed, and whether progress is shown.

use std::io::IsTerminal;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::escape;
use crate::recipe::Trial;
use crate::report::{Table, TableFormat, render, terminal_width};
use crate::runner::{Interrupt, Observer, observer};
use crate::terminal::print;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct OutputOptions {
    /// The form of tables on stdout.
    #[arg(long, value_enum, default_value = "text", help = "The form")]
    pub format: TableFormat,
}

impl OutputOptions {
    /// Prints tables on stdout.
    pub fn print(self, tables: &[Table]) {
        print(&render(tables, self.format, terminal_width()));
    }
}

/// Whether progress is shown on stderr.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ProgressOptions {
    /// Whether nothing is shown.
    #[arg(long, help = "No progress")]
    quiet: bool,
}

impl ProgressOptions {
    /// Returns progress that is shown where stderr is a terminal.
    pub fn shown() -> Self {
        ProgressOptions { quiet: false }
    }

    /// Returns whether each step may be told in a line of its own, because no bar is drawn.
    pub fn is_told_in_lines(self) -> bool {
        !self.quiet && !std::io::stderr().is_terminal()
    }

    /// Returns a bar of `length` steps, which are called `what`. It is drawn where stderr is a terminal.
    pub fn bar(self, length: u64, what: &str) -> ProgressBar {
        let template = format!("{{pos}}/{{len}} {what} {{wide_bar}} {{eta}} left");
        let style = ProgressStyle::with_template(&template);
        let bar = ProgressBar::with_draw_target(Some(length), self.target());
        style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
    }

    /// Returns a spinner beside a message. It is drawn where stderr is a terminal.
    pub fn spinner(self, message: &str) -> ProgressBar {
        let spinner = if self.is_drawn() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        spinner.set_message(escape::terminal::line(message));
        spinner
    }

    /// Returns what shows how `count` of these trials are trained.
    pub fn observer(self, trials: &[Trial], count: usize, interrupt: &Arc<Interrupt>) -> Box<dyn Observer> {
        observer(trials, count, self.quiet, interrupt)
    }

    fn target(self) -> ProgressDrawTarget {
        if self.is_drawn() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }

    fn is_drawn(self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}
