//! The folder of one run: `run.json`, `lock`, and each trial's record and events below `trials`.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::file::{make_folder, read, write, write_compact};
use super::lock::{Lock, can_be_told};
use super::measurement::Measurement;
use super::names::{INSPECT, LOCK, ROBUSTNESS, RUN, THROUGHPUT, TRIALS, is_checkpoint, is_temporary};
use super::run::Run;
use super::trial::TrialRecord;
use crate::listing::{self, list_all};
use crate::recipe::Name;
use crate::recipe::datasets::BUILT_INS;

/// The folder of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// The run that was made last.
#[derive(Debug)]
pub struct Latest {
    /// The folder of that run.
    pub folder: Folder,
    /// When that run began.
    pub began: jiff::Timestamp,
    /// Why other runs, which may be later, cannot be read.
    pub unreadable: Vec<Error>,
}

impl Folder {
    /// Creates a new folder in `root`, which is created if it is missing: `name`, or `name-2`, `name-3` and
    /// so on if that is taken.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn create(root: &Path, name: &str) -> Result<Self, Error> {
        let mut free = Folder::create_named(root, name)?;
        let mut number = 2u32;
        loop {
            match free {
                Some(folder) => return Ok(folder),
                None => free = Folder::create_named(root, &format!("{name}-{number}"))?,
            }
            number += 1;
        }
    }

    /// Creates a new folder in `root`, which is created if it is missing. Returns `None` if the name is
    /// taken.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn create_named(root: &Path, name: &str) -> Result<Option<Self>, Error> {
        can_be_told(root)?;
        make_folder(root).map_err(Error::write(root))?;
        let path = root.join(name);
        match fs::create_dir(&path) {
            Ok(()) => Ok(Some(Folder { path })),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(Error::write(&path)(error)),
        }
    }

    /// Returns the folder of this name in `root`, in which a run may have begun; it is created if it is missing.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn named(root: &Path, name: &str) -> Result<Self, Error> {
        let new = Folder::create_named(root, name)?;
        Ok(new.unwrap_or_else(|| Folder { path: root.join(name) }))
    }

    /// Returns whether a run has begun here.
    pub fn has_begun(&self) -> bool {
        self.path.join(RUN).is_file()
    }

    /// Returns the folder of a run that has begun.
    ///
    /// # Errors
    /// Fails if there is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if !path.join(RUN).is_file() {
            return Err(Error::NoRun { path: path.to_owned() });
        }
        Ok(Folder { path: path.to_owned() })
    }

    /// Returns the run in `root` that began last, by what the `run.json`s say.
    ///
    /// # Errors
    /// Fails if there is none that can be read.
    pub fn latest(root: &Path) -> Result<Latest, Error> {
        let mut runs = Vec::new();
        let mut unreadable = Vec::new();
        for folder in Folder::all(root)? {
            match folder.read_run() {
                Ok(run) => runs.push((run.began, folder)),
                Err(error) => unreadable.push(error),
            }
        }
        // Of those that began at once, the last by name.
        match runs.into_iter().max_by_key(|(began, _)| *began) {
            Some((began, folder)) => Ok(Latest { folder, began, unreadable }),
            None => Err(unreadable.pop().unwrap_or_else(|| Error::NoRuns { path: root.to_owned() })),
        }
    }

    /// Returns the runs in `root`, by name.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn all(root: &Path) -> Result<Vec<Self>, Error> {
        if !root.exists() {
            return Ok(Vec::new());
        }
        let runs = list(root)?.into_iter().filter(|path| path.join(RUN).is_file());
        Ok(runs.map(|path| Folder { path }).collect())
    }

    /// Returns the run that a user means: `latest` in `root`, a name in `root`, or a path.
    ///
    /// # Errors
    /// Fails if there is no such run.
    pub fn find(root: &Path, run: &str) -> Result<Self, Error> {
        match run {
            "latest" => Ok(Folder::latest(root)?.folder),
            _ if root.join(run).is_dir() => Folder::open(&root.join(run)),
            _ => Folder::open(Path::new(run)),
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder's own name.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Returns the name of a run that begins here.
    ///
    /// # Errors
    /// Fails if the folder is called so that it cannot be a run's name.
    pub fn run_name(&self) -> Result<Name, Error> {
        self.name().parse().map_err(|source| Error::Name { path: self.path.clone(), source })
    }

    /// Keeps other processes from writing to this folder until the lock is dropped, and clears away what a
    /// killed one left half-written.
    ///
    /// # Errors
    /// Fails if another process writes to it, or if it cannot be written.
    pub fn lock(&self) -> Result<Lock, Error> {
        let lock = Lock::take(&self.path)?;
        for folder in std::iter::once(self.path.clone())
            .chain(self.case_folders(TRIALS)?)
            .chain(self.case_folders(THROUGHPUT)?)
            .chain(self.case_folders(ROBUSTNESS)?)
            .chain(Some(self.path.join(INSPECT)).filter(|folder| folder.is_dir()))
        {
            for path in list_all(&folder).map_err(Error::read(&folder))? {
                if is_temporary(&path) {
                    fs::remove_file(&path).map_err(Error::write(&path))?;
                }
            }
        }
        Ok(lock)
    }

    /// Takes a folder away in which no run has begun. What others put there stays, and the folder with it.
    pub fn remove_unstarted(&self) {
        if !self.path.join(RUN).exists() {
            // What cannot be taken away hurts nobody.
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }

    /// Returns where a trial's record is or will be.
    pub fn record_path(&self, suite: &str, case: &str, seed: u64) -> PathBuf {
        self.path.join(TRIALS).join(suite).join(case).join(format!("{seed}.json"))
    }

    /// Returns where a trial's events are or will be.
    pub fn events_path(&self, suite: &str, case: &str, seed: u64) -> PathBuf {
        self.record_path(suite, case, seed).with_extension("jsonl")
    }

    /// Returns where a measurement of a case's throughput is or will be; `attempt` counts from 1.
    pub fn measurement_path(&self, suite: &str, case: &str, attempt: u32) -> PathBuf {
        self.path.join(THROUGHPUT).join(suite).join(case).join(format!("{attempt}.json"))
    }

    /// Returns the number, from 1, of the next measurement of a case's throughput.
    pub fn next_attempt(&self, suite: &str, case: &str) -> u32 {
        let taken = |attempt: &u32| self.measurement_path(suite, case, *attempt).exists();
        1 + (1..u32::MAX).take_while(taken).last().unwrap_or(0)
    }

    /// Writes a measurement to its place.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write_measurement(&self, measurement: &Measurement) -> Result<(), Error> {
        let Measurement { trial, attempt, .. } = measurement;
        write_compact(&self.measurement_path(&trial.suite, &trial.case, *attempt), measurement)
    }

    /// Removes the file of a measurement.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn remove_measurement(&self, measurement: &Measurement) -> Result<(), Error> {
        let Measurement { trial, attempt, .. } = measurement;
        let path = self.measurement_path(&trial.suite, &trial.case, *attempt);
        fs::remove_file(&path).map_err(Error::write(&path))
    }

    /// Reads all measurements, ordered by suite, case and attempt, and why some cannot be read.
    pub fn read_measurements(&self) -> (Vec<Measurement>, Vec<Error>) {
        let (mut measurements, errors) = self.read_all(THROUGHPUT, Folder::read_measurement);
        measurements.sort_by(|a, b| (a.trial.order(), a.attempt).cmp(&(b.trial.order(), b.attempt)));
        (measurements, errors)
    }

    fn read_measurement(&self, path: &Path) -> Result<Measurement, Error> {
        let measurement: Measurement = read(path)?;
        let Measurement { trial, attempt, .. } = &measurement;
        if self.measurement_path(&trial.suite, &trial.case, *attempt) != path {
            let holds = format!("{}/{}/{attempt}", trial.suite, trial.case);
            return Err(Error::Misplaced { path: path.to_owned(), holds });
        }
        Ok(measurement)
    }

    /// Writes a run's plan, `run.json`.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write_run(&self, run: &Run) -> Result<(), Error> {
        write(&self.path.join(RUN), run)
    }

    /// Reads the run's plan, `run.json`.
    ///
    /// # Errors
    /// Fails if the file cannot be read or believed.
    pub fn read_run(&self) -> Result<Run, Error> {
        let mut run: Run = read(&self.path.join(RUN))?;
        for suite in &mut run.suites {
            // Runs that only measure held no datasets before there were others.
            let built_in = BUILT_INS.iter().map(|manifest| (manifest.name.clone(), manifest.content.clone()));
            suite.datasets = built_in.chain(run.datasets.clone()).collect();
            suite.datasets = suite.used_datasets().collect();
        }
        Ok(run)
    }

    /// Writes a trial's record to its place.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write_trial(&self, record: &TrialRecord) -> Result<(), Error> {
        let trial = &record.trial;
        write(&self.record_path(&trial.suite, &trial.case, trial.seed), record)
    }

    /// Reads a trial's record. Returns `None` if there is none yet.
    ///
    /// # Errors
    /// Fails if the file cannot be read or believed.
    pub fn read_trial(&self, suite: &str, case: &str, seed: u64) -> Result<Option<TrialRecord>, Error> {
        let path = self.record_path(suite, case, seed);
        if !path.try_exists().map_err(Error::read(&path))? {
            return Ok(None);
        }
        self.read_record(&path).map(Some)
    }

    /// Reads all records. Returns them ordered by suite, case and seed, and beside them why some cannot be read:
    /// a record whose content is not what its digest states is an error, not a result.
    ///
    /// # Examples
    /// ```
    /// use std::path::Path;
    /// use tchbench::analysis::{group, summary};
    /// use tchbench::metrics::Metric;
    /// use tchbench::record::Folder;
    ///
    /// let folder = Folder::open(Path::new("results/published/experiment-b"))?;
    /// let (records, errors) = folder.read_trials();
    /// assert!(errors.is_empty());
    ///
    /// for group in group(&[folder.read_run()?], &records) {
    ///     let accuracy = summary(Metric::TEST_ACCURACY, &group).expect("it was tested");
    ///     println!("{}: {:.4} over {} seeds", group.label, accuracy.mean, accuracy.count);
    /// }
    /// # Ok::<(), tchbench::record::Error>(())
    /// ```
    pub fn read_trials(&self) -> (Vec<TrialRecord>, Vec<Error>) {
        let (mut records, errors) = self.read_all(TRIALS, Folder::read_record);
        records.sort_by(|a, b| a.trial.order().cmp(&b.trial.order()));
        (records, errors)
    }

    /// Reads all records below `kind`, and why some cannot be read.
    pub(super) fn read_all<T>(
        &self,
        kind: &str,
        read: impl Fn(&Folder, &Path) -> Result<T, Error>,
    ) -> (Vec<T>, Vec<Error>) {
        let files = self
            .case_folders(kind)
            .and_then(|folders| folders.iter().map(|folder| list(folder)).collect::<Result<Vec<_>, _>>());
        let mut files = match files {
            Ok(files) => files.concat(),
            Err(error) => return (Vec::new(), vec![error]),
        };
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.retain(|path| !is_checkpoint(path));
        let mut records = Vec::new();
        let mut errors = Vec::new();
        for path in files {
            match read(self, &path) {
                Ok(record) => records.push(record),
                Err(error) => errors.push(error),
            }
        }
        (records, errors)
    }

    fn read_record(&self, path: &Path) -> Result<TrialRecord, Error> {
        let record: TrialRecord = read(path)?;
        let trial = &record.trial;
        if self.record_path(&trial.suite, &trial.case, trial.seed) != path {
            let holds = format!("{}/{}/{}", trial.suite, trial.case, trial.seed);
            return Err(Error::Misplaced { path: path.to_owned(), holds });
        }
        Ok(record)
    }

    /// The folders of all cases below `kind`.
    fn case_folders(&self, kind: &str) -> Result<Vec<PathBuf>, Error> {
        let suites = self.path.join(kind);
        if !suites.exists() {
            return Ok(Vec::new());
        }
        let mut cases = Vec::new();
        // Half-written files are cleared away in them: a link would lead to somebody else's.
        let is_ours = |path: &PathBuf| path.is_dir() && !path.is_symlink();
        for suite in list(&suites)?.iter().filter(|path| is_ours(path)) {
            cases.extend(list(suite)?.into_iter().filter(is_ours));
        }
        Ok(cases)
    }
}

/// Returns the name of a run that begins now, such as `2026-11-22T134500Z-smoke`: with every suite's name
/// if they fit into a file's name, of which a hundred characters are theirs.
pub fn run_name(began: jiff::Timestamp, suites: &[&str]) -> String {
    let all = suites.join("+");
    let names = match suites {
        [first, others @ ..] if !others.is_empty() && all.len() > 100 => {
            format!("{first:.100}+{}-more", others.len())
        }
        _ => format!("{all:.100}"),
    };
    format!("{}-{names}", began.strftime(TIME))
}

const TIME: &str = "%Y-%m-%dT%H%M%SZ";

/// Returns what a folder holds of ours, in the order of names.
///
/// # Errors
/// Fails if the folder cannot be read.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    listing::list(folder).map_err(Error::read(folder))
}
