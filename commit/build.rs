//! Asks git for the commit, and whether the program's source files are as committed.
//!
//! Cargo runs this when one of these files changes. While they are as committed, another commit of the same files makes
//! no difference, so it does not run for that: what it said stays true. While they are not, it also runs once they
//! are committed.

use std::path::Path;
use std::process::Command;

/// What decides the program, from the folder of the repository.
const SOURCES: [&str; 6] = ["harness", "commit", "build.rs", "Cargo.toml", "Cargo.lock", ".cargo"];

fn main() {
    let root = Path::new("..");
    for source in SOURCES.map(|source| root.join(source)) {
        run_again_for(&source);
    }
    // Sources that lie in a repository without being part of it have none of its commits.
    let is_tracked = git(&["ls-files", "--error-unmatch", "Cargo.toml"]).is_some();
    let Some(commit) = git(&["rev-parse", "--verify", "HEAD"]).filter(|_| is_tracked) else { return };
    println!("cargo:rustc-env=TCHBENCH_COMMIT={commit}");
    let status = ["status", "--porcelain", "--untracked-files=normal", "--"];
    if git(&[&status[..], &SOURCES].concat()).is_some_and(|changes| changes.is_empty()) {
        return;
    }
    println!("cargo:rustc-env=TCHBENCH_CHANGED=yes");
    let branch = git(&["rev-parse", "--symbolic-full-name", "HEAD"]);
    for name in ["HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            run_again_for(&root.join(path));
        }
    }
}

/// Has cargo run this when a file changes. One that is not there would count as changed every time.
fn run_again_for(path: &Path) {
    if path.exists() {
        println!("cargo:rerun-if-changed={}", path.display());
    }
}

/// Returns what git says; `None` where there is no git, no repository or no commit. The repository may be another
/// user's, as in a container, and what a hook's git sets is of another repository.
fn git(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    let options = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "--no-optional-locks"];
    let output = command.current_dir("..").args(options).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned())
}
