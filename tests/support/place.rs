//! A folder with a file of every kind that a verb reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tchbench::event::{Score, Transformed};
use tchbench::recipe::transform::{Transform, TransformKind};
use tchbench::record::{
    CalibratedCase, Calibration, Folder, Format, Inspection, Robustness, Throughput, TrialRecord,
    WeightsChoice,
};
use tchbench::report::inspect::{Confusion, Subject, ViewFinding};
use tchbench::rng::{Purpose, Stream};

use crate::records::{fingerprint, record, run};
use crate::sides;

/// A folder with a run, of which everything that a verb reads is there, and with baselines.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        let all: Vec<TrialRecord> = (1..=3).map(|seed| record("mlp-16", 16, seed, 0.9)).collect();
        let mut run = run(&all, 0.5);
        run.name = "run".parse().unwrap();
        let folder = Folder::create(&place.path("results"), &run.name).unwrap();
        folder.write_run(&run).unwrap();
        all.iter().for_each(|record| folder.write_trial(record).unwrap());
        let measured = sides::measurement("mlp-16", 1, 0.002, 0.005, &mut Stream::new(1, Purpose::Probe, 1));
        folder.write_measurement(&measured).unwrap();
        let transform = Transform { kind: TransformKind::Scale, strength: 0.5 };
        let score = Score { loss: 0.5, accuracy: 0.75 };
        let trial = all[0].trial.clone();
        let robustness = Robustness {
            format: Format::CURRENT,
            trial: trial.clone(),
            weights: all[0].finished.clone().unwrap().weights,
            test: all[0].finished.clone().unwrap().test.unwrap(),
            transformed: vec![Transformed { transform, scores: vec![score] }],
            fingerprint: fingerprint(),
            began: all[0].began,
        };
        folder.write_robustness(&robustness).unwrap();
        let subject = Subject {
            trial: trial.name(),
            identity: trial.identity.clone(),
            weights: WeightsChoice::Tested,
            dataset: "glyphs".to_owned(),
            class_names: Vec::new(),
        };
        let found = ViewFinding::Confusion(Confusion::count(subject, 10, [(0, 0), (1, 2)].into_iter()));
        let inspection =
            Inspection { format: Format::CURRENT, invocation: vec!["tchbench".to_owned()], found };
        folder.write_inspection("look", &inspection).unwrap();
        let throughput = Throughput::of(&measured);
        let case = CalibratedCase { trial, plain: vec![throughput.clone()], slowed: vec![throughput] };
        let calibration = Calibration {
            format: Format::CURRENT,
            fingerprint: fingerprint(),
            began: all[0].began,
            seconds: 9.0,
            noise_floor: 0.01,
            slowdown: 0.05,
            cases: vec![case],
        };
        calibration.write(&place.path("results")).unwrap();
        fs::create_dir(place.path("suites")).unwrap();
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/smoke.toml");
        fs::copy(suite, place.path("suites/smoke.toml")).unwrap();
        let (code, _, stderr) = place.call("baseline save run");
        assert_eq!(code, 0, "{stderr}");
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, stdout and stderr.
    pub fn call(&self, arguments: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }
}
