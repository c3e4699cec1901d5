//! Whatever kills a run, it goes on to the same bits: with the real engine.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/interruptible.rs"]
mod interruptible;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use interruptible::interruptible;
use rustix::process::{Pid, Signal, kill_process};
use tchbench::event::Event;
use tchbench::record::{Folder, TrialRecord, crc32, read_events};
use tchbench::rng::{Purpose, Stream};

/// What a trial can be in the middle of: Adam's and RMSprop's state, momentum, dropout, batch
/// normalisation's averages, images drawn anew, a schedule's and early stopping's memory.
const SUITE: &str = "
    schema = 1
    name = 'tiny'
    [defaults]
    dataset = 'glyphs'
    validation = { from = 'train', count = 100, by = 'seed' }
    train_samples = 300
    test_samples = 100
    epochs = 3
    batch = 64
    optimizer = { kind = 'adam', lr = 1e-2 }
    seeds = [1]
    [[case]]
    name = 'adam-augmented'
    augmentation = { when = 'every-epoch', shift = 0.1 }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 16, activation = 'relu' }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'momentum-dropout-batch-norm'
    optimizer = { kind = 'sgd', lr = 0.01, momentum = 0.9, nesterov = true }
    layers = [
        { kind = 'conv', filters = 4, activation = 'relu' }, { kind = 'batch-norm' }, { kind = 'max-pool' },
        { kind = 'dropout', rate = 0.25 }, { kind = 'flatten' }, { kind = 'dense', units = 10 },
    ]
    [[case]]
    name = 'rmsprop-lstm'
    optimizer = { kind = 'rmsprop', lr = 1e-3 }
    schedule = { kind = 'inverse-time', decay = 0.1 }
    layers = [{ kind = 'sequence' }, { kind = 'lstm', units = 8 }, { kind = 'dense', units = 10 }]
    [[case]]
    name = 'plateau-early-stopping'
    optimizer = { kind = 'sgd', lr = 10.0 }
    epochs = 12
    schedule = { kind = 'reduce-on-plateau', factor = 0.5, patience = 1 }
    early_stopping = { patience = 4, restore_best = true }
    layers = [{ kind = 'flatten' }, { kind = 'dense', units = 16, activation = 'relu' }, { kind = 'dense', units = 10 }]
";

/// A folder with a suite, in which the program is called.
struct Place {
    folder: tempfile::TempDir,
    options: &'static [&'static str],
}

impl Place {
    fn new(suite: &str, options: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        Place { folder, options }
    }

    fn path(&self, run: &str) -> PathBuf {
        self.folder.path().join("results").join(run)
    }

    /// Begins a run, or goes on with it where it has begun.
    fn start(&self, run: &str) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        match self.path(run).join("run.json").exists() {
            true => command.args(["run", "--resume", run, "--retry-failed"]),
            false => {
                // A run that was killed before it had begun left nothing but its folder.
                let _ = fs::remove_dir_all(self.path(run));
                command.args(["run", "suite.toml", "--device", "cpu", "--name", run]).args(self.options)
            }
        };
        interruptible(&mut command).spawn().unwrap()
    }

    /// Runs to the end; all trials have a result.
    fn finish(&self, run: &str) -> BTreeMap<String, TrialRecord> {
        let output = self.start(run).wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        assert!(!stderr.contains("warning"), "{stderr}");
        self.records(run)
    }

    /// By the trials' names.
    fn records(&self, run: &str) -> BTreeMap<String, TrialRecord> {
        let Ok(folder) = Folder::open(&self.path(run)) else { return BTreeMap::new() };
        let (records, errors) = folder.read_trials();
        assert!(errors.is_empty(), "{errors:?}");
        records.into_iter().map(|record| (record.trial.name(), record)).collect()
    }
}

/// All of a record that must repeat.
fn bits(record: &TrialRecord) -> impl PartialEq + std::fmt::Debug {
    let finished = record.finished.as_ref().unwrap();
    let epoch = |epoch: &tchbench::event::Epoch| {
        let validation = epoch.validation.map(|score| score.loss.to_bits());
        (epoch.trajectory.clone(), epoch.learning_rate.to_bits(), epoch.train.loss.to_bits(), validation)
    };
    let epochs: Vec<_> = record.epochs.iter().map(epoch).collect();
    let test = finished.test.map(|score| score.loss.to_bits());
    (record.status, epochs, finished.best_epoch, finished.restored_best, finished.weights.clone(), test)
}

fn assert_same_bits(whole: &BTreeMap<String, TrialRecord>, resumed: &BTreeMap<String, TrialRecord>) {
    assert!(whole.keys().eq(resumed.keys()));
    for (name, record) in whole {
        assert_eq!(bits(record), bits(&resumed[name]), "{name}");
    }
}

/// The workers of a run.
fn children(parent: u32) -> Vec<u32> {
    let parent_of = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    let pids = fs::read_dir("/proc").unwrap().filter_map(|e| e.unwrap().file_name().to_str()?.parse().ok());
    pids.filter(|&pid| parent_of(pid) == Some(parent)).collect()
}

fn kill(pid: u32, signal: Signal) {
    // It may have ended by itself.
    let _ = kill_process(Pid::from_raw(pid as i32).unwrap(), signal);
}

/// How many epochs of each trial were trained more than once: each attempt goes on from where the
/// one before had told of.
fn repeated_epochs(folder: &Path) -> Vec<u32> {
    let mut repeated = Vec::new();
    for case in
        fs::read_dir(folder.join("trials")).unwrap().flat_map(|e| fs::read_dir(e.unwrap().path()).unwrap())
    {
        for path in fs::read_dir(case.unwrap().path()).unwrap().map(|e| e.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let (mut reached, mut again) = (0, 0);
            for event in read_events(&path).unwrap() {
                match event {
                    Event::Started(started) => again += reached - started.resumed_from.min(reached),
                    Event::Epoch(epoch) => reached = reached.max(epoch.epoch),
                    _ => {}
                }
            }
            repeated.push(again);
        }
    }
    repeated
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    let place = Place::new(SUITE, &["--jobs", "1"]);
    let whole = place.finish("whole");
    let mut interrupted = 0;
    for attempt in 1.. {
        let mut run = place.start("stopped");
        // Until an epoch of this attempt is told of.
        let told = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Epoch(_))).count();
        let all = || -> usize { events(&place.path("stopped")).iter().map(|events| told(events)).sum() };
        let before = all();
        while all() == before && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        kill(run.id(), Signal::INT);
        let output = run.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(130) => interrupted += 1,
            Some(0) => break,
            code => panic!("ended with {code:?}: {stderr}"),
        }
        assert!(stderr.ends_with("go on with: tchbench run --resume stopped\n"), "{stderr}");
        assert!(attempt < 50, "it never ends");
    }
    assert!(interrupted > 0, "it ended before it was stopped");
    assert_same_bits(&whole, &place.records("stopped"));
    assert!(repeated_epochs(&place.path("stopped")).iter().all(|&epochs| epochs == 0));
    assert!(checkpoints(&place.path("stopped")).is_empty());
}

fn events(folder: &Path) -> Vec<Vec<Event>> {
    files(&folder.join("trials"), "jsonl").iter().map(|path| read_events(path).unwrap()).collect()
}

fn checkpoints(folder: &Path) -> Vec<PathBuf> {
    let mut found = files(&folder.join("trials"), "safetensors");
    found.extend(files(&folder.join("trials"), "checkpoint.json"));
    found
}

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(&format!(".{end}")) {
            found.push(path);
        }
    }
    found
}

/// Kills the run or one of its workers at random moments, `kills` times, over as many runs as that
/// takes, each killed within `longest` of its start (at most nearly the time of a whole run), and checks
/// every run against one that was left alone. A run that has lost a worker is stopped at once, so that
/// every kill is followed by going on.
fn endure(place: &Place, kills: u32, longest: Duration) -> String {
    let began = Instant::now();
    let whole = place.finish("whole");
    // On a busy machine a moment is longer.
    let longest = began.elapsed().mul_f64(0.8).min(longest);
    let mut chance = Stream::new(1, Purpose::Probe, 0);
    let (mut done, mut of_workers, mut runs, mut epochs, mut again) = (0, 0, 0, 0, 0);
    while done < kills {
        runs += 1;
        let name = format!("killed-{runs}");
        let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for attempt in 0.. {
            assert!(attempt <= 2 * kills, "it never ends");
            let mut run = place.start(&name);
            std::thread::sleep(longest.mul_f64(chance.unit()));
            let workers = children(run.id());
            let victim = match chance.below(2) {
                0 if !workers.is_empty() => workers[chance.below(workers.len() as u32) as usize],
                _ => run.id(),
            };
            if run.try_wait().unwrap().is_none() && done < kills {
                kill(victim, Signal::KILL);
                done += 1;
                if victim != run.id() {
                    of_workers += 1;
                    for _ in 0..2 {
                        std::thread::sleep(Duration::from_millis(200));
                        kill(run.id(), Signal::INT);
                    }
                }
            }
            let status = run.wait().unwrap();
            for (path, record) in &kept {
                assert_eq!(&fs::read(path).unwrap(), record, "{path} was lost");
            }
            let successes = place.records(&name).into_values().filter(|record| record.status.is_success());
            let folder = Folder::open(&place.path(&name));
            for record in successes {
                let path = folder.as_ref().unwrap().record_path(
                    &record.trial.suite,
                    &record.trial.case,
                    record.trial.seed,
                );
                kept.insert(path.display().to_string(), fs::read(path).unwrap());
            }
            if status.success() {
                break;
            }
        }
        assert_same_bits(&whole, &place.finish(&name));
        let repeated = repeated_epochs(&place.path(&name));
        // A kill repeats at most the epoch that it falls into; what was told of is never repeated.
        assert!(repeated.iter().all(|&epochs| epochs <= 1), "{repeated:?}");
        again += repeated.iter().sum::<u32>();
        epochs += whole.values().map(|record| record.epochs.len()).sum::<usize>();
        assert!(checkpoints(&place.path(&name)).is_empty());
    }
    format!(
        "{done} kills ({of_workers} of a worker) over {runs} runs of {} trials, {epochs} epochs in all: every \
         trajectory as in the run left alone, no record lost, {again} recorded epochs trained again, {:.0} s",
        whole.len(),
        began.elapsed().as_secs_f64()
    )
}

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    eprintln!("{}", endure(&Place::new(SUITE, &[]), 20, Duration::MAX));
}

/// `cargo test --release --test resume -- --ignored --nocapture`
#[test]
#[ignore = "takes the smoke suite and many minutes"]
fn endurance() {
    let suite = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/smoke.toml")).unwrap();
    eprintln!("{}", endure(&Place::new(&suite, &["--seeds", "1"]), 200, Duration::from_secs(4)));
}

/// A run that was killed with a trial under way, and the JSON file of that trial's checkpoint.
fn killed_at_a_checkpoint(place: &Place) -> (String, PathBuf) {
    // A trial may end, and take its checkpoint with it, between the look and the kill.
    let caught = (0..20).map(|attempt| format!("killed-{attempt}")).find_map(|name| {
        let mut run = place.start(&name);
        while files(&place.path(&name), "checkpoint.json").is_empty() {
            assert!(run.try_wait().unwrap().is_none(), "it ended without a checkpoint");
            std::thread::sleep(Duration::from_millis(2));
        }
        kill(run.id(), Signal::KILL);
        run.wait().unwrap();
        let json = files(&place.path(&name), "checkpoint.json").pop()?;
        // A trial whose record is there needs its checkpoint no more.
        (!json.with_file_name("1.json").exists()).then_some((name, json))
    });
    caught.expect("of 20 runs that were killed at a checkpoint none kept it")
}

#[test]
fn a_replay_is_identical_and_a_damaged_checkpoint_is_begun_anew() {
    let place = Place::new(SUITE, &["--jobs", "1"]);
    let whole = place.finish("whole");
    let replay = |run: &str, name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.current_dir(place.folder.path()).args(["replay", &format!("{run}/{name}"), "--quiet"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        replay("whole", "tiny/rmsprop-lstm/1"),
        "tiny/rmsprop-lstm/1: identical, the same trajectory over 3 epochs\n"
    );

    let (name, json) = killed_at_a_checkpoint(&place);
    let checkpoint: serde_json::Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    // The other tensors may be half written.
    let tensors = json.with_file_name(checkpoint["tensors"].as_str().unwrap());
    let mut bytes = fs::read(&tensors).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(tensors, bytes).unwrap();
    let output = place.start(&name).wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("the checkpoint is set aside as 1.checkpoint.json.broken"), "{stderr}");
    assert_same_bits(&whole, &place.records(&name));
}

/// Changes one bit of a tensor, of the best epoch or of the last, in a checkpoint, and makes its checksums
/// agree again.
fn forge(json: &Path, best: bool) {
    let mut checkpoint: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let path = json.with_file_name(checkpoint["tensors"].as_str().unwrap());
    let mut bytes = fs::read(&path).unwrap();
    let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..start]).unwrap();
    let mut tensors = header.as_object().unwrap().iter();
    let (_, tensor) = tensors.find(|(name, _)| name.starts_with("best/") == best).unwrap();
    bytes[start + tensor["data_offsets"][0].as_u64().unwrap() as usize] ^= 1;
    fs::write(&path, &bytes).unwrap();
    checkpoint["tensors_crc32"] = crc32(&bytes).into();
    checkpoint.as_object_mut().unwrap().remove("digest");
    tchbench::record::write(json, &checkpoint).unwrap();
}

#[test]
fn a_forged_checkpoint_is_begun_anew() {
    let case = SUITE.find("    [[case]]").unwrap();
    let stopping = SUITE.rfind("    [[case]]").unwrap();
    let place = Place::new(&[&SUITE[..case], &SUITE[stopping..]].concat(), &[]);
    let whole = place.finish("whole");
    for (best, reason) in [(true, "its tensor best/"), (false, "its tensors give the trajectory ")] {
        let (name, json) = killed_at_a_checkpoint(&place);
        forge(&json, best);
        let output = place.start(&name).wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let unwrapped = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(output.status.success(), "{stderr}");
        let refused = format!("1.checkpoint.json: the checkpoint cannot be gone on from: {reason}");
        assert!(unwrapped.contains(&refused), "{stderr}");
        assert!(unwrapped.contains("is set aside as 1.checkpoint.json.broken"), "{stderr}");
        assert_same_bits(&whole, &place.records(&name));
        fs::remove_dir_all(place.path(&name)).unwrap();
    }
}
