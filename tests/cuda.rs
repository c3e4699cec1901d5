//! On a CUDA device, where one is: every smoke case twice, the same bits; and close to the CPU. Where the
//! driver's device file is there, CUDA has to work.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use tchbench::record::{Folder, Status, TrialRecord};

const TINY: &str = r#"
[profiles.tiny]
epochs = 2
train_samples = 1000
test_samples = 500
validation = { from = "train", count = 100 }
seeds = [1]
"#;

fn tchbench(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tchbench")).args(args).current_dir(folder).output().unwrap()
}

fn train(folder: &Path, name: &str, device: &str) -> BTreeMap<String, TrialRecord> {
    let args = ["run", "suite.toml", "--profile", "tiny", "--quiet", "--device", device, "--name", name];
    let output = tchbench(folder, &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (records, broken) = Folder::open(&folder.join("results").join(name)).unwrap().read_trials();
    assert!(broken.is_empty(), "{broken:?}");
    records.into_iter().map(|record| (record.trial.case.to_string(), record)).collect()
}

#[test]
fn every_smoke_case_repeats_on_cuda() {
    let folder = tempfile::tempdir().unwrap();
    let smoke = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/smoke.toml");
    let suite = std::fs::read_to_string(smoke).unwrap() + TINY;
    std::fs::write(folder.path().join("suite.toml"), suite).unwrap();
    let probe = tchbench(folder.path(), &["env", "--device", "cuda"]);
    if !probe.status.success() {
        let reason = String::from_utf8_lossy(&probe.stderr);
        assert!(!Path::new("/dev/nvidiactl").exists(), "a card is here, and CUDA does not work: {reason}");
        println!("skipped: no CUDA device can be used here: {}", reason.trim());
        return;
    }
    let runs = ["once", "twice"].map(|name| train(folder.path(), name, "cuda"));
    let cpu = train(folder.path(), "cpu", "cpu");
    assert!(runs[0].len() >= 12);
    for (case, record) in &runs[0] {
        let again = &runs[1][case];
        assert_eq!(record.status, Status::Completed, "{case}: {:?}", record.error);
        let trajectories =
            [record, again].map(|r| r.epochs.iter().map(|e| e.trajectory.clone()).collect::<Vec<_>>());
        assert_eq!(trajectories[0], trajectories[1], "{case} does not repeat");
        assert!(record.finished.as_ref().unwrap().device_peak_memory.unwrap() > 0);
        // The same draws on both: after one epoch the losses differ by rounding alone, but for
        // dropout, whose masks the device draws.
        let (gpu, host) = (record.epochs[0].train.loss, cpu[case].epochs[0].train.loss);
        let room = if case == "cnn" { 0.2 } else { 0.02 };
        assert!((gpu - host).abs() < room * host, "{case}: loss {gpu} on CUDA, {host} on the CPU");
    }
}
