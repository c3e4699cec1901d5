//! Since which commit a case is slower, less accurate, or of other bits: `git bisect`, driven by measurements.

mod checkout;
mod judge;
mod train;

use std::path::PathBuf;

pub use checkout::BuildRecipe;
pub use judge::Criterion;

use super::datasets;
use super::exit::{Exit, Failure};
use super::git::Repository;
use super::options::compute::Compute;
use super::options::folders::DataFolder;
use super::session::Session;
use super::suites::trials;
use super::workers::Workers;
use crate::analysis::{Bisection, CommitOutcome, TriedCommit};
use crate::compare::{PairedRatio, Terms};
use crate::recipe::{Name, Trial};
use crate::runner::{Datasets, Launcher};
use crate::suite::case::Suite;
use crate::terminal::tell;
use checkout::{Built, Checkout};
use judge::{Judge, LOOKS, Opinion, TrialRoom};

/// What is bisected, and how.
pub struct BisectPlan {
    /// A folder of the repository.
    pub folder: PathBuf,
    /// A commit that is as it should be.
    pub good: String,
    /// A later one that is not.
    pub bad: String,
    /// What tells them apart.
    pub criterion: Criterion,
    /// How a commit becomes a program.
    pub recipe: BuildRecipe,
    /// How long two programs are measured before they are looked at, in seconds.
    pub seconds: f64,
    /// On what terms accuracy is compared.
    pub terms: Terms,
}

impl BisectPlan {
    /// Tries commits until the first bad one is found, in a working tree of its own. Each is told on stderr. `compute` says
    /// where the one case of the suites is computed.
    ///
    /// # Errors
    /// Fails if git refuses, if an end does not build or compute, if both ends are no different, or if it is interrupted.
    pub fn search(
        self,
        suites: Vec<Suite>,
        compute: &Compute,
        data: &DataFolder,
    ) -> Result<Bisection, Failure> {
        let repository = Repository::of(&self.folder)?;
        let [good, bad] = self.ends(&repository)?;
        let count = repository.git(&["rev-list", "--count", &bad, &format!("^{good}")])?;
        let steps = count.parse::<usize>().unwrap_or(1).max(1).ilog2() as usize + 3;
        let mut checkout = Checkout::add(&repository, &bad, self.recipe.clone())?;
        let workers = Workers::new(Some(&checkout.program(&good)))?;
        for (end, commit) in [("bad", &bad), ("good", &good)] {
            tell!("building the {end} commit {}", named(&repository, commit)?);
            if let Built::Failed(why) = checkout.build(commit)? {
                workers.check_uninterrupted()?;
                return Err(Failure::new(Exit::BadInput, format!("the {end} commit {commit}: {why}")));
            }
        }
        let session = Session::begin(compute, suites, &workers)?;
        let case = BisectedCase::of(&session, data)?;
        let room = TrialRoom {
            trials: &case.trials,
            environment: session.environment,
            datasets: &case.datasets,
            workers: &workers,
            seconds: self.seconds,
            terms: self.terms,
            looks: steps * LOOKS,
        };
        let mut search = Search { repository, checkout, room, good, tried: Vec::new() };
        let first_bad = search.run(&bad, self.criterion)?;
        let ratio = search.ratio_to_parent(&first_bad, self.criterion)?;
        let Search { checkout, tried, .. } = search;
        Ok(Bisection { case: case.name, tried, builds: checkout.builds(), first_bad, ratio })
    }

    /// Returns the hashes of both ends.
    fn ends(&self, repository: &Repository) -> Result<[String; 2], Failure> {
        let hash = |commit: &str| {
            repository.git(&["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{commit}}")])
        };
        let ends = [hash(&self.good)?, hash(&self.bad)?];
        if ends[0] == ends[1] {
            let message = format!("--good {} and --bad {} are one commit", self.good, self.bad);
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(ends)
    }
}

/// The case on which programs are tried.
struct BisectedCase {
    name: String,
    trials: Vec<Trial>,
    datasets: Datasets,
}

impl BisectedCase {
    fn of(session: &Session, data: &DataFolder) -> Result<Self, Failure> {
        let names: Vec<(&Name, &Name)> = session
            .suites
            .iter()
            .flat_map(|suite| suite.cases.iter().map(|case| (&suite.name, &case.name)))
            .collect();
        let [(suite, case)] = names.as_slice() else {
            let message = format!("{} cases are selected; choose one by --filter", names.len());
            return Err(Failure::new(Exit::Usage, message));
        };
        Ok(BisectedCase {
            name: format!("{suite}/{case}"),
            trials: trials(&session.suites, session.environment),
            datasets: datasets::load(&session.suites, data)?,
        })
    }
}

/// A search that is under way.
struct Search<'a> {
    repository: Repository,
    checkout: Checkout,
    room: TrialRoom<'a>,
    good: String,
    tried: Vec<TriedCommit>,
}

impl Search<'_> {
    /// Returns the first bad commit, or those of which it is one.
    fn run(&mut self, bad: &str, criterion: Criterion) -> Result<Vec<String>, Failure> {
        let good = self.launcher(&self.good);
        let (mut judge, opinion) = Judge::begin(criterion, &self.room, [&good, &self.launcher(bad)])?;
        let known = Opinion { outcome: CommitOutcome::Good, ratio: None, reason: String::new() };
        self.note(&self.good.clone(), known)?;
        self.note(bad, opinion)?;
        let mut answer = self.checkout.tree().bisect(&["start", bad, &self.good])?;
        loop {
            if let Some(first_bad) = answer.first_bad {
                return Ok(first_bad);
            }
            let commit = self.checkout.tree().git(&["rev-parse", "HEAD"])?;
            tell!("building {}", named(&self.repository, &commit)?);
            let built = self.checkout.build(&commit)?;
            self.room.workers.check_uninterrupted()?;
            let opinion = match built {
                Built::Program(program) => judge.judge(&self.room, &good, &Launcher::new(program))?,
                Built::Failed(reason) => Opinion { outcome: CommitOutcome::Skipped, ratio: None, reason },
            };
            let word = opinion.outcome.word();
            self.note(&commit, opinion)?;
            answer = self.checkout.tree().bisect(&[word])?;
        }
    }

    fn launcher(&self, commit: &str) -> Launcher {
        Launcher::new(self.checkout.program(commit))
    }

    /// Keeps what was found of a commit, and tells it.
    fn note(&mut self, commit: &str, opinion: Opinion) -> Result<(), Failure> {
        let Opinion { outcome, ratio, reason } = opinion;
        let name = named(&self.repository, commit)?;
        let time = ratio.map(|it| format!(", time {:.4} ({:.4} to {:.4})", it.ratio, it.low, it.high));
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        tell!("{}: {name}{}{why}", outcome.word(), time.unwrap_or_default());
        let subject = subject(&self.repository, commit)?;
        self.tried.push(TriedCommit { id: commit.to_owned(), subject, outcome, ratio, reason });
        Ok(())
    }

    /// Returns the time of the first bad commit in units of its parent's; `None` if it is one of several, if it was not
    /// time that was asked about, or if its parent does not build.
    fn ratio_to_parent(
        &mut self,
        first_bad: &[String],
        criterion: Criterion,
    ) -> Result<Option<PairedRatio>, Failure> {
        let ([commit], Criterion::Throughput) = (first_bad, criterion) else { return Ok(None) };
        let parent = self.repository.git(&["rev-parse", "--verify", &format!("{commit}^")])?;
        let Built::Program(parent) = self.checkout.build(&parent)? else { return Ok(None) };
        let programs = [&Launcher::new(parent), &self.launcher(commit)];
        // It is looked at once, and is one interval.
        let room = TrialRoom { looks: 1, terms: self.room.terms.clone(), ..self.room };
        Ok(room.measure(programs, 2, |_| false)?.ok())
    }
}

/// Returns a commit's beginning with the first line of its message.
fn named(repository: &Repository, commit: &str) -> Result<String, Failure> {
    let subject = subject(repository, commit)?;
    Ok(format!("{} ({subject})", commit.get(..12).unwrap_or(commit)))
}

fn subject(repository: &Repository, commit: &str) -> Result<String, Failure> {
    repository.git(&["log", "-1", "--format=%s", commit])
}
