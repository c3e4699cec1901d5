//! The machine and the software that compute.

use super::table::{Cell, Column, Table};
use crate::event::{Commit, Engine, Program};
use crate::recipe::Numerics;
use crate::record::Fingerprint;

type PropertyColumn = Column<'static, (&'static str, Cell)>;
type KernelColumn<'a> = Column<'static, (&'a String, &'a String)>;

/// Returns a table of the machine and the software, a row for each of their properties.
pub fn machine(Fingerprint { host, engine, load, .. }: &Fingerprint) -> Table {
    let maybe = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or("none"));
    let program = |value: fn(&Program) -> String| {
        Cell::Text(engine.program.as_ref().map_or_else(|| "unknown".to_owned(), value))
    };
    let commit =
        |program: &Program| program.commit.as_ref().map_or_else(|| "unknown".to_owned(), Commit::to_string);
    let steal = load.steal.map_or_else(|| "unknown".to_owned(), |steal| format!("{:.1} %", steal * 100.0));
    let properties = [
        ("cpu", Cell::text(&host.cpu)),
        ("cpu model", Cell::text(&host.cpu_model)),
        ("cores", Cell::Count(host.cores.into())),
        ("memory", Cell::Bytes(host.memory)),
        ("os", Cell::text(&host.os)),
        ("kernel", Cell::text(&host.kernel)),
        ("load average", Cell::Number(load.load_average, 2)),
        ("steal", Cell::Text(steal)),
        ("device", Cell::text(&engine.device)),
        ("driver", maybe(&engine.driver)),
        ("cuda", maybe(&engine.cuda)),
        ("tchbench", Cell::text(&engine.tchbench)),
        ("commit", program(commit)),
        ("digest", program(|program| program.digest.clone())),
        ("libtorch", Cell::text(&engine.libtorch)),
        ("libtorch's digest", program(|program| program.libtorch_digest.clone())),
        ("tch", Cell::text(&engine.tch)),
        ("rustc", Cell::text(&engine.rustc)),
        ("threads", Cell::Count(engine.threads.into())),
        ("numerics", Cell::text(numerics_name(engine.numerics))),
        ("capability", Cell::text(&engine.capability)),
        ("numerics class", Cell::text(&engine.numerics_class)),
    ];
    let columns = vec![
        PropertyColumn::label("what", "what", |(what, _)| Cell::text(what)),
        PropertyColumn::new("value", "value", |(_, value)| value.clone()),
    ];
    Table::new("machine and software", columns, properties)
}

/// Returns a table of the digests that make up the numerics class. Two machines whose tables are alike give the same
/// bits.
pub fn kernels(engine: &Engine) -> Table {
    let columns = vec![
        KernelColumn::label("kernel", "kernel", |(name, _)| Cell::text(name)),
        KernelColumn::new("digest", "digest", |(_, digest)| Cell::text(digest)),
    ];
    let title = format!("{} kernels, class {}", numerics_name(engine.numerics), engine.numerics_class);
    Table::new(title, columns, &engine.kernels)
        .with_notes(["the same class on two machines: the same trial gives the same bits on both"])
}

/// Returns a numerics mode's name.
pub fn numerics_name(numerics: Numerics) -> &'static str {
    match numerics {
        Numerics::Native => "native",
        Numerics::Portable => "portable",
    }
}
