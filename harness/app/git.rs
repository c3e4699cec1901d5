//! What git says of a repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::exit::{Exit, Failure};
use crate::event::Commit;

/// A repository, by the folder of its working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    folder: PathBuf,
}

/// What `git bisect` says once a commit was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BisectAnswer {
    /// The first bad commit, or those of which it is one as the others cannot be told; `None` if another commit is
    /// checked out to be judged.
    pub first_bad: Option<Vec<String>>,
}

/// What git ended with and said.
struct GitOutput {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Variables that a hook's git sets. They would name another repository than the one that a folder lies in.
const OF_ANOTHER: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

impl Repository {
    /// Returns the repository of a working tree by its folder.
    pub fn at(folder: &Path) -> Self {
        Repository { folder: folder.to_owned() }
    }

    /// Returns the folder of its working tree.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the repository that a folder lies in.
    ///
    /// # Errors
    /// Fails if there is no git, or if the folder lies in no working tree.
    pub fn of(folder: &Path) -> Result<Self, Failure> {
        let here = Repository { folder: folder.to_owned() };
        let top = here.git(&["rev-parse", "--show-toplevel"])?;
        Ok(Repository { folder: PathBuf::from(top) })
    }

    /// Returns the commit that is checked out, and whether the files that git tracks are as it has them.
    ///
    /// # Errors
    /// Fails if nothing was committed yet, or if git cannot read the repository.
    pub fn head(&self) -> Result<Commit, Failure> {
        let id = self.git(&["rev-parse", "--verify", "HEAD"])?;
        let changes = self.git(&["status", "--porcelain", "--untracked-files=no"])?;
        Ok(Commit { id, clean: Some(changes.is_empty()) })
    }

    /// Returns what git says to these arguments, without the line feed at its end.
    ///
    /// # Errors
    /// Fails if there is no git, or with what it says on stderr if it ends with another exit code than 0.
    pub fn git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, Failure> {
        let output = self.call(arguments)?;
        match output.code {
            Some(0) => Ok(output.stdout.trim_end_matches('\n').to_owned()),
            _ => Err(self.failed(arguments, &output.stderr)),
        }
    }

    /// Calls `git bisect` with these arguments.
    ///
    /// # Errors
    /// Fails if git refuses.
    pub fn bisect(&self, arguments: &[&str]) -> Result<BisectAnswer, Failure> {
        /// Its exit code where only commits are left that were skipped.
        const UNTOLD: i32 = 2;
        let arguments = [&["bisect"], arguments].concat();
        let output = self.call(&arguments)?;
        let is_hash = |word: &str| word.len() >= 40 && word.chars().all(|c| c.is_ascii_hexdigit());
        let first_word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
        let first_bad = match output.code {
            Some(0) => {
                let told = output.stdout.lines().find(|line| line.ends_with("is the first bad commit"));
                told.map(|line| vec![first_word(line)])
            }
            Some(UNTOLD) => {
                Some(output.stdout.lines().filter(|line| is_hash(line)).map(first_word).collect())
            }
            _ => return Err(self.failed(&arguments, &[output.stdout, output.stderr].concat())),
        };
        Ok(BisectAnswer { first_bad })
    }

    /// Calls git, which speaks English to programs.
    fn call<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<GitOutput, Failure> {
        let mut command = Command::new("git");
        for name in OF_ANOTHER {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").arg("--no-optional-locks").args(arguments).current_dir(&self.folder);
        let output = command.output().map_err(|error| self.failed(arguments, &error.to_string()))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(GitOutput { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) })
    }

    fn failed<S: AsRef<OsStr>>(&self, arguments: &[S], why: &str) -> Failure {
        let words: Vec<_> = arguments.iter().map(|word| word.as_ref().to_string_lossy()).collect();
        let message = format!("{}: `git {}` failed: {}", self.folder.display(), words.join(" "), why.trim());
        Failure::new(Exit::BadInput, message)
    }
}
