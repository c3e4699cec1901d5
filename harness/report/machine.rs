//! The machine and the software that compute.

use super::table::{Cell, Heading, Table};
use crate::event::Engine;
use crate::recipe::Numerics;
use crate::record::Fingerprint;

/// Returns a table of the machine and the software, a row for each of their properties.
pub fn machine(Fingerprint { host, engine, load }: &Fingerprint) -> Table {
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
        ("numerics", text(numerics_name(engine.numerics))),
        ("capability", text(&engine.capability)),
        ("numerics class", text(&engine.numerics_class)),
    ];
    Table {
        title: "machine and software".to_owned(),
        columns: vec![Heading::new("what", "what"), Heading::new("value", "value")],
        rows: rows.map(|(what, value)| vec![text(what), value]).into(),
        labels: 1,
        notes: Vec::new(),
    }
}

/// Two machines whose tables are alike give the same bits.
/// Returns a table of the digests that make up the numerics class.
pub fn kernels(engine: &Engine) -> Table {
    let text = |text: &String| Cell::Text(text.clone());
    Table {
        title: format!("{} kernels, class {}", numerics_name(engine.numerics), engine.numerics_class),
        columns: vec![Heading::new("kernel", "kernel"), Heading::new("digest", "digest")],
        rows: engine.kernels.iter().map(|(name, digest)| vec![text(name), text(digest)]).collect(),
        labels: 1,
        notes: vec!["the same class on two machines: the same trial gives the same bits on both".to_owned()],
    }
}

/// Returns a numerics mode's name.
pub fn numerics_name(numerics: Numerics) -> &'static str {
    match numerics {
        Numerics::Native => "native",
        Numerics::Portable => "portable",
    }
}
