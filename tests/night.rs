//! Nights with workers that are played by `tests/fake-worker.sh`: no libtorch.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::fake_worker;
use tchbench::event::Commit;
use tchbench::record::{Folder, History};

/// A folder with a suite of fake cases, in which nights are spent.
struct Place(tempfile::TempDir);

impl Place {
    fn new(cases: &[&str]) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(fake_worker(), place.path("worker")).unwrap();
        fs::create_dir(place.path("suites")).unwrap();
        place.suite("suite", cases);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes the suite `suite` to this file.
    fn suite(&self, file: &str, cases: &[&str]) {
        let mut text =
            "schema = 1\nname = \"suite\"\n[defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 32\n\
                        train_samples = 96\ntest_samples = 10\nseeds = [3]\n\
                        optimizer = { kind = \"sgd\", lr = 0.1 }\n"
                .to_owned();
        for case in cases {
            text += &format!(
                "[[case]]\nname = \"{case}\"\nlayers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]\n"
            );
        }
        fs::write(self.path("suites").join(format!("{file}.toml")), text).unwrap();
    }

    /// Exit code and stderr.
    fn call(&self, arguments: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn night(&self, arguments: &str) -> (i32, String) {
        let quick = "--device cpu --processes 2 --rounds 3 --round-seconds 0.005";
        self.call(&format!("nightly --worker ./worker --profile none {quick} {arguments}"))
    }

    fn runs(&self) -> Vec<Folder> {
        Folder::all(&self.path("results")).unwrap()
    }
}

#[test]
fn a_night_without_a_baseline_fails_where_that_is_asked_for() {
    let place = Place::new(&["succeeds"]);
    assert_eq!(place.night("").0, 20);
    let (code, stderr) = place.night("--fail-on accuracy,throughput --commit v1.2");
    assert_eq!(code, 0, "{stderr}");
    let (nights, _) = History::of(&place.path("results")).read("suite").unwrap();
    let commits = nights.iter().map(|night| night.provenance.as_ref().unwrap().commit.clone());
    let given = Some(Commit { id: "v1.2".to_owned(), clean: None });
    assert_eq!(commits.collect::<Vec<_>>(), [None, given]);
}

#[test]
fn what_cannot_be_written_takes_nothing_from_the_verdict() {
    let place = Place::new(&["succeeds"]);
    let unwritable = "--summary none/night.md --junit none/night.xml";
    let (code, stderr) = place.night(unwritable);
    assert_eq!(code, 20, "{stderr}");
    assert!(stderr.contains("error: none/night.md: cannot write"), "{stderr}");
    assert!(stderr.contains("error: none/night.xml: cannot write"), "{stderr}");
    assert_eq!(place.night(&format!("{unwritable} --fail-on none")).0, 3);
    assert_eq!(place.runs().len(), 2, "both are in the history");
}

#[test]
fn a_case_that_diverges_as_its_baseline_did_fails_no_night() {
    let place = Place::new(&["diverges", "succeeds"]);
    let (code, stderr) = place.night("");
    assert_eq!(code, 5, "{stderr}");
    let (code, stderr) = place.call("baseline save latest");
    assert_eq!(code, 0, "{stderr}");
    let (code, stderr) = place.night("--fail-on regressed");
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn a_quarantined_case_that_fails_fails_no_night() {
    let place = Place::new(&["succeeds"]);
    place.night("");
    assert_eq!(place.call("baseline save latest").0, 0);
    place.suite("suite", &["is-killed", "succeeds"]);
    assert_eq!(place.night("--fail-on regressed").0, 5);
    let rule = "name = \"is-killed\"\nquarantine = { reason = \"no memory\", until = 2999-01-01 }\n";
    let margins = place.path("baselines/suite/margins.toml");
    fs::write(&margins, format!("schema = 1\n[[case]]\n{rule}")).unwrap();
    let (code, stderr) = place.night("--fail-on regressed");
    assert_eq!(code, 0, "{stderr}");
    fs::write(&margins, "schema = 2\n").unwrap();
    place.suite("suite", &["succeeds"]);
    let (code, stderr) = place.night("--fail-on regressed");
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("margins.toml:1:10: schema: 2 given; this tchbench reads schema = 1"),
        "{stderr}"
    );
}

#[test]
fn a_quarantined_case_that_cannot_be_measured_fails_no_night() {
    let place = Place::new(&["succeeds"]);
    place.night("");
    assert_eq!(place.call("baseline save latest").0, 0);
    place.suite("suite", &["succeeds", "succeeds-unmeasured"]);
    let quarantined = |only: &str| {
        let rule =
            format!("quarantine = {{ reason = \"its clock\", until = 2999-01-01, only = \"{only}\" }}");
        let rules = format!("schema = 1\n[[case]]\nname = \"succeeds-unmeasured\"\n{rule}\n");
        fs::write(place.path("baselines/suite/margins.toml"), rules).unwrap();
        place.night("--fail-on regressed")
    };
    for (only, expected) in [("accuracy", 5), ("throughput", 0)] {
        let (code, stderr) = quarantined(only);
        assert_eq!(code, expected, "{stderr}");
        assert!(stderr.contains("succeeds-unmeasured/3: the clock is odd"), "{stderr}");
    }
}

#[test]
fn a_damaged_night_stops_no_later_one() {
    let place = Place::new(&["succeeds"]);
    place.night("");
    let run = place.runs().remove(0).path().join("run.json");
    fs::write(&run, "{").unwrap();
    let (code, stderr) = place.night("--fail-on none");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("the last night stays as it is: "), "{stderr}");
    assert_eq!(place.runs().len(), 2);
}

/// A confirmation that was interrupted, and a first measurement that was.
#[test]
fn what_an_interrupt_left_of_measurements_is_made_anew() {
    let place = Place::new(&["succeeds-a", "succeeds-b"]);
    place.night("");
    fs::remove_dir_all(place.path("results/history")).unwrap();
    let folder = place.runs().remove(0);
    let (mut measurements, _) = folder.read_measurements();
    let [a, b] = &mut measurements[..] else { panic!("one of each case") };
    (a.attempt, b.attempt) = (2, 1);
    a.processes.truncate(1);
    b.processes.truncate(1);
    folder.write_measurement(a).unwrap();
    folder.write_measurement(b).unwrap();
    let (code, stderr) = place.night("--fail-on none");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("going on with") && stderr.contains("throughput of 1 cases"), "{stderr}");
    let (measurements, _) = folder.read_measurements();
    let found: Vec<_> = measurements.iter().map(|one| (one.attempt, one.processes.len())).collect();
    assert_eq!(found, [(1, 2), (1, 2)]);
}

/// What cannot be believed fails its own night and no later one.
#[test]
fn damaged_files_fail_one_night() {
    let place = Place::new(&["succeeds"]);
    assert_eq!(place.night("").0, 20);
    assert_eq!(place.call("baseline save latest").0, 0);
    let baseline = place.path("baselines/suite/cpu-portable.json");
    let whole = fs::read_to_string(&baseline).unwrap();
    fs::write(&baseline, whole.replacen("\"seed\"", "\"seeds\"", 1)).unwrap();
    let (code, log) = place.night("");
    assert_eq!(code, 3, "{log}");
    assert!(log.contains("it was edited or damaged"), "{log}");
    fs::write(&baseline, whole).unwrap();
    let (code, log) = place.night("");
    assert!(log.contains("beginning") && !log.contains("going on"), "told all the same: {log}");
    assert!([0, 21].contains(&code), "{log}");

    // A measurement of a night that was not told.
    let last = place.runs().pop().unwrap();
    let path = last.measurement_path("suite", "succeeds", 1);
    fs::write(&path, fs::read_to_string(&path).unwrap().replacen("0", "1", 1)).unwrap();
    fs::remove_dir_all(place.path("results/history")).unwrap();
    let (code, log) = place.night("");
    assert!([0, 21].contains(&code), "{log}");
    assert!(log.contains("going on") && log.contains("it is set aside as"), "{log}");
    assert!(path.exists() && path.with_file_name("1.json.broken").exists());
}

#[test]
fn two_suites_of_one_name_are_refused() {
    let place = Place::new(&["succeeds"]);
    place.suite("twin", &["succeeds"]);
    let (code, stderr) = place.night("");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("a suite named `suite` was given already"), "{stderr}");
}
