//! A git repository of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository with one branch, whose commits have one author and one date: the same commits have the same hashes, and git
/// bisects them in the same way, in every run of a test.
pub struct Repository(PathBuf);

impl Repository {
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let repository = Repository(folder.to_owned());
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, file: &str, content: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }

    /// Commits everything, and returns the hash.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn shallow_clone(&self, folder: &Path) -> Self {
        let source = format!("file://{}", self.0.display());
        self.git(&["clone", "--quiet", "--depth", "1", &source, folder.to_str().unwrap()]);
        Repository(folder.to_owned())
    }

    /// What git says, in no user's settings.
    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        let author =
            ["-c", "user.name=tester", "-c", "user.email=tester@localhost", "-c", "commit.gpgsign=false"];
        command.args(author).args(arguments).current_dir(&self.0);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            command.env(name, "2026-01-01T00:00:00Z");
        }
        let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
