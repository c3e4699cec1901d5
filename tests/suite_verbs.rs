//! `tchbench list` and `tchbench params`, as a user meets them.
#![allow(clippy::unwrap_used)]

use std::process::Command;

/// Exit code, stdout and stderr of a command given in the repository's root.
fn tchbench(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What it prints where all is well.
fn printed(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = tchbench(arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    stdout
}

#[test]
fn list_shows_the_shipped_suites() {
    insta::assert_snapshot!(printed(&["list"]));
}

#[test]
fn list_in_json_holds_every_suite_in_full() {
    let all: Vec<tchbench::suite::case::Suite> =
        serde_json::from_str(&printed(&["list", "suites/smoke.toml", "--format", "json"])).unwrap();
    let profiles: Vec<_> = all.iter().map(|suite| suite.profile.as_deref()).collect();
    assert_eq!(profiles, [None, Some("quick")]);
}

#[test]
fn params_shows_layers_and_a_summary() {
    insta::assert_snapshot!(printed(&["params", "suites/lstm2x128.toml"]));
}

#[test]
fn params_in_every_form() {
    let of = |format| printed(&["params", "suites/lstm-gru.toml", "--case", "*-3x32", "--format", format]);
    insta::assert_snapshot!(["markdown", "csv", "json"].map(of).join("\n"));
}

#[test]
fn nothing_selected() {
    let (code, stdout, stderr) = tchbench(&["params", "suites/smoke.toml", "--case", "transformer"]);
    assert_eq!((code, stdout.as_str()), (4, ""));
    assert_eq!(stderr, "error: --case transformer: no case matches; `tchbench list` shows them\n");
}

#[test]
fn bad_input() {
    let (code, _, stderr) = tchbench(&["params", "suites/smoke.toml", "--profile", "quik"]);
    assert_eq!(
        (code, stderr.as_str()),
        (3, "error: suites/smoke.toml: no profile `quik`; did you mean `quick`?\n")
    );
    let (code, _, stderr) = tchbench(&["list", "Cargo.toml"]);
    assert_eq!(code, 3);
    assert!(stderr.starts_with("error: Cargo.toml:1:1: `schema` is missing"), "{stderr}");
}

#[test]
fn a_pattern_that_is_no_glob_is_a_usage_error() {
    let (code, _, stderr) = tchbench(&["params", "suites/smoke.toml", "--case", "lstm-["]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: pattern `lstm-[`: "), "{stderr}");
}
