//! Completions and manual pages tell every verb that is shown, and no hidden one.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::{Command, Output};

fn call(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tchbench")).args(arguments).output().unwrap()
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = call(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("nightly") && script.contains("prometheus"),
            "{shell}"
        );
    }
    assert_eq!(call(&["completions", "sh"]).status.code(), Some(2));
}

#[test]
fn every_verb_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    assert!(call(&["man", folder.path().to_str().unwrap()]).status.success());
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in ["tchbench.1", "tchbench-run.1", "tchbench-inspect-gates.1", "tchbench-data-add.1"] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("worker") || name.contains("help")), "{names:?}");
    let page = fs::read_to_string(folder.path().join("tchbench-run.1")).unwrap();
    assert!(page.starts_with(".ie") && page.contains("\\-\\-keep\\-weights"), "{page}");
}
