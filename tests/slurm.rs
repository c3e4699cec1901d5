//! `tchbench slurm`: the scripts of a job array and its merge, and what becomes of them. `tests/slurm.sh` submits them to a
//! real Slurm.

#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tchbench::record::Folder;

/// A folder whose name a shell would take apart, with a worker that trains anything.
struct Place {
    _holder: tempfile::TempDir,
    folder: PathBuf,
}

impl Place {
    fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let folder = holder.path().join("it's 100%a $HOME");
        fs::create_dir_all(folder.join("bin")).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        symlink(root.join("tests/any-worker.sh"), folder.join("worker")).unwrap();
        fs::create_dir(folder.join("suites")).unwrap();
        fs::copy(root.join("suites/smoke.toml"), folder.join("suites/smoke.toml")).unwrap();
        Place { _holder: holder, folder }
    }

    /// With this in the place of sbatch.
    fn with_sbatch(script: &str) -> Self {
        let place = Place::new();
        let path = place.folder.join("bin/sbatch");
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        place
    }

    /// Exit code, stdout and stderr.
    fn call(&self, program: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut path = vec![self.folder.join("bin")];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap()));
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .env("PATH", env::join_paths(path).unwrap())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn slurm(&self, arguments: &str, more: &[&str]) -> (i32, String, String) {
        let words: Vec<&str> = arguments.split_whitespace().chain(more.iter().copied()).collect();
        self.call(env!("CARGO_BIN_EXE_tchbench"), &words)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

#[test]
fn scripts_hold_the_array_the_merge_and_their_submission() {
    let place = Place::new();
    let (code, stdout, stderr) = place.slurm(
        "slurm smoke --shards 3 --at-once=2 --name night --results",
        &[
            "my results",
            "--filter",
            "*l*",
            "--seeds=1-4",
            "--keep-weights",
            "--",
            "--comment",
            "it's late",
            "-t60",
        ],
    );
    assert_eq!((code, stdout.as_str()), (0, "my results/night.slurm/submit.sh\n"), "{stderr}");
    let mut told = stderr;
    for name in ["array.sh", "merge.sh", "submit.sh"] {
        let script = place.read(&format!("my results/night.slurm/{name}"));
        told += &format!("\n--- {name}\n{script}");
    }
    let folder = place.folder.to_str().unwrap();
    for text in [folder.replace('\'', r"'\''"), folder.replace('\'', r"'\''").replace('%', "%%")] {
        told = told.replace(&text, "FOLDER");
    }
    insta::assert_snapshot!(told.replace(env!("CARGO_BIN_EXE_tchbench"), "tchbench"));
}

/// Does at once what is submitted, as Slurm would.
const SBATCH: &str = r#"#!/usr/bin/env bash
script=${!#}
printf '<%s>' "${@:1:$#-1}" >> sbatch.log
echo >> sbatch.log
if [[ "$*" == *--array=1-3* ]]; then
    export SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3
    for SLURM_ARRAY_TASK_ID in $(cat tasks); do
        export SLURM_ARRAY_TASK_ID
        (cd / && exec bash "$script") &>> tasks.log
    done
    echo '7;cluster'
else
    (cd / && exec bash "$script") &> merge.log
    echo "$?" > merge.code
    echo '8;cluster'
fi
"#;

#[test]
fn what_is_submitted_trains_all_shards_and_merges_them() {
    let place = Place::with_sbatch(SBATCH);
    fs::write(place.folder.join("tasks"), "1 3").unwrap();
    let submit = |place: &Place| {
        place.slurm(
            "slurm smoke --submit --shards 3 --name night --device cpu --worker ./worker --results",
            &["my results", "--", "--comment=it's late"],
        )
    };
    let (code, stdout, stderr) = submit(&place);
    assert_eq!((code, stdout.as_str()), (0, "array 7, merge 8\n"), "{stderr}");
    let logs = |name: &str| {
        let folder = place.folder.to_str().unwrap().replace('%', "%%");
        format!("{folder}/my results/night.slurm/{name}.log")
    };
    let said = place.read("sbatch.log");
    let [array, merge] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    assert!(array.contains(&format!("<--output={}>", logs("%a"))), "{array}");
    assert!(merge.contains(&format!("<--output={}>", logs("merge"))), "{merge}");
    assert!(merge.contains("<--dependency=afterany:7>"), "{merge}");
    assert!([array, merge].iter().all(|line| line.contains("<--comment=it's late>")), "{said}");
    // The second task was lost.
    let merged = place.read("merge.log");
    assert_eq!(place.read("merge.code"), "22\n", "{merged}");
    assert!(merged.contains("no run is shard 2/3") && merged.contains("submit the array again"), "{merged}");

    fs::write(place.folder.join("tasks"), "1 2 3").unwrap();
    let (code, _, stderr) = submit(&place);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(place.read("merge.code"), "0\n", "{}", place.read("merge.log"));
    let tasks = place.read("tasks.log");
    assert_eq!(tasks.matches("which has begun").count(), 2, "{tasks}");
    let (records, errors) = Folder::open(&place.folder.join("my results/night")).unwrap().read_trials();
    assert!(errors.is_empty() && records.iter().all(|record| record.status.is_success()));
    assert_eq!(place.read("log").lines().count(), records.len(), "each trial is trained once");
}

#[test]
fn what_cannot_be_submitted_says_why() {
    let place = Place::with_sbatch(
        "#!/bin/sh\necho 'sbatch: error: invalid partition specified: nowhere' >&2\nexit 1\n",
    );
    let mut told = String::new();
    for arguments in [
        "slurm smoke",
        "slurm smoke --shards 0",
        "slurm smoke --shards 999",
        "slurm missing --shards 2",
        "slurm smoke --shards 2 --filter nothing",
        "slurm smoke --shards 2 -- long",
        "slurm smoke --shards 2 -- --time=10 --array=1-2%1",
        "slurm smoke --shards 2 -- --wait",
        "slurm smoke --shards 2 --name night --submit -- --partition=nowhere",
    ] {
        let (code, stdout, stderr) = place.slurm(arguments, &[]);
        assert_eq!(stdout, "");
        told += &format!("$ tchbench {arguments}\n{stderr}[{code}]\n\n");
    }
    insta::assert_snapshot!(told);
    // Nothing was trained.
    let (code, _, stderr) = place.call("bash", &["results/night.slurm/merge.sh"]);
    assert_eq!((code, stderr.as_str()), (22, "no task has begun; the logs of the array say why\n"));
}
