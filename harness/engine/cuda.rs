//! CUDA, loaded into the process where it is asked for.

use std::path::{Path, PathBuf};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

use super::error::Error;
use super::shim;

/// What compiles kernels for cuDNN, and what it needs for that. It looks for the second by its bare name
/// and does not find it in a wheel; where it is loaded already it need not look.
const COMPILERS: [&str; 2] = ["libnvrtc.so.13", "libnvrtc-builtins.so.13.0"];

/// Loads libtorch's CUDA, its compilers before it: without them it is the machine that decides which
/// convolutions cuDNN can choose from.
///
/// # Errors
/// A library that is there and cannot be loaded; a libtorch without CUDA.
pub fn load() -> Result<(), Error> {
    let folder = shim::folder();
    compilers(&folder).iter().try_for_each(|path| open(path))?;
    open(&folder.join("libtorch_cuda.so"))
}

/// Those compilers that came with libtorch: beside it, or in the wheels that its own wheel needs.
fn compilers(libtorch: &Path) -> Vec<PathBuf> {
    let folders = [libtorch.to_owned(), libtorch.join("../../nvidia/cu13/lib")];
    let path = |name| folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());
    COMPILERS.into_iter().filter_map(path).collect()
}

/// Loads a library for good, its symbols for all that are loaded later.
fn open(path: &Path) -> Result<(), Error> {
    // SAFETY: NVIDIA's and libtorch's libraries may be loaded at any time.
    match unsafe { Library::open(Some(path), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            let _for_good = library.into_raw();
            Ok(())
        }
        Err(error) => Err(Error::NoCuda(reason(&error))),
    }
}

/// Returns what the system says of a library that cannot be loaded, or of a name that it lacks.
pub(super) fn reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn compilers_are_found_beside_libtorch_and_in_its_wheels() {
        let root = tempfile::tempdir().unwrap();
        let libtorch = root.path().join("torch/lib");
        let wheel = root.path().join("nvidia/cu13/lib");
        fs::create_dir_all(&libtorch).unwrap();
        assert!(compilers(&libtorch).is_empty());
        fs::create_dir_all(&wheel).unwrap();
        COMPILERS.iter().for_each(|name| fs::write(wheel.join(name), "").unwrap());
        let found = compilers(&libtorch);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|path| path.canonicalize().unwrap().starts_with(&wheel)), "{found:?}");
        fs::write(libtorch.join(COMPILERS[0]), "").unwrap();
        assert_eq!(compilers(&libtorch)[0], libtorch.join(COMPILERS[0]));
    }

    #[test]
    fn a_library_that_cannot_be_loaded_is_named() {
        let root = tempfile::tempdir().unwrap();
        let broken = root.path().join(COMPILERS[0]);
        fs::write(&broken, "no library").unwrap();
        let told = open(&broken).unwrap_err().to_string();
        assert!(told.contains(&broken.display().to_string()) && told.contains("--device cpu"), "{told}");
    }
}
