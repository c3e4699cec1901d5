//! Tables, charts and pictures of records and of what trained networks show.

mod architectures;
mod calibration;
pub mod chart;
mod claims;
mod comparison;
mod diff;
mod epochs;
mod group;
mod history;
pub mod inspect;
mod junit;
mod page;
mod plot;
mod quantity;
mod robustness;
mod sparkline;
mod table;
mod throughput;
mod units;

pub use architectures::architectures;
pub use calibration::calibration;
pub use claims::claims;
pub use comparison::comparison;
pub use diff::diff;
pub use epochs::epochs;
pub use history::{history, night};
pub use junit::junit;
pub use page::{Look, Page, Published, is_page, page};
pub use plot::{Plot, Unplottable, plot};
pub use robustness::{robustness, robustness_charts, robustness_rows};
pub use sparkline::sparkline;
pub use table::{Cell, Column, Format, Table, render, terminal_width};
pub use throughput::throughput;
pub use units::{bytes, count, seconds};
