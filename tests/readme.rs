//! The tour of README: every command in it prints what README says.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

/// The tour in a folder with the suites beside it, and with README's own suite as `mine.toml`.
#[test]
fn tour_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // trycmd runs the commands of `README.md` in `README.in`.
    let place = folder.path().join("README.in");
    fs::create_dir_all(place.join("suites")).unwrap();
    fs::copy(root.join("suites/smoke.toml"), place.join("suites/smoke.toml")).unwrap();
    let suite = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    fs::write(place.join("mine.toml"), suite).unwrap();
    let tour = folder.path().join("README.md");
    fs::write(&tour, &readme).unwrap();

    let cases = trycmd::TestCases::new();
    cases.register_bin("tchbench", Path::new(env!("CARGO_BIN_EXE_tchbench")));
    cases.case(&tour);
    cases.run();

    assert!(place.join("report/index.html").exists(), "the tour leaves its report");
}
