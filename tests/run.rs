//! `tchbench run`, `check` and `env` as a user meets them, with workers played by
//! `tests/fake-worker.sh`.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "support/interruptible.rs"]
mod interruptible;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{fake_worker, is_alive, pids};
use interruptible::interruptible;
use tchbench::recipe::identity;
use tchbench::record::{Fingerprint, Folder, Run, Status};

/// A folder to run in: `suite.toml`, and `worker`.
struct Place(tempfile::TempDir);

impl Place {
    /// One linear model a case, with one seed; the name says what its worker does.
    fn new(cases: &[&str]) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        symlink(fake_worker(), place.0.path().join("worker")).unwrap();
        place.suite("suite", "native", cases);
        place
    }

    fn suite(&self, name: &str, numerics: &str, cases: &[&str]) {
        let mut text = format!(
            "schema = 1\nname = \"{name}\"\nnumerics = \"{numerics}\"\n\
             [defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 32\noptimizer = {{ kind = \"sgd\", lr = 0.1 }}\n"
        );
        for case in cases {
            text += &format!(
                "[[case]]\nname = \"{case}\"\nlayers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]\n"
            );
        }
        fs::write(self.0.path().join(format!("{name}.toml")), text).unwrap();
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        interruptible(&mut command);
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end: exit code, stdout, stderr.
    fn tchbench(&self, arguments: &str) -> (i32, String, String) {
        told(self.command(arguments).output().unwrap())
    }

    /// The run in `results/run`.
    fn folder(&self) -> Folder {
        Folder::open(&self.0.path().join("results/run")).unwrap()
    }

    /// The cases that have a record; all records can be read.
    fn recorded(&self) -> Vec<String> {
        let (records, errors) = self.folder().read_trials();
        assert!(errors.is_empty(), "{errors:?}");
        records.iter().map(|record| record.trial.case.to_string()).collect()
    }

    /// A file of the case's only trial.
    fn file(&self, case: &str, name: &str) -> PathBuf {
        self.0.path().join("results/run/trials/suite").join(case).join(name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.0.path().join("log")).unwrap_or_default()
    }

    /// The cases that were begun, in order.
    fn begun(&self) -> Vec<String> {
        self.log().lines().filter_map(|line| line.strip_prefix("begin ")).map(str::to_owned).collect()
    }

    fn pids(&self) -> Vec<u32> {
        pids(&self.log())
    }

    /// Every file of the results, with its content.
    fn tree(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.0.path().join("results")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push((path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        files.sort();
        files
    }

    /// Waits until a worker hangs.
    fn hanging(&self, run: &mut Child) -> u32 {
        loop {
            if let Some(&pid) = self.pids().first() {
                return pid;
            }
            assert!(run.try_wait().unwrap().is_none(), "the run ended early");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn undigested(text: &str) -> String {
    let digits = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| match word.get(..64) {
            Some(digest) if digits(digest) => word.replacen(digest, "DIGEST", 1),
            _ => word.to_owned(),
        })
        .collect()
}

fn signal(pid: u32, name: &str) {
    let pid = pid.to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

fn wait_for_end(pid: u32) {
    while is_alive(pid) {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_run_prints_its_tables_and_leaves_only_its_folder() {
    let place = Place::new(&["succeeds", "crashes"]);
    let (code, stdout, stderr) =
        place.tchbench("run suite.toml --device cpu --worker ./worker --name run --jobs 1 --format csv");
    assert_eq!(code, 5, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "a heading and two cases: {stdout}");
    insta::assert_snapshot!(stderr);

    let (records, errors) = place.folder().read_trials();
    assert!(errors.is_empty());
    let statuses: Vec<Status> = records.iter().map(|record| record.status).collect();
    assert_eq!(statuses, [Status::Failed, Status::Completed]);
    let mut left: Vec<String> = fs::read_dir(place.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["log", "results", "suite.toml", "worker"]);
    assert_eq!(fs::read_dir(place.0.path().join("results")).unwrap().count(), 1);

    let (code, _, stderr) = place.tchbench("run suite.toml --device cpu --worker ./worker --name run");
    assert_eq!((code, stderr.as_str()), (2, "error: results/run is there already; give another --name\n"));
}

#[test]
fn ctrl_c_lets_the_workers_finish_their_epoch_and_the_run_goes_on_later() {
    for name in ["INT", "TERM"] {
        let place = Place::new(&["succeeds", "waits", "succeeds-later"]);
        let mut run = place
            .command("run suite.toml --device cpu --worker ./worker --name run --jobs 1")
            .spawn()
            .unwrap();
        let worker = place.hanging(&mut run);
        signal(run.id(), name);
        let (code, stdout, stderr) = told(run.wait_with_output().unwrap());
        assert_eq!((code, stdout.as_str()), (130, ""), "{stderr}");
        assert!(
            stderr.ends_with(
                "interrupted: 1 of 3 trials are done; their records are in results/run\n\
                 go on with: tchbench run --resume run\n"
            ),
            "{stderr}"
        );
        assert!(!is_alive(worker));
        assert_eq!(place.recorded(), ["succeeds"]);
        assert_eq!(place.folder().read_checkpoint("suite", "waits", 1).unwrap().unwrap().epoch(), 1);

        let (code, stdout, stderr) = place.tchbench("run --resume run --worker ./worker --format csv");
        assert_eq!((code, stdout.lines().count()), (0, 4), "{stderr}");
        assert_eq!(place.recorded(), ["succeeds", "succeeds-later", "waits"]);
        let record = place.folder().read_trial("suite", "waits", 1).unwrap().unwrap();
        assert_eq!((record.started.unwrap().resumed_from, record.epochs.len()), (1, 2));
        assert!(place.folder().read_checkpoint("suite", "waits", 1).unwrap().is_none());
        assert!(!place.file("waits", "1.checkpoint-1.safetensors").exists());
        assert_eq!(place.begun(), ["succeeds", "waits", "waits", "succeeds-later"]);
    }
}

#[test]
fn a_second_ctrl_c_kills_a_worker_that_does_not_stop() {
    let place = Place::new(&["hangs"]);
    let mut run = place.command("run suite.toml --device cpu --worker ./worker --name run").spawn().unwrap();
    let worker = place.hanging(&mut run);
    // What a worker says is heard only once it can be stopped.
    let events = place.file("hangs", "1.jsonl");
    while !fs::read_to_string(&events).is_ok_and(|text| text.contains("epoch")) {
        thread::sleep(Duration::from_millis(5));
    }
    signal(run.id(), "INT");
    thread::sleep(Duration::from_millis(100));
    assert!(is_alive(worker) && run.try_wait().unwrap().is_none());
    // On a busy machine two that follow one another may arrive as one.
    while is_alive(worker) {
        signal(run.id(), "INT");
        let sent = Instant::now();
        while is_alive(worker) && sent.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(10));
        }
    }
    let (code, _, stderr) = told(run.wait_with_output().unwrap());
    assert_eq!(code, 130, "{stderr}");
    assert!(stderr.ends_with("go on with: tchbench run --resume run\n"), "{stderr}");
    assert!(!is_alive(worker));
}

/// As from Slurm, which sends it to every process of a job.
#[test]
fn a_signal_that_reaches_the_workers_first_fails_no_trial() {
    for name in ["HUP", "INT", "TERM"] {
        let place = Place::new(&["waits"]);
        let arguments = "run suite.toml --device cpu --worker ./worker --name run";
        let mut run = place.command(arguments).spawn().unwrap();
        let worker = place.hanging(&mut run);
        signal(worker, name);
        signal(run.id(), name);
        let (code, _, stderr) = told(run.wait_with_output().unwrap());
        assert_eq!(code, 130, "{stderr}");
        assert!(place.recorded().is_empty());
        assert_eq!(place.tchbench("run --resume run --worker ./worker").0, 0);
    }
}

/// Whether a process ignores a signal.
fn ignores(pid: u32, signal: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal - 1) & 1 == 1
}

/// As under `nohup`, and in the background of a script.
#[test]
fn a_signal_that_is_ignored_from_the_start_stays_ignored() {
    for (name, number) in [("HUP", libc::SIGHUP), ("INT", libc::SIGINT), ("TERM", libc::SIGTERM)] {
        let place = Place::new(&["waits"]);
        let arguments = "run suite.toml --device cpu --worker ./worker --name run";
        let mut command = Command::new("sh");
        let script = format!("trap '' {name}; exec \"$tchbench\" {arguments}");
        command.args(["-c", &script]).env("tchbench", env!("CARGO_BIN_EXE_tchbench"));
        command.current_dir(place.0.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut run = command.spawn().unwrap();
        let worker = place.hanging(&mut run);
        assert!(ignores(run.id(), number) && ignores(worker, number), "{name}");
        signal(run.id(), name);
        signal(worker, name);
        assert!(run.try_wait().unwrap().is_none() && is_alive(worker), "{name}");
        signal(run.id(), "KILL");
        run.wait().unwrap();
        wait_for_end(worker);
    }
}

#[test]
fn a_machine_without_room_for_a_worker_fails_no_trial() {
    let cases: Vec<String> = (1..=8).map(|number| format!("waits-{number}")).collect();
    let place = Place::new(&cases.iter().map(String::as_str).collect::<Vec<_>>());
    let mut command = Command::new("sh");
    let arguments = "run suite.toml --device cpu --worker ./worker --name run --jobs 8";
    command.args(["-c", &format!("ulimit -n 30; exec \"$tchbench\" {arguments}")]);
    command.env("tchbench", env!("CARGO_BIN_EXE_tchbench")).current_dir(place.0.path());
    let (code, stdout, stderr) = told(command.stdin(Stdio::null()).output().unwrap());
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.contains("Too many open files") && stderr.contains("`ulimit -n`"), "{stderr}");
    assert!(place.recorded().is_empty());
    place.pids().into_iter().for_each(wait_for_end);
}

/// A run with a case for each way to end, the last killed with it.
fn killed(cases: &[&str]) -> Place {
    let place = Place::new(cases);
    let mut run =
        place.command("run suite.toml --device cpu --worker ./worker --name run --jobs 1").spawn().unwrap();
    place.hanging(&mut run);
    // The next trial may begin before the record of the last is written.
    for case in cases.iter().rev().skip(1) {
        while !place.file(case, "1.json").exists() {
            thread::sleep(Duration::from_millis(1));
        }
    }
    signal(run.id(), "KILL");
    run.wait().unwrap();
    place
}

#[test]
fn failed_trials_are_results_unless_they_are_to_be_done_again() {
    let place = killed(&["fails-once", "waits"]);
    let resume = |options: &str| place.tchbench(&format!("run --resume latest --worker ./worker {options}"));
    let (code, _, stderr) = resume("");
    assert_eq!(code, 5, "{stderr}");
    assert!(stderr.contains("1 of 2 trials failed or diverged"), "{stderr}");
    assert_eq!(place.begun(), ["fails-once", "waits", "waits"]);

    let (code, _, stderr) = resume("--retry-failed");
    assert_eq!(code, 0, "{stderr}");
    let record = place.folder().read_trial("suite", "fails-once", 1).unwrap().unwrap();
    assert_eq!((record.status, record.started.unwrap().resumed_from), (Status::Completed, 1));
    assert_eq!(place.begun(), ["fails-once", "waits", "waits", "fails-once"]);
    assert_eq!(resume("--retry-failed").0, 0);
    assert_eq!(place.begun().len(), 4);
}

#[test]
fn what_cannot_be_believed_is_set_aside_and_done_again() {
    type Damage = fn(&Place);
    let damages: [(&str, Damage); 7] = [
        ("a flipped bit in a record", |place| {
            let path = place.file("succeeds", "1.json");
            let mut bytes = fs::read(&path).unwrap();
            // At a place of its own: half-way the record's times decide what is hit, and what is said.
            let digit = bytes.windows(5).position(|bytes| bytes == b"0.875").unwrap() + 4;
            bytes[digit] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("an edited record", |place| {
            let path = place.file("succeeds", "1.json");
            fs::write(&path, fs::read_to_string(&path).unwrap().replace("0.875", "0.975")).unwrap();
        }),
        ("a record of another identity", |place| {
            let mut record = place.folder().read_trial("suite", "succeeds", 1).unwrap().unwrap();
            let trial = &mut record.trial;
            trial.experiment.training.weight_decay = 0.5;
            trial.identity = identity(&trial.experiment, trial.seed, &trial.dataset, &trial.environment);
            place.folder().write_trial(&record).unwrap();
        }),
        ("a truncated checkpoint", |place| {
            let path = place.file("waits", "1.checkpoint.json");
            fs::write(&path, &fs::read(&path).unwrap()[..100]).unwrap();
        }),
        ("truncated tensors", |place| {
            fs::write(place.file("waits", "1.checkpoint-1.safetensors"), "the tens").unwrap();
        }),
        ("no tensors", |place| {
            fs::remove_file(place.file("waits", "1.checkpoint-1.safetensors")).unwrap();
        }),
        ("a checkpoint of another identity", |place| {
            let path = place.file("waits", "1.checkpoint.json");
            let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            value["identity"] = "0".repeat(64).into();
            value.as_object_mut().unwrap().remove("digest");
            // Its fields are sorted, `format` no longer the first; any reader takes them in any order.
            tchbench::record::write(&path, &value).unwrap();
        }),
    ];
    let mut shown = String::new();
    for (what, damage) in damages {
        let place = killed(&["succeeds", "waits"]);
        damage(&place);
        let mut run = place.command("run --resume run --worker ./worker --quiet").spawn().unwrap();
        // Where its checkpoint is lost, the trial waits again.
        while place.pids().len() < 2 && run.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(10));
        }
        if run.try_wait().unwrap().is_none() {
            assert!(place.file("waits", "1.checkpoint.json").exists());
            signal(run.id(), "KILL");
        }
        let (_, _, stderr) = told(run.wait_with_output().unwrap());
        for line in undigested(&stderr).lines().filter(|line| line.starts_with("warning")) {
            shown += &format!("{what}\n    {line}\n");
        }
        shown += &format!("    begun: {}\n", place.begun().join(", "));
        let mut left: Vec<String> = Vec::new();
        for case in ["succeeds", "waits"] {
            let folder = place.file(case, "");
            left.extend(fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()));
        }
        left.retain(|name| name.contains("broken"));
        left.sort();
        shown += &format!("    aside: {}\n", left.join(", "));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_checkpoint_that_a_worker_refuses_is_set_aside_and_the_trial_begins_anew() {
    let case = "refuses-its-checkpoint";
    let place = Place::new(&[case]);
    assert_eq!(place.tchbench("run suite.toml --device cpu --worker ./worker --name run").0, 5);
    let (code, _, stderr) = place.tchbench("run --resume run --worker ./worker --retry-failed");
    assert_eq!(code, 0, "{stderr}");
    let warning = "warning: 1.checkpoint.json: the tensor best/w is forged; the checkpoint is set aside as \
                   1.checkpoint.json.broken, 1.checkpoint-1.safetensors.broken, and the trial begins anew";
    let unwrapped = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(warning), "{stderr}");
    assert!(place.file(case, "1.checkpoint-1.safetensors.broken").exists());
    let record = place.folder().read_trial("suite", case, 1).unwrap().unwrap();
    assert_eq!((record.status, record.started.unwrap().resumed_from), (Status::Completed, 0));
    assert_eq!(place.begun(), [case; 3]);
}

#[test]
fn a_worker_that_refuses_no_checkpoint_of_its_trial_fails_it() {
    let place = Place::new(&["refuses-what-is-not-there", "refuses-late"]);
    let (code, _, stderr) =
        place.tchbench("run suite.toml --device cpu --worker ./worker --name run --jobs 1");
    assert_eq!(code, 5, "{stderr}");
    let error = |case| place.folder().read_trial("suite", case, 1).unwrap().unwrap().error.unwrap();
    assert_eq!(error("refuses-what-is-not-there"), "1.checkpoint.json: I dislike it");
    assert_eq!(error("refuses-late"), "the worker was stopped: it answered what was not asked");
    assert_eq!(place.begun().len(), 2);
}

/// Gives the trials of a run with one suite the identities that its content has.
fn identify(run: &mut Run) {
    for key in &mut run.trials {
        let case = run.suites[0].cases.iter().find(|case| case.name == key.case).unwrap();
        let digests = &run.datasets[&case.experiment.data.dataset];
        key.identity = identity(&case.experiment, key.seed, digests, &run.environment);
    }
}

#[test]
fn a_run_that_would_give_other_bits_is_not_gone_on_with() {
    let place = killed(&["succeeds", "waits"]);
    let original = place.folder().read_run().unwrap();
    let mut shown = String::new();
    let mut refuse = |what: &str, change: &dyn Fn(&mut tchbench::record::Run)| {
        let mut run = original.clone();
        change(&mut run);
        run.plan = Some(run.plan_digest());
        place.folder().write_run(&run).unwrap();
        let (code, stdout, stderr) = place.tchbench("run --resume run --worker ./worker");
        assert_eq!(stdout, "");
        shown += &format!("{what}: {stderr}[{code}]\n\n");
    };
    refuse("engine", &|run| run.engine_revision = 0);
    refuse("data", &|run| {
        run.datasets.get_mut("glyphs").unwrap().values_mut().for_each(|digest| *digest = "00".to_owned());
        identify(run);
    });
    refuse("class", &|run| run.fingerprint.engine.numerics_class = "ee".to_owned());
    refuse("kind of device", &|run| run.fingerprint.engine.device = "NVIDIA H100".to_owned());
    refuse("device", &|run| {
        run.environment.device = tchbench::recipe::Device::Cuda(0);
        identify(run);
    });
    refuse("trial", &|run| run.trials[0].identity = "0".to_owned());
    insta::assert_snapshot!(undigested(&shown));
    assert_eq!(place.begun(), ["succeeds", "waits"]);

    place.folder().write_run(&original).unwrap();
    let lock = place.folder().lock().unwrap();
    let (code, _, stderr) = place.tchbench("run --resume run --worker ./worker");
    assert_eq!(code, 3);
    assert!(stderr.contains("another tchbench is running in this folder"), "{stderr}");
    drop(lock);
    assert_eq!(place.tchbench("run --resume run --worker ./worker").0, 0);
}

/// Runs a script where it may mount file systems of its own; none where nobody may.
fn mounting(place: &Place, script: &str) -> Option<(i32, String, String)> {
    let probe = ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"];
    if !Command::new("unshare").args(probe).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no right to a name space with mounts of its own");
        return None;
    }
    let script = format!("set -e\ntchbench='{}'\n{script}", env!("CARGO_BIN_EXE_tchbench"));
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script]).current_dir(place.0.path());
    Some(told(command.output().unwrap()))
}

#[test]
fn a_read_only_folder_is_refused() {
    let place = killed(&["succeeds", "waits"]);
    let before = place.tree();
    let Some((code, stdout, stderr)) = mounting(
        &place,
        "mount --bind results results; mount -o remount,ro,bind results
        exec $tchbench run --resume run --worker ./worker",
    ) else {
        return;
    };
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    insta::assert_snapshot!(stderr, @"error: results/run/lock: cannot write: Read-only file system (os error 30)");
    assert!(place.tree() == before);
}

#[test]
fn a_full_disk_ends_a_run_that_goes_on_when_there_is_room() {
    let place = killed(&["succeeds", "waits"]);
    let Some((code, stdout, stderr)) = mounting(
        &place,
        "mkdir small; mount -t tmpfs -o size=256k tmpfs small; cp -a results/run small/
        head -c 1M /dev/zero > small/filler 2>/dev/null || true
        $tchbench run --resume run --results small --worker ./worker > /dev/null || echo \"[$?]\"
        cmp small/run/run.json results/run/run.json
        cmp small/run/trials/suite/succeeds/1.json results/run/trials/suite/succeeds/1.json
        rm small/filler
        $tchbench run --resume run --results small --worker ./worker --format csv | wc -l",
    ) else {
        return;
    };
    assert_eq!((code, stdout.as_str()), (0, "[3]\n3\n"), "{stderr}");
    let error = stderr.lines().find(|line| line.starts_with("error")).unwrap();
    assert!(error.contains("small/run/") && error.contains("no space left"), "{stderr}");
}

#[test]
fn a_run_that_left_nothing_cannot_be_gone_on_with() {
    let place = Place::new(&["succeeds"]);
    fs::create_dir_all(place.0.path().join("results/early")).unwrap();
    let (code, _, stderr) = place.tchbench("run --resume early --worker ./worker");
    assert_eq!(code, 3);
    assert!(stderr.starts_with("error: results/early: no run here (there is no run.json in it"), "{stderr}");
    for options in
        ["suite.toml", "--seeds 1", "--filter a", "--device cpu", "--threads 2", "--name x", "--dry-run"]
    {
        let (code, _, stderr) = place.tchbench(&format!("run --resume early {options} --worker ./worker"));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
}

#[test]
fn replay_says_identical_or_what_differs() {
    let place = Place::new(&["drifts", "fails"]);
    place.tchbench("run suite.toml --device cpu --worker ./worker --name run --jobs 1");
    let before = place.tree();
    let replay = |name: &str| place.tchbench(&format!("replay {name} --worker ./worker"));
    let (code, stdout, stderr) = replay("results/run/trials/suite/drifts/1.json");
    assert_eq!(
        (code, stdout.as_str()),
        (0, "suite/drifts/1: identical, the same trajectory over 2 epochs\n"),
        "{stderr}"
    );
    assert_eq!(replay("run/suite/drifts/1").0, 0);
    // What had failed is compared as far as it got.
    assert_eq!(replay("run/suite/fails/1").0, 0);

    let mut drifted = place.command("replay run/suite/drifts/1 --worker ./worker");
    let (code, stdout, stderr) = told(drifted.env("DRIFT", "0.26").output().unwrap());
    assert_eq!(code, 13, "{stderr}");
    insta::assert_snapshot!(stdout);

    let mut told = String::new();
    for name in ["nothing", "run/suite/drifts/2", "run/suite/drifts/one", "none/suite/drifts/1"] {
        let (code, stdout, stderr) = replay(name);
        assert_eq!(stdout, "");
        told += &format!("$ tchbench replay {name}\n{stderr}[{code}]\n\n");
    }
    let folder = place.folder();
    let original = folder.read_trial("suite", "drifts", 1).unwrap().unwrap();
    let mut refuse = |what: &str, change: &dyn Fn(&mut tchbench::record::TrialRecord)| {
        let mut record = original.clone();
        change(&mut record);
        folder.write_trial(&record).unwrap();
        let (code, _, stderr) = replay("run/suite/drifts/1");
        told += &format!("{what}\n{stderr}[{code}]\n\n");
    };
    refuse("another engine", &|record| record.trial.engine_revision = 0);
    refuse("edited", &|record| record.trial.experiment.training.batch += 1);
    refuse("no epoch", &|record| {
        record.epochs.clear();
        (record.status, record.finished) = (Status::Failed, None);
    });
    folder.write_trial(&original).unwrap();
    insta::assert_snapshot!(undigested(&told));
    assert!(place.tree() == before, "a replay left something");
}

#[test]
fn explain_tells_the_fields_that_differ() {
    let place = Place::new(&["succeeds", "drifts"]);
    place.tchbench("run suite.toml --device cpu --worker ./worker --name run --jobs 1 --seeds 1-2");
    let explain = |arguments: &str| place.tchbench(&format!("explain {arguments}"));
    let (code, stdout, stderr) = explain("run/suite/succeeds/1 run/suite/drifts/1");
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!(stdout);
    let (code, stdout, _) = explain("run/suite/succeeds/1 run/suite/succeeds/2");
    assert_eq!(code, 20);
    insta::assert_snapshot!(stdout);
    let (_, stdout, _) = explain("run/suite/succeeds/1 run/suite/succeeds/2 --all --format json");
    let tables: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let rows = tables[0]["rows"].as_array().unwrap();
    let row = |field: &str| rows.iter().find(|row| row["field"] == field).unwrap();
    assert_eq!((&row("seed")["a"], &row("seed")["b"]), (&"1".into(), &"2".into()));
    assert_eq!(row("training.batch")["a"], row("training.batch")["b"]);
    assert_eq!(row("engine.libtorch")["part"], "fingerprint");
}

#[test]
fn workers_die_with_their_parent() {
    let place = Place::new(&["hangs"]);
    let mut run = place.command("run suite.toml --device cpu --worker ./worker --name run").spawn().unwrap();
    let worker = place.hanging(&mut run);
    assert!(is_alive(worker));
    signal(run.id(), "KILL");
    run.wait().unwrap();
    wait_for_end(worker);
    let (records, errors) = place.folder().read_trials();
    assert!(records.is_empty() && errors.is_empty());
    assert!(place.folder().lock().is_ok());
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let place = Place::new(&["succeeds", "fails"]);
    let (code, stdout, stderr) = place.tchbench(
        "run suite.toml --device cpu --worker ./worker --dry-run --seeds 1-2 --filter succ* --jobs 8 --threads 2",
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let words = stdout.split_inclusive(char::is_whitespace);
    let is_identity = |word: &str| word.len() == 13 && word.trim().chars().all(|c| c.is_ascii_hexdigit());
    let plan: String = words.map(|word| if is_identity(word) { "IDENTITY\n" } else { word }).collect();
    insta::assert_snapshot!(plan);
    assert!(!place.0.path().join("results").exists());
}

/// Portable kernels are of the CPU: on CUDA a trial is the same trial whatever is asked for.
#[test]
fn portable_numerics_are_no_other_trials_on_cuda() {
    let place = Place::new(&["succeeds"]);
    let described = "#!/bin/sh\necho '{\"event\":\"described\",\"tchbench\":\"0.1.0\",\"libtorch\":\"2.11.0\",\
                     \"tch\":\"0.24.0\",\"rustc\":\"1.95.0\",\"device\":\"X\",\"driver\":\"13.0\",\"cuda\":\"13\",\
                     \"threads\":1,\"numerics\":\"native\",\"capability\":\"AVX2\",\"numerics_class\":\"cc\",\
                     \"kernels\":{}}'\n";
    fs::write(place.0.path().join("cuda"), described).unwrap();
    fs::set_permissions(place.0.path().join("cuda"), fs::Permissions::from_mode(0o755)).unwrap();
    let plan = |options: &str| {
        let plan =
            place.tchbench(&format!("run suite.toml --worker ./cuda --dry-run --device cuda {options}"));
        assert_eq!(plan.0, 0, "{}", plan.2);
        (plan.1, plan.2)
    };
    let (native, portable) = (plan(""), plan("--numerics portable"));
    assert_eq!(native.0, portable.0);
    assert_eq!(native.1, "");
    assert_eq!(portable.1, "note: `portable` numerics are of the CPU; on cuda:0 they change nothing\n");
}

#[test]
fn what_cannot_be_run_says_why() {
    let place = Place::new(&["succeeds"]);
    place.suite("portable", "portable", &["succeeds"]);
    fs::write(place.0.path().join("broken.toml"), "schema = 1\nname = \"broken\"\n").unwrap();
    let mut told = String::new();
    for arguments in [
        "run",
        "run nothing",
        "run suite.toml broken.toml nothing",
        "run suite.toml suite.toml",
        "run suite.toml --filter lstm",
        "run suite.toml portable.toml",
        "run suite.toml --device gpu",
        "run suite.toml --device cuda",
        "run suite.toml --name ../elsewhere",
        "run suite.toml --seeds one",
        "run suite.toml --worker ./missing --device cpu",
    ] {
        let worker = if arguments.contains("--worker") { "" } else { " --worker ./worker" };
        let (code, stdout, stderr) = place.tchbench(&format!("{arguments}{worker}"));
        assert_eq!(stdout, "");
        told += &format!("$ tchbench {arguments}\n{stderr}[{code}]\n\n");
    }
    insta::assert_snapshot!(told);
    assert!(!place.0.path().join("results").exists());
}

/// A suite of one linear model on a dataset.
fn one_case(place: &Place, dataset: &str, lines: &str) {
    let text = format!(
        "schema = 1\nname = \"s\"\n[[case]]\nname = \"c\"\ndataset = \"{dataset}\"\nepochs = 1\nbatch = 100\n\
         optimizer = {{ kind = \"sgd\", lr = 0.1 }}\n{lines}\n"
    );
    fs::write(place.0.path().join("s.toml"), text).unwrap();
}

#[test]
fn what_a_run_would_refuse_is_refused_before_it() {
    let place = Place::new(&[]);
    let layers =
        "layers = [{ kind = \"flatten\" }, { kind = \"batch-norm\" }, { kind = \"dense\", units = 10 }]";
    one_case(&place, "glyphs", &format!("train_samples = 1001\n{layers}"));
    for arguments in ["run s.toml", "run s.toml --dry-run", "check s.toml", "measure s.toml"] {
        let (code, stdout, stderr) = place.tchbench(&format!("{arguments} --device cpu --worker ./worker"));
        assert_eq!((code, stdout.as_str()), (3, ""), "{arguments}: {stderr}");
        assert_eq!(
            stderr,
            "error: s.toml:7:9: case.c.batch: 100 given; an epoch of 1001 training samples has a batch of one, in \
             which layers[2] (`batch-norm`) finds no variance; give another batch or train_samples\n"
        );
    }
    assert!(!place.0.path().join("results").exists());
    // Twice as many samples; and maps of more than one pixel.
    let doubled = "augmentation = { when = \"appended\", flip = true }";
    let maps =
        "layers = [{ kind = \"batch-norm\" }, { kind = \"flatten\" }, { kind = \"dense\", units = 10 }]";
    for lines in [format!("{doubled}\n{layers}"), maps.to_owned()] {
        one_case(&place, "glyphs", &format!("train_samples = 1001\n{lines}"));
        assert_eq!(place.tchbench("run s.toml --dry-run --device cpu --worker ./worker").0, 0);
    }
}

#[test]
fn a_run_that_never_began_leaves_nothing() {
    let place = Place::new(&["succeeds"]);
    one_case(&place, "mnist", "layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 10 }]");
    for verb in ["run", "measure"] {
        let mut command = place.command(&format!("{verb} s.toml --device cpu --worker ./worker"));
        command.env_remove("TCHBENCH_DATA").env("XDG_CACHE_HOME", place.0.path());
        let (code, _, stderr) = told(command.output().unwrap());
        assert!(code == 3 && stderr.contains("dataset `mnist` not found"), "{stderr}");
    }
    let named =
        |name: &str| place.tchbench(&format!("run suite.toml --device cpu --worker ./worker --name {name}"));
    for name in ["latest", "history", "calibration", "published", "lock"] {
        let (code, _, stderr) = named(name);
        assert_eq!(code, 2);
        assert!(
            stderr.contains(&format!("`{name}` has a meaning of its own in a results folder")),
            "{stderr}"
        );
    }
    let (code, _, stderr) = named(&"n".repeat(151));
    assert_eq!(code, 2);
    assert!(stderr.contains("at most 150 characters"), "{stderr}");
    assert!(!place.0.path().join("results").exists());
}

#[cfg(not(feature = "torch"))]
#[test]
fn a_build_without_its_engine_says_so() {
    let place = Place::new(&["succeeds"]);
    for arguments in ["env", "run suite.toml", "check suite.toml"] {
        let (code, _, stderr) = place.tchbench(arguments);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains("built without its engine"), "{stderr}");
    }
}

#[test]
fn check_reports_every_problem() {
    let place = Place::new(&["succeeds", "fails", "fails-too"]);
    fs::write(place.0.path().join("broken.toml"), "schema = 1\nname = \"broken\"\n").unwrap();
    let (code, stdout, stderr) =
        place.tchbench("check suite.toml broken.toml --device cpu --worker ./worker");
    insta::assert_snapshot!(format!("{stdout}--\n{stderr}[{code}]"));
}

#[test]
fn env_prints_the_fingerprint_of_a_record() {
    let place = Place::new(&[]);
    let (code, stdout, _) = place.tchbench("env --device cpu --threads 2 --worker ./worker --format json");
    assert_eq!(code, 0);
    let fingerprint: Fingerprint = serde_json::from_str(&stdout).unwrap();
    assert_eq!((fingerprint.engine.threads, fingerprint.engine.libtorch.as_str()), (2, "2.11.0"));
    let (_, stdout, _) = place.tchbench("env --device cpu --worker ./worker");
    assert!(stdout.contains("numerics class") && stdout.contains("2.11.0"), "{stdout}");
}
