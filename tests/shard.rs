//! A run that several machines share: its shards, and the one run that `merge` makes of them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[path = "support/records.rs"]
mod records;

use records::{record, run};
use serde_json::Value;
use tchbench::recipe::{Device, Environment, Numerics};
use tchbench::record::{Folder, Robustness, TrialRecord};
use tchbench::rng::{Purpose, Stream};
use tchbench::runner::{SplitSizes, expected_seconds, shard};
use tchbench::suite;

/// A folder with the published suites, and a worker that trains anything.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        symlink(root.join("tests/any-worker.sh"), place.path("worker")).unwrap();
        place
    }

    /// With this suite alone, so that a page shows it.
    fn of(suite: &str) -> Self {
        let place = Place::new();
        fs::create_dir(place.path("suites")).unwrap();
        let file = format!("suites/{suite}.toml");
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file), place.path(&file)).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Exit code, stdout and stderr.
    fn call(&self, arguments: &str) -> (i32, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Calls what must succeed.
    fn done(&self, arguments: &str) -> String {
        let (code, stdout, stderr) = self.call(arguments);
        assert_eq!(code, 0, "{arguments}: {stderr}");
        stdout
    }

    fn run(&self, arguments: &str) -> String {
        self.done(&format!("run --device cpu --worker ./worker --quiet {arguments}"))
    }

    /// How many trials were begun.
    fn begun(&self) -> usize {
        fs::read_to_string(self.path("log")).unwrap_or_default().lines().count()
    }

    /// The records of a run by their paths in it, without what tells of time and load.
    fn records(&self, run: &str) -> BTreeMap<PathBuf, Value> {
        let content = |bytes: Vec<u8>| {
            let mut record: Value = serde_json::from_slice(&bytes).unwrap();
            record["fingerprint"]["load"] = Value::Null;
            for key in ["began", "digest"] {
                record.as_object_mut().unwrap().remove(key);
            }
            record
        };
        files(&self.path(run)).into_iter().map(|(path, bytes)| (path, content(bytes))).collect()
    }
}

/// The records below a run's folder, by their paths in it.
fn files(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    json_files(run, "trials")
}

/// The JSON below one of the folders of a run, by their paths in the run's.
fn json_files(run: &Path, below: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut folders = vec![run.join(below)];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                files.insert(path.strip_prefix(run).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn shards(name: &str, count: u32) -> String {
    (1..=count).map(|index| format!("{name}-{index}-of-{count}")).collect::<Vec<_>>().join(" ")
}

/// What a person sees of the run `night` in a results folder.
fn views(place: &Place, results: &str) -> Vec<String> {
    let mut views: Vec<String> = ["", "--epochs", "--compare", "--format json"]
        .iter()
        .map(|options| place.done(&format!("table night --results {results} {options}")))
        .collect();
    let (_, claims, stderr) = place.call(&format!("claims night --results {results}"));
    views.extend([claims, stderr]);
    let (code, diff, stderr) = place.call(&format!("diff night --results {results}"));
    views.extend([format!("{code}"), diff, stderr]);
    let page = format!("{results}-page/page.md");
    place.done(&format!("page night --results {results} --out {page}"));
    views.push(fs::read_to_string(place.path(&page)).unwrap());
    let pictures = fs::read_dir(place.path(&format!("{results}-page/page"))).into_iter().flatten();
    let mut pictures: Vec<PathBuf> = pictures.map(|entry| entry.unwrap().path()).collect();
    pictures.sort();
    views.extend(pictures.iter().map(|path| fs::read_to_string(path).unwrap()));
    views
}

#[test]
fn the_shards_of_every_split_make_the_unsharded_run() {
    // Six cases of rnn-lstm are native in a portable run.
    let on_glyphs = "--profile quick --set dataset=glyphs";
    for (suite, options) in [("smoke", ""), ("lstm-gru", on_glyphs), ("rnn-lstm", on_glyphs)] {
        let place = Place::of(suite);
        place.run(&format!("{suite} {options} --name night --results whole"));
        place.done("baseline save night --results whole");
        let records = place.records("whole/night");
        let seen = views(&place, "whole");
        for count in [1, 2, 3, 4, 7] {
            let before = place.begun();
            for index in 1..=count {
                place.run(&format!(
                    "{suite} {options} --name night --results in-{count} --shard {index}/{count}"
                ));
            }
            assert_eq!(place.begun() - before, records.len(), "each trial is trained once");
            place.done(&format!("merge {} --name night --results in-{count}", shards("night", count)));
            assert!(place.records(&format!("in-{count}/night")) == records, "{suite} in {count}");
            assert_eq!(views(&place, &format!("in-{count}")), seen, "{suite} in {count}");
        }
    }
}

#[test]
fn records_are_copied_byte_by_byte_from_folders_anywhere() {
    let place = Place::of("smoke");
    for index in 1..=2 {
        place.run(&format!("smoke --name night --results machine-{index} --shard {index}/2"));
    }
    place.done("merge machine-1/night-1-of-2 machine-2/night-2-of-2 --name night");
    let merged = files(&place.path("results/night"));
    let mut own = files(&place.path("machine-1/night-1-of-2"));
    own.extend(files(&place.path("machine-2/night-2-of-2")));
    assert!(merged == own && merged.len() == 24);
    assert!(place.path("results/night/trials/smoke/mlp/1.jsonl").exists());
    let run = Folder::open(&place.path("results/night")).unwrap().read_run().unwrap();
    let part = Folder::open(&place.path("machine-1/night-1-of-2")).unwrap().read_run().unwrap();
    assert_eq!((run.shard, run.plan.clone(), run.plan), (None, part.plan.clone(), Some(part.plan_digest())));
    assert_eq!(part.shard.unwrap().to_string(), "1/2");
}

#[test]
fn robustness_scores_come_with_the_records_and_need_no_second_scoring() {
    let place = Place::of("smoke");
    let shard = |index: u32| place.run(&format!("smoke --name night --shard {index}/2"));
    let scored = |run: &str, options: &str| {
        let folder = Folder::open(&place.path(&format!("results/{run}"))).unwrap();
        for record in folder.read_trials().0 {
            let trial = record.trial;
            fs::write(folder.weights_path(&trial.suite, &trial.case, trial.seed), "").unwrap();
        }
        place.done(&format!("robustness {run} --worker ./worker --scale 0.5 --rotate 0,30 {options}"))
    };
    let kept = |run: &str| json_files(&place.path(&format!("results/{run}")), "robustness");
    place.run("smoke --name whole");
    let shown = scored("whole", "");
    (1..=2).for_each(|index| drop(shard(index)));
    scored("night-1-of-2", "");
    let merge = "merge night-1-of-2 night-2-of-2 --name night";
    place.done(merge);
    assert!(kept("night") == kept("night-1-of-2") && !kept("night").is_empty());

    // What is scored later is taken by a later merge, which leaves what the merged run has by itself.
    scored("night", "--filter smoke/mlp --translate 2");
    let own = kept("night");
    scored("night-2-of-2", "");
    place.done(merge);
    let all = kept("night");
    assert_eq!(all.len(), 24);
    assert!(own.iter().all(|(path, bytes)| all[path] == *bytes));
    let again = "robustness night --scale 0.5 --rotate 0,30 --worker /nowhere";
    assert_eq!(place.done(again), shown);

    // Scores that cannot be believed are named, and those of another record's weights left out.
    fs::remove_dir_all(place.path("results/night/robustness")).unwrap();
    let shard = Folder::open(&place.path("results/night-1-of-2")).unwrap();
    let (scores, _) = shard.read_all_robustness();
    let path = |index: usize| {
        let trial = &scores[index].trial;
        shard.robustness_path(&trial.suite, &trial.case, trial.seed)
    };
    fs::write(path(0), "{").unwrap();
    shard.write_robustness(&Robustness { weights: "ab".repeat(32), ..scores[1].clone() }).unwrap();
    let (code, _, stderr) = place.call(merge);
    assert_eq!(code, 3, "{stderr}");
    let damaged = path(0).strip_prefix(place.path("")).unwrap().display().to_string();
    assert!(stderr.contains(&format!("error: {damaged}: ")), "{stderr}");
    assert_eq!(kept("night").len(), 22);
}

#[test]
fn what_is_missing_is_named_and_the_merged_run_trains_it() {
    let place = Place::of("smoke");
    for index in [1, 3] {
        place.run(&format!("smoke --name night --shard {index}/3"));
    }
    let merge = "merge night-1-of-3 night-3-of-3 --name night";
    let (code, _, stderr) = place.call(merge);
    assert_eq!(code, 22, "{stderr}");
    assert!(stderr.contains("no run is shard 2/3\n"), "{stderr}");
    assert!(stderr.ends_with("tchbench run --resume results/night\n"), "{stderr}");
    let before = place.begun();
    place.done("run --resume night --worker ./worker --quiet");
    assert_eq!(place.begun() - before, 8);
    // And the shard that comes late adds nothing and contradicts nothing.
    place.run("smoke --name night --shard 2/3");
    let trained = files(&place.path("results/night"));
    place.done(&format!("{merge} night-2-of-3"));
    assert!(files(&place.path("results/night")) == trained);
}

#[test]
fn runs_that_are_not_of_one_plan_are_not_merged() {
    let place = Place::of("smoke");
    let shard = |options: &str| drop(place.run(&format!("smoke --filter mlp {options}")));
    shard("--name a --shard 1/2");
    shard("--name b --shard 2/2 --set epochs=5");
    shard("--name c --shard 2/3");
    shard("--name d --shard 2/2");
    let refused = |arguments: &str, code: i32, parts: &[&str]| {
        let (is, _, stderr) = place.call(&format!("{arguments} --name night"));
        assert_eq!(is, code, "{stderr}");
        parts.iter().for_each(|part| assert!(stderr.contains(part), "{stderr}"));
        assert!(!place.path("results/night").exists());
    };
    let differs = "suites[0].cases[0].experiment.training.epochs (6 or 5)";
    refused("merge a-1-of-2 b-2-of-2", 3, &["results/a-1-of-2", "results/b-2-of-2", differs]);
    refused("merge a-1-of-2 c-2-of-3", 3, &["is shard 1/2", "is shard 2/3"]);
    refused("merge a-1-of-2 e-2-of-2", 3, &["e-2-of-2", "no run here"]);
    refused("merge", 2, &["RUN"]);

    // On a machine whose kernels give other bits.
    let path = place.path("results/d-2-of-2");
    let folder = Folder::open(&path).unwrap();
    let mut run = folder.read_run().unwrap();
    run.fingerprint.engine.numerics_class = "ee".to_owned();
    folder.write_run(&run).unwrap();
    refused("merge a-1-of-2 d-2-of-2", 3, &["different numerics classes, cc and ee", "smoke/mlp"]);

    place.run("smoke --filter rnn --name night");
    let (code, _, stderr) = place.call("merge a-1-of-2 --name night");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("results/night is there already"), "{stderr}");
}

#[test]
fn a_trial_of_two_shards_has_equal_bits_or_nothing_is_merged() {
    let place = Place::of("smoke");
    let shard = "run smoke --filter mlp --device cpu --worker ./worker --quiet --shard 1/1";
    for results in ["a", "b", "c"] {
        let mut command = place.command(&format!("{shard} --name night --results {results}"));
        if results == "c" {
            command.env("DRIFT", "f");
        }
        assert!(command.output().unwrap().status.success());
    }
    place.done("merge a/night-1-of-1 b/night-1-of-1 --name same");
    let first = files(&place.path("a/night-1-of-1"));
    assert!(files(&place.path("results/same")) == first);
    let (code, _, stderr) = place.call("merge a/night-1-of-1 c/night-1-of-1 --name other");
    assert_eq!(code, 13, "{stderr}");
    assert!(stderr.contains("smoke/mlp/1: two runs hold different bits of it from epoch 1 on"), "{stderr}");
    assert!(!place.path("results/other").exists());
    // Nor is it added to what was merged before.
    assert_eq!(place.call("merge c/night-1-of-1 --name same").0, 13);
    assert!(files(&place.path("results/same")) == first);
}

#[test]
fn a_record_that_cannot_be_believed_is_left_out_and_named() {
    let place = Place::of("smoke");
    place.run("smoke --filter mlp --name night --shard 1/1");
    let path = place.path("results/night-1-of-1/trials/smoke/mlp/2.json");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("0.1,", "0.2,")).unwrap();
    let (code, _, stderr) = place.call("merge night-1-of-1 --name night");
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("mlp/2.json: digest") && stderr.contains("no record of smoke/mlp/2\n"),
        "{stderr}"
    );
    place.done("run --resume night --worker ./worker --quiet");
    assert_eq!(files(&place.path("results/night")).len(), 2);
}

#[test]
fn a_shard_is_taken_from_the_job_array_and_goes_on_where_it_is_begun_again() {
    let place = Place::of("smoke");
    let auto = "run smoke --device cpu --worker ./worker --name night --shard auto --quiet";
    let task = || {
        let mut command = place.command(auto);
        command.env("SLURM_ARRAY_TASK_ID", "5").env("SLURM_ARRAY_TASK_MIN", "4");
        command.env("SLURM_ARRAY_TASK_MAX", "6").env("SLURM_ARRAY_TASK_COUNT", "3");
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let stderr = task();
    assert!(stderr.starts_with("note: shard 2/3, by SLURM_ARRAY_TASK_ID=5\n"), "{stderr}");
    assert_eq!(files(&place.path("results/night-2-of-3")).len(), 8);
    let begun = place.begun();
    let stderr = task();
    assert!(stderr.contains("note: going on with results/night-2-of-3"), "{stderr}");
    assert_eq!(place.begun(), begun);

    let (code, _, stderr) = place.call("run smoke --worker ./worker --device cpu --shard auto");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("none of SLURM_ARRAY_TASK_ID"), "{stderr}");
    // Under that name another plan has begun.
    let other = "run smoke --seeds 7 --device cpu --worker ./worker --name night --shard 2/3";
    let (code, _, stderr) = place.call(other);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("another plan has begun in it; give another --name"), "{stderr}");
}

#[test]
fn more_shards_than_trials_leave_some_with_nothing_to_do() {
    let place = Place::of("smoke");
    for index in 1..=3 {
        place.run(&format!("smoke --filter smoke/mlp --name night --shard {index}/3"));
    }
    place.done(&format!("merge {} --name night", shards("night", 3)));
    assert_eq!(files(&place.path("results/night")).len(), 2);
}

/// Waits a while, and kills what still runs. Returns whether it did.
fn is_killed(mut child: Child, wait: Duration) -> bool {
    thread::sleep(wait);
    let runs = child.try_wait().unwrap().is_none();
    if runs {
        child.kill().unwrap();
    }
    child.wait().unwrap();
    runs
}

#[test]
fn kills_of_shards_and_merges_lose_nothing() {
    let place = Place::of("smoke");
    place.run("smoke --name night --results whole");
    let command = |turn: u32| match turn {
        4 => format!("merge {} --name night", shards("night", 4)),
        _ => format!("run smoke --device cpu --worker ./worker --name night --shard {}/4", turn + 1),
    };
    let mut random = Stream::new(1, Purpose::Probe, 1);
    let mut kept: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut kills = 0;
    let folders = || (1..=4).map(|index| place.path(&format!("results/night-{index}-of-4")));
    while kills < 20 {
        let turn = random.below(5);
        let wait = Duration::from_millis(random.below(200).into());
        let child =
            place.command(&command(turn)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        kills += u32::from(is_killed(child, wait));
        for folder in folders() {
            kept.extend(files(&folder).into_iter().map(|(path, bytes)| (folder.join(path), bytes)));
        }
    }
    for turn in 0..5 {
        place.done(&command(turn));
    }
    for (path, bytes) in kept {
        assert!(fs::read(&path).unwrap() == bytes, "{}", path.display());
    }
    assert!(place.records("results/night") == place.records("whole/night"));
    let own: BTreeMap<PathBuf, Vec<u8>> = folders().flat_map(|folder| files(&folder)).collect();
    assert!(files(&place.path("results/night")) == own);
}

#[test]
fn shards_hold_each_trial_once_and_none_is_much_longer_than_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    let environment = Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Portable };
    for entry in fs::read_dir(root).unwrap() {
        let suite = suite::load(&entry.unwrap().path(), None).unwrap();
        let trials = suite::expand(&suite, environment, |name| suite.datasets.get(name).cloned());
        let costs = expected_seconds(&trials, |_| SplitSizes { train: 60_000, test: 10_000 });
        let longest = costs.iter().copied().fold(0.0, f64::max);
        let all: f64 = costs.iter().sum();
        for count in [1, 2, 3, 4, 7, 16] {
            let mut own: Vec<u32> = Vec::new();
            for index in 1..=count {
                let shard = shard(&trials, &costs, index, count);
                let cost: f64 = shard.trials.iter().map(|trial| costs[*trial as usize]).sum();
                assert!(cost <= (all / f64::from(count) + longest) * 1.000_001);
                own.extend(shard.trials);
            }
            own.sort_unstable();
            assert!(own.into_iter().eq(0..trials.len() as u32), "{} in {count}", suite.name);
        }
    }
}

/// Prints how long ten thousand trials take to plan, shard and merge: `cargo test --release --test shard -- --ignored --nocapture`.
#[test]
#[ignore = "it measures, and asserts nothing of times"]
fn ten_thousand_trials() {
    let place = Place::new();
    let memory = || {
        // SAFETY: a plain old structure, which the call fills.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
        usage.ru_maxrss / 1024
    };
    let timed = |arguments: &str| {
        let began = Instant::now();
        place.done(arguments);
        println!("{:.2} s, {} MiB: {arguments:.60}", began.elapsed().as_secs_f64(), memory());
    };
    let mut text =
        "schema = 1\nname = \"smoke\"\n[defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 100\n\
                    optimizer = { kind = \"adam\", lr = 1e-3 }\nseeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
            .to_owned();
    for units in 1..=1000 {
        text += &format!(
            "[[case]]\nname = \"mlp-{units}\"\nlayers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", \
             units = {units} }}, {{ kind = \"dense\", units = 10 }}]\n"
        );
    }
    fs::write(place.path("suite.toml"), text).unwrap();
    timed("run suite.toml --device cpu --worker ./worker --shard 2/8 --dry-run");

    let one = |number: u32| {
        record(&format!("mlp-{}", number % 1000 + 1), number % 1000 + 1, (number / 1000 + 1).into(), 0.9)
    };
    let mut all: Vec<TrialRecord> = (0..10_000).map(one).collect();
    all.sort_by(|a, b| a.trial.order().cmp(&b.trial.order()));
    let trials: Vec<_> = all.iter().map(|record| record.trial.clone()).collect();
    let costs = expected_seconds(&trials, |_| SplitSizes { train: 12_000, test: 2_000 });
    let mut plan = run(&all, 0.5);
    plan.plan = Some(plan.plan_digest());
    for index in 1..=8 {
        let own = shard(&trials, &costs, index, 8);
        let folder = Folder::named(&place.path("results"), &format!("night-{index}-of-8")).unwrap();
        own.trials.iter().for_each(|trial| folder.write_trial(&all[*trial as usize]).unwrap());
        plan.shard = Some(own);
        folder.write_run(&plan).unwrap();
    }
    timed(&format!("merge {} --name night", shards("night", 8)));
    assert_eq!(files(&place.path("results/night")).len(), 10_000);
}
