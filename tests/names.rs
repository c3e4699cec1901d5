//! Names that a file states become paths: none of them leads out of the folder that it belongs in.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;
#[path = "support/sealed.rs"]
mod sealed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use records::{record, run};
use sealed::reseal;
use tchbench::recipe::Name;
use tchbench::record::Folder;

/// A run in `place/results/run` with one record; beside `place` nothing may appear.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        let records = [record("mlp", 16, 1, 0.9)];
        let folder = Folder::create(&place.path().join("results"), "run").unwrap();
        folder.write_run(&run(&records, 0.5)).unwrap();
        folder.write_trial(&records[0]).unwrap();
        place
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("place")
    }

    fn run_json(&self) -> PathBuf {
        self.path().join("results/run/run.json")
    }

    /// The exit code and what was said on stderr.
    fn tchbench(&self, arguments: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.path());
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.is_dir() {
                    true => walk(&path, found),
                    false => found.push(path),
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), &mut found);
        found.sort();
        found
    }
}

const READERS: [&str; 7] = [
    "run --resume run --worker /bin/true",
    "baseline save run",
    "baseline promote run",
    "diff run --baseline run",
    "table run",
    "claims run",
    concat!("page run --out page.md --suites ", env!("CARGO_MANIFEST_DIR"), "/suites"),
];

#[test]
fn a_forged_name_is_refused_wherever_a_run_is_read() {
    let outside = tempfile::tempdir().unwrap();
    let absolute = outside.path().join("x").display().to_string();
    for forged in ["../../x", "..", "", ".hidden", "a/b", &absolute] {
        for field in ["\"name\": \"smoke\"", "\"name\": \"mlp\"", "\"suite\": \"smoke\"", "\"case\": \"mlp\""]
        {
            let place = Place::new();
            let (key, _) = field.split_once(": ").unwrap();
            reseal(&place.run_json(), |text| text.replace(field, &format!("{key}: \"{forged}\"")));
            let before = place.files();
            for verb in READERS {
                let (code, stderr) = place.tchbench(verb);
                assert_eq!(code, 3, "{verb} with {key} {forged:?}: {stderr}");
                let told =
                    format!("run.json: invalid value: string {forged:?}, expected letters, digits and ._+-");
                assert!(stderr.contains(&told), "{verb} with {key} {forged:?}: {stderr}");
                assert_eq!(place.files(), before, "{verb} with {key} {forged:?}");
            }
        }
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_forged_baseline_is_refused() {
    let place = Place::new();
    assert_eq!(place.tchbench("baseline save run").0, 0);
    let path = place.path().join("baselines/smoke/cpu-native.json");
    for field in ["suite", "class", "run"] {
        let good = fs::read_to_string(&path).unwrap();
        let stated = good.split_once(&format!("\"{field}\": \"")).unwrap().1.split_once('"').unwrap().0;
        let (stated, forged) = (format!("\"{field}\": \"{stated}\""), format!("\"{field}\": \"../x\""));
        reseal(&path, |text| text.replacen(&stated, &forged, 1));
        let (code, stderr) = place.tchbench("diff run");
        assert_eq!(code, 3, "{field}: {stderr}");
        assert!(stderr.contains("cpu-native.json: invalid value: string \"../x\", expected"), "{stderr}");
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_name_is_what_a_file_system_takes_everywhere() {
    let is_name = |text: &str| text.parse::<Name>().is_ok();
    assert!(is_name("a") && is_name("2026-11-22T134500Z-c+d") && is_name(&"x".repeat(150)));
    for text in ["", ".", "-a", "a b", "a\n", "ä", "a/", &"x".repeat(151)] {
        assert!(!is_name(text), "{text:?}");
    }
    assert_eq!(Name::of_words("NVIDIA H100 80GB (HBM3)").as_str(), "nvidia-h100-80gb-hbm3");
    assert_eq!(Name::of_words("../").as_str(), "unnamed");
}
