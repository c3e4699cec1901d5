//! Which commit of the user's own results are of.

use std::path::PathBuf;

use crate::app::git::Repository;
use crate::app::suites;
use crate::event::Commit;
use crate::terminal::tell;

/// Which commit of the user's own results are of.
#[derive(Clone, Debug, clap::Args)]
pub struct CommitOption {
    /// The commit that records name besides the program's own [default: that of the git repository in which the
    /// suite lies]
    #[arg(id = "commit", long = "commit", value_name = "COMMIT", value_parser = id)]
    id: Option<String>,
}

/// Reads the name of a commit, in whatever system.
fn id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_graphic();
    if (1..=100).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("give a commit's hash or name: at most 100 characters, without spaces".to_owned())
    }
}

impl CommitOption {
    /// Returns the commit that is named, else that of the repository in which these suites lie; without names, that of
    /// the suites' folder. Returns `None` if they lie in no repository, or in several.
    pub fn of(&self, suites: &[PathBuf]) -> Option<Commit> {
        if let Some(id) = &self.id {
            return Some(Commit { id: id.clone(), clean: None });
        }
        let folders = suites::folders(suites);
        let mut commits: Vec<Option<Commit>> =
            folders.iter().map(|folder| Repository::of(folder).ok()?.head().ok()).collect();
        commits.dedup();
        match commits.as_slice() {
            [commit] => commit.clone(),
            [] => None,
            _ => {
                tell!(
                    "note: the suites lie in several repositories; records name no commit but that of --commit"
                );
                None
            }
        }
    }
}
