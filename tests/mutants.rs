//! Random damage to every kind of file that a verb reads. `TCHBENCH_MUTANTS=5000 cargo test --release
//! --test mutants` tries that many of each kind, in place of 200.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/forge.rs"]
#[allow(dead_code, reason = "each test crate uses a part")]
mod forge;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/place.rs"]
mod place;
#[path = "support/records.rs"]
mod records;
#[allow(dead_code, reason = "each test crate uses a part")]
#[path = "support/sides.rs"]
mod sides;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use place::Place;
use records::record;
use serde_json::json;
use tchbench::data;
use tchbench::data::Roots;
use tchbench::event::Event;
use tchbench::record::{
    Baseline, Calibration, EventLog, Folder, History, Measurement, Robustness, TrialRecord, crc32, read,
    read_events, write,
};
use tchbench::report::inspect::ViewFinding;
use tchbench::rng::{Purpose, Stream};
use tchbench::suite;

/// How a kind of file is read: by the library, which says whether it takes it, and by verbs, of which the first
/// refuses what the library refuses. A path that ends in `/` is the only file in that folder.
struct Reader {
    path: &'static str,
    reads: fn(&Place, &Path) -> bool,
    verbs: &'static [&'static str],
}

fn mutants() -> u64 {
    std::env::var("TCHBENCH_MUTANTS").map_or(200, |count| count.parse().expect("TCHBENCH_MUTANTS: a number"))
}

/// Of so many mutants the verbs are tried on all; of the others, on those that the library takes, up to as many.
fn shown() -> u64 {
    mutants() / 10
}

/// Mutants of one file in a folder of their own: half of them damaged bytes, half, where the file ends in its
/// digest, changed values under a digest that is right.
fn try_mutants(reader: &Reader) {
    let place = Place::new();
    prepare(&place);
    let mut path = place.path(reader.path);
    if path.is_dir() {
        path = fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
    }
    let whole = fs::read(&path).unwrap();
    // No small file has the digest of a dataset.
    let is_dataset = reader.path.starts_with("data/");
    assert!(is_dataset || (reader.reads)(&place, &path), "{} is sound to begin with", reader.path);
    let is_sealed = String::from_utf8_lossy(&whole).contains("\n  \"digest\": ");
    let before = content(place.path("").as_path(), &path);
    let (mut taken, mut on_verbs) = (0, 0);
    for index in 0..mutants() {
        let mut stream = Stream::new(index, Purpose::Probe, 0);
        if is_sealed && index % 2 == 1 {
            forge::forge(&path, |document| mutate::change(document, &mut stream));
        } else {
            fs::write(&path, mutate::damaged(&whole, &mut stream)).unwrap();
        }
        let takes = catch_unwind(AssertUnwindSafe(|| (reader.reads)(&place, &path)))
            .unwrap_or_else(|_| panic!("{}: mutant {index} makes its reader panic", reader.path));
        taken += u64::from(takes);
        if index < shown() || takes && on_verbs < 2 * shown() {
            on_verbs += 1;
            let damaged = fs::read(&path).unwrap();
            for (nth, verb) in reader.verbs.iter().enumerate() {
                let end = call(&place, verb);
                let told = format!("{}: mutant {index}: `{verb}`: {end:?}", reader.path);
                assert!([0, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22].contains(&end.code), "{told}");
                assert!(takes || end.code == 3 || nth > 0, "{told}");
                assert!(end.peak_kib < 1 << 20, "{told}");
                assert!(!end.stderr.contains('\u{1b}'), "{told}");
                assert_eq!(content(place.path("").as_path(), &path), before, "{told}");
                assert_eq!(fs::read(&path).unwrap(), damaged, "{told}");
            }
        }
        fs::write(&path, &whole).unwrap();
    }
    let verbs = reader.verbs.len();
    println!(
        "{}: {} mutants, {taken} of them taken as sound; {verbs} verbs tried on {on_verbs}",
        reader.path,
        mutants()
    );
}

/// Adds what [`Place`] lacks: events, a checkpoint, a history, and files of a dataset.
fn prepare(place: &Place) {
    let one = record("mlp-16", 16, 1, 0.9);
    let mut log = EventLog::open(&place.path("results/run/trials/smoke/mlp-16/1.jsonl")).unwrap();
    log.append(&Event::Started(one.started.clone().unwrap())).unwrap();
    one.epochs.iter().for_each(|epoch| log.append(&Event::Epoch(epoch.clone())).unwrap());
    log.append(&Event::Finished(one.finished.clone().unwrap())).unwrap();
    let trials = place.path("results/run/trials/smoke/mlp-16");
    fs::write(trials.join("4.checkpoint-0.safetensors"), TENSORS).unwrap();
    let checkpoint = json!({
        "format": {"major": 1, "minor": 0}, "identity": one.trial.identity, "epochs": [{}], "steps": 1,
        "tensors": "4.checkpoint-0.safetensors", "tensors_crc32": crc32(TENSORS),
    });
    write(&trials.join("4.checkpoint.json"), &checkpoint).unwrap();
    let night = |minute: u32| {
        json!({
            "format": {"major": 1, "minor": 2}, "began": format!("2026-11-22T13:{minute}:00Z"), "run": "run",
            "suite": "smoke", "case": "mlp-16", "identity": one.trial.identity, "numerics_class": "cc",
            "device_class": "cpu-native", "machine": "m", "loss": null, "step": null, "verdicts": null,
            "accuracy": {"mean": 0.9, "deviation": null, "seeds": 1},
        })
    };
    fs::create_dir(place.path("results/history")).unwrap();
    let nights: String = (10..30).map(|minute| night(minute).to_string() + "\n").collect();
    fs::write(place.path("results/history/smoke.jsonl"), nights).unwrap();
    let mnist = place.path("data/mnist");
    fs::create_dir_all(&mnist).unwrap();
    let mut images = vec![0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28];
    images.extend((0..100_000u32).map(|index| index as u8));
    fs::write(mnist.join("train-images-idx3-ubyte"), &images).unwrap();
    let packed = File::create(place.path("data/packed.gz")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packer.write_all(&images).unwrap();
    packer.finish().unwrap();
    let gzipped = place.path("data/gzipped/mnist");
    fs::create_dir_all(&gzipped).unwrap();
    fs::rename(place.path("data/packed.gz"), gzipped.join("train-images-idx3-ubyte.gz")).unwrap();
}

const TENSORS: &[u8] = b"the tensors";

#[derive(Debug)]
struct End {
    code: i32,
    stderr: String,
    peak_kib: i64,
}

/// Calls the program, which may use 20 s of processor time and must end by itself.
fn call(place: &Place, arguments: &str) -> End {
    let mut stderr = tempfile::tempfile().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(arguments.split_whitespace()).current_dir(place.path("")).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(stderr.try_clone().unwrap());
    // Datasets are found in the folder alone.
    command.env_remove("TCHBENCH_DATA").env("XDG_CACHE_HOME", place.path("cache"));
    let limit = libc::rlimit { rlim_cur: 20, rlim_max: 20 };
    // SAFETY: setrlimit may be called between fork and exec.
    unsafe {
        command.pre_exec(move || {
            libc::setrlimit(libc::RLIMIT_CPU, &limit);
            Ok(())
        });
    }
    #[allow(clippy::zombie_processes, reason = "wait4 waits for it, and tells its memory")]
    let child = command.spawn().unwrap();
    let (pid, began) = (child.id() as libc::pid_t, Instant::now());
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    // SAFETY: both are places of their types; the child is ours and waited for nowhere else.
    while unsafe { libc::wait4(pid, &mut status, libc::WNOHANG, &mut usage) } == 0 {
        // Far longer than 20 s of a busy machine's time; a process that waits for something uses none.
        if began.elapsed() > Duration::from_secs(300) {
            // SAFETY: as above; it has not been waited for.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            panic!("`{arguments}` hangs");
        }
        sleep(Duration::from_millis(2));
    }
    assert!(libc::WIFEXITED(status), "`{arguments}` ended by signal {}", libc::WTERMSIG(status));
    let mut text = String::new();
    stderr.rewind().unwrap();
    stderr.read_to_string(&mut text).unwrap();
    text.truncate(text.char_indices().nth(600).map_or(text.len(), |(at, _)| at));
    End { code: libc::WEXITSTATUS(status), stderr: text, peak_kib: usage.ru_maxrss }
}

/// What all files hold but one, and but what verbs are told to write.
fn content(root: &Path, but: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("out") {
                folders.push(path);
            } else if path != but && path.is_file() {
                let bytes = fs::read(&path).unwrap();
                all.insert(path, bytes);
            }
        }
    }
    all
}

fn run_folder(place: &Place) -> Folder {
    Folder::open(&place.path("results/run")).unwrap()
}

macro_rules! mutants_of {
    ($($name:ident: $path:literal, $reads:expr, $verbs:expr;)*) => {
        $(
            #[test]
            fn $name() {
                try_mutants(&Reader { path: $path, reads: $reads, verbs: $verbs });
            }
        )*
    };
}

const REPORT: &str = "report run --out out/report";
const PAGE: &str = "page run --suites suites --out out/page.md";

mutants_of! {
    of_a_suite: "suites/smoke.toml",
        |_, path| suite::load(path, None).is_ok(),
        &["params suites/smoke.toml", "list suites/smoke.toml"];
    of_a_run: "results/run/run.json",
        |place, _| run_folder(place).read_run().is_ok(),
        &["table run", "claims run", "plot run --kind curves", REPORT];
    of_a_record: "results/run/trials/smoke/mlp-16/2.json",
        |_, path| read::<TrialRecord>(path).is_ok(),
        &["table run", "plot run --kind curves", "explain run/smoke/mlp-16/1 run/smoke/mlp-16/2"];
    of_events: "results/run/trials/smoke/mlp-16/1.jsonl",
        |_, path| read_events(path).is_ok(),
        &[];
    of_a_checkpoint: "results/run/trials/smoke/mlp-16/4.checkpoint.json",
        |place, _| run_folder(place).read_checkpoint("smoke", "mlp-16", 4).is_ok(),
        &[];
    of_tensors: "results/run/trials/smoke/mlp-16/4.checkpoint-0.safetensors",
        |place, _| run_folder(place).read_checkpoint("smoke", "mlp-16", 4).is_ok(),
        &[];
    of_a_measurement: "results/run/throughput/smoke/mlp-16/1.json",
        |_, path| read::<Measurement>(path).is_ok(),
        &["diff run", "table run"];
    of_a_baseline: "baselines/smoke/cpu-native.json",
        |_, path| read::<Baseline>(path).is_ok(),
        &["diff run", "baseline show", "baseline list"];
    of_a_calibration: "results/calibration/",
        |_, path| read::<Calibration>(path).is_ok(),
        &["diff run"];
    of_a_history: "results/history/smoke.jsonl",
        |place, _| History::of(&place.path("results")).read("smoke").is_ok_and(|(_, errors)| errors.is_empty()),
        &["history", REPORT];
    of_an_inspection: "results/run/inspect/look.json",
        |place, _| run_folder(place).read_inspections::<ViewFinding>().1.is_empty(),
        &[PAGE];
    of_robustness: "results/run/robustness/smoke/mlp-16/1.json",
        |_, path| read::<Robustness>(path).is_ok(),
        &[PAGE];
    of_idx: "data/mnist/train-images-idx3-ubyte",
        |place, _| data::load("mnist", &Roots::only([place.path("data")])).is_ok(),
        &["data --data data verify mnist"];
    of_gzipped_idx: "data/gzipped/mnist/train-images-idx3-ubyte.gz",
        |place, _| data::load("mnist", &Roots::only([place.path("data/gzipped")])).is_ok(),
        &["data --data data/gzipped verify mnist"];
}
