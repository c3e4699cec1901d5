//! What git says of a repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::exit::{Exit, Failure};
use crate::event::Commit;

/// A repository, by the folder of its working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    folder: PathBuf,
}

/// Variables that a hook's git sets. They would name another repository than the one that a folder lies in.
const OF_ANOTHER: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

impl Repository {
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
    pub fn git(&self, arguments: &[&str]) -> Result<String, Failure> {
        let failed = |why: &str| {
            let words = arguments.join(" ");
            let message = format!("{}: `git {words}` failed: {why}", self.folder.display());
            Failure::new(Exit::BadInput, message)
        };
        let mut command = Command::new("git");
        for name in OF_ANOTHER {
            command.env_remove(name);
        }
        command.arg("--no-optional-locks").args(arguments).current_dir(&self.folder);
        let output = command.output().map_err(|error| failed(&error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim()));
        }
        let text = String::from_utf8(output.stdout).map_err(|error| failed(&error.to_string()))?;
        Ok(text.trim_end_matches('\n').to_owned())
    }
}
