//! A run as a job array of Slurm: its scripts, and their submission.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::exit::{Exit, Failure};
use crate::escape::shell;
use crate::recipe::Name;
use crate::record::write_bytes;
use crate::terminal::print;

/// A run that the tasks of a job array share.
pub struct SlurmRun {
    /// The path of this program.
    pub program: String,
    /// The folder in which all jobs are run: this one.
    pub folder: String,
    /// The words after `tchbench run`, without those that say which part is trained and where it is recorded.
    pub words: Vec<String>,
    /// The number of tasks.
    pub shards: u32,
    /// How many tasks may be run at once; `None` if all may.
    pub at_once: Option<u32>,
    /// The path of the results folder, from that folder on.
    pub results: String,
    /// The name of the merged run.
    pub name: Name,
    /// What sbatch is told besides.
    pub options: Vec<String>,
}

/// What is written for a run.
pub struct SlurmScripts {
    /// The folder of the scripts and of what the jobs say.
    folder: PathBuf,
}

impl SlurmRun {
    /// Writes the scripts of the array, of the merge after it, and of what submits both, into a folder beside the runs.
    ///
    /// # Errors
    /// Fails if sbatch would not do with its options what is asked for, or if a file cannot be written.
    pub fn write(&self) -> Result<SlurmScripts, Failure> {
        self.check_options()?;
        let folder = Path::new(&self.results).join(format!("{}.slurm", self.name));
        for (name, script) in
            [("array.sh", self.array()), ("merge.sh", self.merge()), ("submit.sh", self.submit())]
        {
            write_bytes(&folder.join(name), script.as_bytes())?;
        }
        Ok(SlurmScripts { folder })
    }

    /// Checks that what sbatch is told leaves the array and the merge what they are.
    fn check_options(&self) -> Result<(), Failure> {
        let refused = |message: String| Err(Failure::new(Exit::Usage, message));
        if let Some(word) = self.options.first().filter(|word| !word.starts_with('-')) {
            return refused(format!(
                "`{word}` is no option of sbatch; give options after `--`, as in --time=2:00:00"
            ));
        }
        for option in &self.options {
            let name = option.split('=').next().unwrap_or_default();
            let instead = match name {
                _ if option.starts_with("-a") => {
                    "give --shards, and --at-once for how many tasks are run at once"
                }
                "--array" => "give --shards, and --at-once for how many tasks are run at once",
                "--wrap" => "the script is that of `tchbench run`",
                "--wait" | "-W" | "--test-only" | "--parsable" | "--no-requeue" => "leave it out",
                _ => continue,
            };
            return refused(format!("`{option}` is not passed on to sbatch: {instead}"));
        }
        Ok(())
    }

    /// The path of a file in the scripts' folder, from the root on: a job may be submitted from anywhere.
    fn path(&self, name: &str) -> String {
        let results = Path::new(&self.folder).join(&self.results);
        results.join(format!("{}.slurm", self.name)).join(name).to_string_lossy().into_owned()
    }

    /// The lines with which each script begins.
    fn head(&self, what: &str) -> String {
        format!("#!/usr/bin/env bash\n# {what}\ncd {} || exit\n", shell::word(&self.folder))
    }

    fn array(&self) -> String {
        let head = self.head(
            "One task of the array trains one shard, and goes on with what it finds of it. exec: Slurm's signals reach \
             tchbench.",
        );
        let words: Vec<String> = [self.program.as_str(), "run"]
            .into_iter()
            .chain(self.words.iter().map(String::as_str))
            .chain(["--results", &self.results, "--name", self.name.as_str()])
            .map(shell::word)
            .collect();
        format!("{head}exec {} --shard auto/{}\n", words.join(" "), self.shards)
    }

    fn merge(&self) -> String {
        let SlurmRun { shards, name, .. } = self;
        let results = shell::word(&self.results);
        let head = self.head("Makes one run of the shards that there are, and says what is missing.");
        format!(
            "{head}set --\n\
             for task in $(seq {shards}); do\n    \
                 shard={results}/{name}-$task-of-{shards}\n    \
                 if [[ -e $shard/run.json ]]; then set -- \"$@\" \"$shard\"; fi\n\
             done\n\
             if (($# == 0)); then\n    \
                 echo 'no task has begun; the logs of the array say why' >&2\n    \
                 exit {missing}\n\
             fi\n\
             {program} merge \"$@\" --results {results} --name {name}\n\
             code=$?\n\
             if ((code == {missing})); then\n    \
                 printf 'or submit the array again, which goes on: bash %q\\n' {submit} >&2\n\
             fi\n\
             exit $code\n",
            missing = Exit::Incomplete as u8,
            program = shell::word(&self.program),
            submit = shell::word(&self.path("submit.sh")),
        )
    }

    fn submit(&self) -> String {
        let SlurmRun { shards, name, .. } = self;
        let head =
            self.head("Submits the array, and the merge that begins when all of its tasks have ended.");
        let options: String = self.options.iter().map(|option| format!(" {}", shell::word(option))).collect();
        let log = |name: &str| {
            shell::word(&format!("{}/{name}", self.path("").trim_end_matches('/').replace('%', "%%")))
        };
        let at_once = self.at_once.map(|tasks| format!("%{tasks}")).unwrap_or_default();
        format!(
            "{head}array=$(sbatch --job-name={name} --output={array_log} --open-mode=append{options} \\\n    \
                 --parsable --requeue --array=1-{shards}{at_once} {array}) || exit\n\
             array=${{array%%;*}}\n\
             merge=$(sbatch --job-name={name}-merge --output={merge_log} --open-mode=append{options} \\\n    \
                 --parsable --requeue --dependency=afterany:$array {merge}) || {{\n    \
                 echo \"the array is submitted as job $array, the merge is not\" >&2\n    \
                 exit 1\n\
             }}\n\
             echo \"array $array, merge ${{merge%%;*}}\"\n",
            array_log = log("%a.log"),
            merge_log = log("merge.log"),
            array = shell::word(&self.path("array.sh")),
            merge = shell::word(&self.path("merge.sh")),
        )
    }
}

impl SlurmScripts {
    /// Returns the path of the script that submits the others.
    pub fn submit_path(&self) -> PathBuf {
        self.folder.join("submit.sh")
    }

    /// Submits the array and the merge, and prints the numbers of both jobs.
    ///
    /// # Errors
    /// Fails with what sbatch says if it refuses, or if there is none.
    pub fn submit(&self) -> Result<(), Failure> {
        let path = self.submit_path();
        let failed = |why: &str| {
            let message = format!("{}: nothing can be submitted: {}", path.display(), why.trim());
            Failure::new(Exit::BadInput, message)
        };
        let output = Command::new("bash").arg(&path).output().map_err(|error| failed(&error.to_string()))?;
        if !output.status.success() {
            return Err(failed(&String::from_utf8_lossy(&output.stderr)));
        }
        print(&String::from_utf8_lossy(&output.stdout));
        Ok(())
    }
}
