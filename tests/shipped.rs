//! The shipped suites, as they are, through the engine.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::process::Command;

/// The sweeps, whose seventy cases are dense networks of other widths.
const SWEEPS: [&str; 2] = ["depth", "width"];

/// Every case takes a batch forward and backward; the sweeps' parameters are verified on reading.
#[test]
fn every_case_passes_check() {
    if std::env::var_os("TCHBENCH_DATA").is_none() {
        eprintln!("skipped: set TCHBENCH_DATA to the folder that holds mnist/ and fashion-mnist/");
        return;
    }
    let root = env!("CARGO_MANIFEST_DIR");
    let mut suites = tchbench::suite::load_all(&std::path::Path::new(root).join("suites")).unwrap();
    suites.retain(|profiles| !SWEEPS.contains(&profiles[0].name.as_str()));
    let names = suites.iter().map(|profiles| profiles[0].name.as_str());
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(["check", "--profile", "quick", "--device", "cpu"])
        .args(names)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: usize = suites.iter().map(|profiles| profiles[0].cases.len()).sum();
    let sound = String::from_utf8(output.stdout).unwrap();
    assert_eq!(sound.lines().filter(|line| line.contains(": ok, ")).count(), cases, "{sound}");
}
