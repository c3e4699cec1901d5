//! The design's arrows only point down, no files import each other, and a file holds one idea.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "support/house.rs"]
mod house;

use house::House;

/// Which parts of the house each part may name, besides itself.
const ARROWS: [(&str, &[&str]); 22] = [
    ("terminal", &["escape"]),
    ("files", &[]),
    ("listing", &[]),
    ("rng", &[]),
    ("escape", &[]),
    ("stats", &["rng"]),
    ("reader", &[]),
    ("valid", &[]),
    ("recipe", &["reader", "valid", "listing"]),
    ("event", &["recipe"]),
    ("metrics", &["reader", "recipe", "event", "stats"]),
    ("suite", &["recipe", "metrics", "reader", "files", "listing"]),
    ("data", &["recipe", "rng", "files"]),
    ("record", &["valid", "recipe", "suite", "event", "metrics", "files", "listing"]),
    ("kernels", &["recipe", "rng"]),
    ("engine", &["valid", "recipe", "kernels", "data", "rng", "event", "record", "files"]),
    ("runner", &["valid", "recipe", "suite", "record", "event", "data", "rng", "terminal", "escape"]),
    ("compare", &["reader", "files", "recipe", "metrics", "suite", "record", "event", "stats"]),
    ("analysis", &["recipe", "compare", "record", "stats", "suite", "event", "metrics", "listing"]),
    (
        "report",
        &[
            "valid", "recipe", "analysis", "compare", "record", "stats", "suite", "event", "metrics",
            "escape", "listing",
        ],
    ),
    (
        "app",
        &[
            "valid", "recipe", "suite", "data", "event", "metrics", "record", "runner", "compare",
            "analysis", "report", "terminal", "files", "escape", "listing",
        ],
    ),
    (
        "cli",
        &[
            "valid", "rng", "escape", "stats", "reader", "recipe", "suite", "event", "data", "record",
            "metrics", "kernels", "engine", "runner", "compare", "analysis", "report", "app", "terminal",
            "files", "listing",
        ],
    ),
];

#[test]
fn arrows_only_point_down() {
    let house = House::read();
    let parts: BTreeSet<String> = house.files.iter().map(house::File::part).collect();
    let mut wrong = Vec::new();
    for (index, file) in house.files.iter().enumerate() {
        let part = file.part();
        if part == "lib" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == part) else {
            wrong.push(format!("{}: `{part}` is no part of the design; add it to ARROWS", file.name));
            continue;
        };
        for target in house.parts(index).intersection(&parts) {
            if *target != part && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: `{part}` must not use `{target}`", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words in backticks of a line.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_architecture_shows_these_arrows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| part |")).skip(2);
    let mut shown = BTreeSet::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let [_, parts, uses, _] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
        for part in quoted(parts) {
            let mut uses: BTreeSet<String> = quoted(uses).into_iter().collect();
            if row.contains("| all |") {
                uses = ARROWS.iter().map(|(other, _)| (*other).to_owned()).collect();
                uses.remove(&part);
            }
            shown.insert((part, uses));
        }
    }
    let arrows: BTreeSet<(String, BTreeSet<String>)> = ARROWS
        .iter()
        .map(|(part, uses)| ((*part).to_owned(), uses.iter().map(|one| (*one).to_owned()).collect()))
        .collect();
    assert_eq!(shown, arrows, "the table `Who may use whom` of docs/architecture.md, and ARROWS here");
}

#[test]
fn no_files_import_each_other() {
    let house = House::read();
    let rings: Vec<String> = house.rings().iter().map(|ring| house.among(ring)).collect();
    assert!(rings.is_empty(), "these files import each other:\n{}", rings.join("\n\n"));
}

#[test]
fn no_verb_imports_another() {
    let house = House::read();
    let verb =
        |name: &str| name.strip_prefix("cli/").map(|rest| rest.split(['/', '.']).next().unwrap().to_owned());
    let mut wrong = Vec::new();
    for (index, file) in house.files.iter().enumerate() {
        let Some(own) = verb(&file.name).filter(|own| own != "mod") else { continue };
        for target in house.imports(index) {
            let target = &house.files[target].name;
            if verb(target).is_some_and(|other| other != own) {
                wrong.push(format!("{} imports {target}; what verbs share belongs in app/", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files of a small library, and which of them import which.
fn imports(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let house = House::of(texts);
    let mut found = Vec::new();
    for (index, file) in house.files.iter().enumerate() {
        for target in house.imports(index) {
            found.push(format!("{} {}", file.name, house.files[target].name));
        }
    }
    found
}

#[test]
fn imports_lead_to_the_file_that_defines_the_item() {
    let root = ("lib.rs", "pub mod a; pub mod b;");
    let b = ("b.rs", "use crate::a::One; use crate::a::{self, two::Two as Other}; fn f() { a::three() }");
    let a = ("a/mod.rs", "mod one; pub mod two; pub use one::One; pub fn three() {}");
    let one = ("a/one.rs", "// use super::two::Two;\npub struct One(super::two::Two);");
    let two = ("a/two.rs", "pub struct Two; mod tests { use super::*; const S: &str = \"crate::b::f\"; }");
    let found = imports(&[root, a, one, two, b]);
    assert_eq!(found, ["a/one.rs a/two.rs", "b.rs a/mod.rs", "b.rs a/one.rs", "b.rs a/two.rs"]);
}

#[test]
fn a_ring_is_found_by_way_of_a_module_and_its_parent() {
    let parent = ("a/mod.rs", "mod child; use child::run; pub struct Args; fn f(args: Args) { run(args) }");
    let child = ("a/child.rs", "use super::Args; pub fn run(args: Args) {}");
    let texts = [("lib.rs", "mod a;"), parent, child];
    let house =
        House::of(texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
    assert_eq!(house.rings(), [["a/mod.rs", "a/child.rs"]]);
    // Handing on is no import, but using what is handed on is.
    let handing = ("a/mod.rs", "mod child; pub use child::run; pub struct Args;");
    assert_eq!(imports(&[texts[0], handing, child]), ["a/child.rs a/mod.rs"]);
    let using = ("a/mod.rs", "mod child; pub use child::run; pub struct Args; fn f() { run(Args) }");
    assert_eq!(imports(&[texts[0], using, child]), ["a/mod.rs a/child.rs", "a/child.rs a/mod.rs"]);
}

#[test]
fn only_the_engine_names_libtorch() {
    let house = House::read();
    for (index, file) in house.files.iter().enumerate() {
        let parts = house.parts(index);
        let named = parts.contains("tch") || parts.contains("torch_sys");
        assert!(!named || file.part() == "engine", "{} names libtorch, which only engine/ may", file.name);
    }
}

#[test]
fn a_file_has_at_most_400_lines_of_code() {
    for file in House::read().files {
        let code = file.text.lines().map(|line| line.split("//").next().unwrap_or_default());
        let lines = code.filter(|line| !line.trim().is_empty()).count();
        assert!(
            lines <= 400,
            "{} has {lines} lines of code; give its second idea a file of its own",
            file.name
        );
    }
}
