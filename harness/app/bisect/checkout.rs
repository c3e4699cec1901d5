//! A working tree of its own, in which commits are checked out and built.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::app::exit::{Exit, Failure};
use crate::app::git::Repository;

/// A working tree beside the user's, which stays as it is, and the programs that were built in it.
pub struct Checkout {
    user: Repository,
    tree: Repository,
    /// Holds the working tree and the programs.
    place: TempDir,
    recipe: BuildRecipe,
    builds: usize,
}

/// How a commit becomes a program.
#[derive(Clone, Debug)]
pub struct BuildRecipe {
    /// The words of the command, which runs in the folder of the working tree.
    pub command: Vec<OsString>,
    /// Where it leaves the program, from the folder of the working tree.
    pub program: PathBuf,
}

/// What became of a commit.
pub enum Built {
    /// Its program, which stays there when others are built.
    Program(PathBuf),
    /// Why there is none.
    Failed(String),
}

impl Checkout {
    /// Adds a working tree of a commit to the user's repository.
    ///
    /// # Errors
    /// Fails if there is no place for it, or if git refuses.
    pub fn add(user: &Repository, commit: &str, recipe: BuildRecipe) -> Result<Self, Failure> {
        let failed = |error| Failure::new(Exit::Internal, format!("no folder for a working tree: {error}"));
        let place = tempfile::Builder::new().prefix("tchbench-bisect-").tempdir().map_err(failed)?;
        fs::create_dir(place.path().join(PROGRAMS)).map_err(failed)?;
        let tree = place.path().join("tree");
        let path = tree.to_str().ok_or_else(|| {
            Failure::new(Exit::BadInput, format!("{}: the path is not UTF-8; set TMPDIR", tree.display()))
        })?;
        user.git(&["worktree", "add", "--quiet", "--detach", path, commit])?;
        let tree = Repository::at(&tree);
        Ok(Checkout { user: user.clone(), tree, place, recipe, builds: 0 })
    }

    /// Returns the working tree.
    pub fn tree(&self) -> &Repository {
        &self.tree
    }

    /// Returns how many times the command was run.
    pub fn builds(&self) -> usize {
        self.builds
    }

    /// Returns where the program of a commit is or will be.
    pub fn program(&self, commit: &str) -> PathBuf {
        self.place.path().join(PROGRAMS).join(commit)
    }

    /// Builds the program of a commit, unless it was built before. The commit is checked out if it is not.
    ///
    /// # Errors
    /// Fails if git cannot check it out, or if the system cannot run the command or keep the program.
    pub fn build(&mut self, commit: &str) -> Result<Built, Failure> {
        let kept = self.program(commit);
        if kept.is_file() {
            return Ok(Built::Program(kept));
        }
        if self.tree.git(&["rev-parse", "HEAD"])? != commit {
            self.tree.git(&["checkout", "--quiet", "--detach", commit])?;
        }
        let Some((word, arguments)) = self.recipe.command.split_first() else {
            return Err(Failure::new(Exit::Usage, "give the command that builds a commit after `--`"));
        };
        self.builds += 1;
        let mut command = Command::new(word);
        command.args(arguments).current_dir(self.tree.folder());
        let failed = |error| Failure::new(Exit::Usage, format!("{}: {error}", word.display()));
        let output = command.output().map_err(failed)?;
        let built = self.take(output, kept);
        // The next commit must meet neither what a build writes over, such as Cargo.lock, nor what it adds.
        self.tree.git(&["reset", "--quiet", "--hard"])?;
        self.tree.git(&["clean", "--quiet", "--force", "-d"])?;
        built
    }

    /// Takes what a build left as the program to a place of its own: it is not there to be taken for that of the next commit,
    /// whose build may leave none.
    fn take(&self, build: Output, place: PathBuf) -> Result<Built, Failure> {
        if !build.status.success() {
            let said = [build.stdout, build.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
            return Ok(Built::Failed(format!("does not build ({}): {}", build.status, last.trim())));
        }
        let program = self.tree.folder().join(&self.recipe.program);
        if !program.is_file() {
            let path = self.recipe.program.display();
            return Ok(Built::Failed(format!("its build leaves no {path}; name the program by --program")));
        }
        fs::copy(&program, &place)
            .and_then(|_| fs::remove_file(&program))
            .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", program.display())))?;
        Ok(Built::Program(place))
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // Without its folder, the next `git worktree prune` forgets it.
        let _ = self.user.git(&[
            OsStr::new("worktree"),
            OsStr::new("remove"),
            OsStr::new("--force"),
            self.tree.folder().as_os_str(),
        ]);
    }
}

const PROGRAMS: &str = "programs";
