//! Every link of a document to a file of this tree, and every name of the code, leads to something that is there.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "support/house.rs"]
#[allow(dead_code, reason = "tests/layering.rs uses the rest")]
mod house;

use house::House;
use tchbench::metrics::{METRICS, Metric};

/// The Markdown files of the root and of `docs/`.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in [root.to_path_buf(), root.join("docs")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

/// The targets of a document's inline links and pictures that are files: no addresses, no places within the document.
fn targets(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files = links.map(|target| target.split('#').next().unwrap_or(target));
    files.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

#[test]
fn links_lead_to_files() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            if !document.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links to files that are not there:\n{}", broken.join("\n"));
}

#[test]
fn root_documents_are_read() {
    let names: Vec<_> = documents().into_iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "architecture.md"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among the documents");
    }
}

/// What a document names of the code, as in `engine::Trainer`: the part of the house, and the names below it.
fn names_of_code(text: &str) -> Vec<(&str, Vec<&str>)> {
    let is_path = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let quoted = text.split('`').skip(1).step_by(2).filter(|text| text.contains("::") && is_path(text));
    quoted
        .filter_map(|path| path.split_once("::"))
        .map(|(part, rest)| (part, rest.split("::").collect()))
        .collect()
}

#[test]
fn every_metric_is_documented() {
    let suites = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/suites.md")).unwrap();
    let is_told = |word: &str| {
        suites.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{word}`")))
    };
    let words: Vec<String> = METRICS.iter().map(Metric::word).filter(|word| !is_told(word)).collect();
    assert!(words.is_empty(), "give each a row in docs/suites.md: {}", words.join(", "));
}

#[test]
fn what_documents_name_of_the_code_is_there() {
    let house = House::read();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let defining = ["struct", "enum", "trait", "type", "fn", "const", "static", "mod"];
    let mut absent = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (part, names) in
            names_of_code(&text).into_iter().filter(|(part, _)| part.starts_with(char::is_lowercase))
        {
            let is_of_part = |name: &str| name.split(['/', '.']).next() == Some(part);
            let files = house.files.iter().filter(|file| is_of_part(&file.name));
            let words: Vec<&str> = files
                .flat_map(|file| file.text.split(|c| !is_word(c)))
                .filter(|word| !word.is_empty())
                .collect();
            let (item, inner) = names.split_first().unwrap();
            let is_defined = words.windows(2).any(|pair| defining.contains(&pair[0]) && pair[1] == *item);
            if !is_defined || !inner.iter().all(|name| words.contains(name)) {
                absent.push(format!("{}: {part}::{}", document.display(), names.join("::")));
            }
        }
    }
    assert!(absent.is_empty(), "these are not in the code:\n{}", absent.join("\n"));
}
