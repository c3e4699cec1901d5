//! Tables, charts and pictures of records and of what trained networks show.

mod architectures;
mod baselines;
mod bisection;
mod calibration;
pub mod chart;
mod chosen_metrics;
mod claims;
mod comparison;
mod confusion;
mod diff;
mod diff_schema;
mod epochs;
mod export;
mod fields;
mod gates;
mod group;
mod history;
mod html;
pub mod inspect;
mod machine;
mod metric;
mod network;
mod page;
mod paired;
mod plan;
mod plot;
mod reasons;
mod robustness;
mod sparkline;
mod suites;
mod table;
mod throughput;
mod units;

pub use architectures::architectures;
pub use baselines::{baseline, baselines};
pub use bisection::bisection;
pub use calibration::calibration;
pub use chosen_metrics::chosen_metrics;
pub use claims::claims;
pub use comparison::comparison;
pub use confusion::confusions;
pub use diff::diff;
pub use diff_schema::diff_schema;
pub use epochs::epochs;
pub use export::{
    ExportFormat, ExportSource, Exported, ExportedFile, ExportedRuns, FailurePolicy, FindingsFormat,
    JsonServer, Judged, RunFormat, RunWriter, ServerError, ServerSummary, TableFormat, WeightsError, junit,
    prometheus, render, terminal_width,
};
pub use fields::{explanation, replay};
pub use history::{history, night};
pub use html::{RecordsOrigin, ReportContent, RunFindings, html, is_report};
pub use machine::{kernels, machine, numerics_name};
pub use network::{layers, networks};
pub use page::{Page, Published, PublishedInspection, is_page, page};
pub use paired::paired;
pub use plan::planned;
pub use plot::{Plot, PlotError, plot};
pub use robustness::{robustness, robustness_charts, robustness_rows};
pub use sparkline::sparkline;
pub use suites::cases;
pub use table::{Cell, Column, Heading, Table};
pub use throughput::throughput;
pub use units::{bytes, count, seconds};
