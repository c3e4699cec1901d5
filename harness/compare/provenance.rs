//! What two results were made by, side by side.

use super::field::Field;
use crate::event::Commit;
use crate::record::{Baseline, Fingerprint, Provenance};

/// What changed from a suite's baseline to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteChanges {
    /// The name of the suite.
    pub suite: String,
    /// The fields that both tell and that differ.
    pub fields: Vec<Field>,
}

impl SuiteChanges {
    /// Returns what changed in each suite, from its baseline to what a run found.
    pub fn of(suites: &[(Baseline, Baseline)]) -> Vec<Self> {
        let changed = |(old, new): &(Baseline, Baseline)| {
            let [a, b] = [&old.fingerprint, &new.fingerprint].map(Provenance::from);
            SuiteChanges { suite: old.suite.to_string(), fields: changes(&a, &b) }
        };
        suites.iter().map(changed).collect()
    }
}

/// Returns the commits and the digests of two records, which decide neither bits nor whether a comparison is fair.
pub fn sources(a: &Fingerprint, b: &Fingerprint) -> Vec<Field> {
    let [a, b] = [a, b].map(Provenance::from);
    of_sources(&a, &b, Commit::to_string)
}

/// Returns what changed from `a` to `b`: of commits, programs, libraries, processors and kernels those that both tell and
/// that differ, commits by the beginnings of their hashes.
pub fn changes(a: &Provenance, b: &Provenance) -> Vec<Field> {
    let mut fields = of_sources(a, b, Commit::short);
    let mut add = |name: &str, value: fn(&Provenance) -> Option<&String>| {
        fields.push(field(name, [a, b].map(|side| value(side).cloned())));
    };
    add("tchbench", |side| Some(&side.tchbench));
    add("libtorch", |side| Some(&side.libtorch));
    add("rustc", |side| Some(&side.rustc));
    add("driver", |side| side.driver.as_ref());
    add("cuda", |side| side.cuda.as_ref());
    add("processor", |side| Some(&side.processor));
    add("os", |side| Some(&side.os));
    add("kernel", |side| Some(&side.kernel));
    fields.retain(|field| field.a.is_some() && field.b.is_some() && field.differs());
    fields
}

fn of_sources(a: &Provenance, b: &Provenance, told: fn(&Commit) -> String) -> Vec<Field> {
    let own = |side: &Provenance| side.commit.as_ref().map(told);
    let built = |side: &Provenance| side.program.as_ref()?.commit.as_ref().map(told);
    let program = |side: &Provenance| Some(side.program.as_ref()?.digest.clone());
    let library = |side: &Provenance| Some(side.program.as_ref()?.libtorch_digest.clone());
    vec![
        field("commit", [a, b].map(own)),
        field("program's commit", [a, b].map(built)),
        field("program's digest", [a, b].map(program)),
        field("libtorch's digest", [a, b].map(library)),
    ]
}

fn field(name: &str, [a, b]: [Option<String>; 2]) -> Field {
    Field { name: name.to_owned(), a, b }
}
