//! The page of experiments is what the records and suites make it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every file's content below a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    entries.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn the_page_and_its_pictures_are_what_the_records_give() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut runs: Vec<PathBuf> =
        fs::read_dir(root.join("results/published")).unwrap().map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.join("run.json").is_file());
    runs.sort();
    let made = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .arg("page")
        .args(&runs)
        .arg("--suites")
        .arg(root.join("suites"))
        .arg("--out")
        .arg(made.path().join("experiments.md"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(made.path().join("experiments.md")).unwrap();
    let committed = fs::read_to_string(root.join("docs/experiments.md")).unwrap();
    assert!(page == committed, "docs/experiments.md is out of date; `make page` makes it again");
    let (new, old) = (files(&made.path().join("experiments")), files(&root.join("docs/experiments")));
    assert_eq!(
        new.keys().collect::<Vec<_>>(),
        old.keys().collect::<Vec<_>>(),
        "`make page` makes them again"
    );
    for (name, svg) in &new {
        assert!(old[name] == *svg, "docs/experiments/{name} is out of date; `make page` makes it again");
        assert!(page.contains(&format!("(experiments/{name})")), "{name} is not on the page");
    }
}

#[test]
fn a_page_needs_a_name_in_markdown() {
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(["page", "latest", "--out", "page.html"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: --out page.html: the page's name ends in .md\n"
    );
}
