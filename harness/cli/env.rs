//! `tchbench env`: the machine and what computes.

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt, mode};
use crate::escape;
use crate::event::Engine;
use crate::recipe::Numerics;
use crate::record::Fingerprint;
use crate::report::{Cell, Column, Format, Table, render, terminal_width};
use crate::runner::{LoadWatch, host};
use crate::terminal::print;

/// Show the machine and the software that go into a record
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    compute: Compute,
    /// The form; json is the fingerprint as records hold it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let launcher = args.compute.launcher()?;
    let numerics = args.compute.numerics().unwrap_or(Numerics::Native);
    let load = LoadWatch::begin();
    let (_, engine) = args.compute.describe(numerics, &launcher, &*interrupt()?)?;
    let fingerprint = Fingerprint { host: host(), engine, load: load.end() };
    let text = match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&fingerprint);
            escape::json::text(&json.map_err(|error| Failure::new(Exit::Internal, error))?) + "\n"
        }
        format => render(&[table(&fingerprint), kernels(&fingerprint.engine)], format, terminal_width()),
    };
    print(&text);
    Ok(Exit::Success)
}

fn table(Fingerprint { host, engine, load }: &Fingerprint) -> Table {
    let text = |text: &str| Cell::Text(text.to_owned());
    let maybe = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_else(|| "none".to_owned()));
    let steal = load.steal.map_or_else(|| "unknown".to_owned(), |steal| format!("{:.1} %", steal * 100.0));
    let rows = [
        ("cpu", text(&host.cpu)),
        ("cpu model", text(&host.cpu_model)),
        ("cores", Cell::Count(host.cores.into())),
        ("memory", Cell::Bytes(host.memory)),
        ("os", text(&host.os)),
        ("kernel", text(&host.kernel)),
        ("load average", Cell::Number(load.load_average, 2)),
        ("steal", Cell::Text(steal)),
        ("device", text(&engine.device)),
        ("driver", maybe(&engine.driver)),
        ("cuda", maybe(&engine.cuda)),
        ("tchbench", text(&engine.tchbench)),
        ("libtorch", text(&engine.libtorch)),
        ("tch", text(&engine.tch)),
        ("rustc", text(&engine.rustc)),
        ("threads", Cell::Count(engine.threads.into())),
        ("numerics", text(mode(engine.numerics))),
        ("capability", text(&engine.capability)),
        ("numerics class", text(&engine.numerics_class)),
    ];
    Table {
        title: "machine and software".to_owned(),
        columns: vec![Column::new("what", "what"), Column::new("value", "value")],
        rows: rows.map(|(what, value)| vec![text(what), value]).into(),
        labels: 1,
        notes: Vec::new(),
    }
}

/// Two machines whose tables are alike give the same bits.
fn kernels(engine: &Engine) -> Table {
    let text = |text: &String| Cell::Text(text.clone());
    Table {
        title: format!("{} kernels, class {}", mode(engine.numerics), engine.numerics_class),
        columns: vec![Column::new("kernel", "kernel"), Column::new("digest", "digest")],
        rows: engine.kernels.iter().map(|(name, digest)| vec![text(name), text(digest)]).collect(),
        labels: 1,
        notes: vec!["the same class on two machines: the same trial gives the same bits on both".to_owned()],
    }
}
