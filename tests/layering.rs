//! The design's arrows only point down, and a file holds one idea.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Which parts of the house each part may name, besides itself.
const ARROWS: [(&str, &[&str]); 16] = [
    ("terminal", &["escape"]),
    ("files", &[]),
    ("listing", &[]),
    ("rng", &[]),
    ("escape", &[]),
    ("stats", &["rng"]),
    ("suite", &["rng", "files", "listing"]),
    ("event", &["suite"]),
    ("data", &["suite", "rng", "files"]),
    ("record", &["suite", "event", "files", "listing"]),
    ("engine", &["suite", "data", "rng", "event", "record", "files"]),
    ("runner", &["suite", "record", "event", "data", "rng", "terminal", "escape"]),
    ("compare", &["record", "stats", "suite"]),
    ("report", &["compare", "record", "stats", "suite", "event", "escape", "listing"]),
    (
        "app",
        &["suite", "data", "event", "record", "runner", "compare", "report", "terminal", "escape", "listing"],
    ),
    (
        "cli",
        &[
            "rng", "escape", "stats", "suite", "event", "data", "record", "engine", "runner", "compare",
            "report", "app", "terminal", "files", "listing",
        ],
    ),
];

/// Every Rust file of the library, with its path from `harness/`.
fn files() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    assert!(found.len() > 20, "harness/ was not found");
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// A file's text without comments, strings' contents aside.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The parts that `code` names as `crate::part`, alone or in braces.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut parts = Vec::new();
    for after in code.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            parts.push(word(after));
            continue;
        };
        let mut depth = 1;
        let mut start = 0;
        for (at, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    parts.push(word(&list[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
            if depth == 0 {
                parts.push(word(&list[start..at]));
                break;
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn braces_are_read() {
    let code = "use crate::{a::{b, c}, d};\nfn f() { crate::e::g(crate::h) }";
    assert_eq!(named(code), ["a", "d", "e", "h"]);
}

#[test]
fn arrows_only_point_down() {
    let mut wrong = Vec::new();
    for (name, text) in files() {
        let part = name.split(['/', '.']).next().unwrap();
        if ["lib", "main"].contains(&part) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == part) else {
            wrong.push(format!("{name}: `{part}` is no part of the design; add it to ARROWS"));
            continue;
        };
        for target in named(&code(&text)) {
            if target != part && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{name}: `{part}` must not use `{target}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_engine_names_libtorch() {
    for (name, text) in files() {
        // Words, with `::` as one of them; a field named `tch` is followed by none.
        let spaced = code(&text)
            .replace("::", " :: ")
            .replace(|c: char| !(c.is_alphanumeric() || "_: ".contains(c)), " ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let named = words.windows(2).any(|pair| {
            let library = |word: &str| word == "tch" || word == "torch_sys";
            (library(pair[0]) && pair[1] == "::") || (pair[0] == "use" && library(pair[1]))
        });
        assert!(!named || name.starts_with("engine"), "{name} names libtorch, which only engine/ may");
    }
}

#[test]
fn a_file_has_at_most_400_lines_of_code() {
    for (name, text) in files() {
        let lines = code(&text).lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 400, "{name} has {lines} lines of code; give its second idea a file of its own");
    }
}
