//! The program that runs, and the libtorch that it has loaded.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use object::{Object, read::elf::ElfFile64};
use sha2::{Digest, Sha256};
use tchbench_commit::{COMMIT, IS_CLEAN};

use crate::event::{Commit, Program};
use crate::recipe::hex;

/// Returns this program. What the system does not tell is `unknown`.
pub fn program() -> Program {
    let unknown = || "unknown".to_owned();
    Program {
        commit: COMMIT.map(|id| Commit { id: id.to_owned(), clean: Some(IS_CLEAN) }),
        digest: digest(Path::new("/proc/self/exe")).unwrap_or_else(|_| unknown()),
        libtorch_digest: loaded("libtorch_cpu.so")
            .and_then(|path| digest(&path).ok())
            .unwrap_or_else(unknown),
    }
}

/// Returns the path of a library that this process has loaded.
fn loaded(name: &str) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    // The path begins after the other fields and may hold spaces.
    let mut paths = maps.lines().filter_map(|line| Some(Path::new(line.get(line.find('/')?..)?)));
    paths.find(|path| path.file_name().is_some_and(|file| file == name)).map(Path::to_owned)
}

/// Returns the GNU build ID of an ELF file, which its linker made from its content; the SHA-256 of a file without one. To
/// hash all of libtorch takes seconds.
fn digest(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    // SAFETY: a program that runs, or a library that is loaded, is mapped already; whoever truncates it ends this process
    // in any case.
    let content = unsafe { Mmap::map(&file)? };
    let build_id = ElfFile64::<object::Endianness>::parse(&*content).ok();
    let build_id = build_id.and_then(|elf| Some(hex(elf.build_id().ok()??)));
    Ok(build_id.unwrap_or_else(|| hex(&Sha256::digest(&*content))))
}
