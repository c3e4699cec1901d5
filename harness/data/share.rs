//! A decoded dataset in anonymous memory that worker processes inherit, so that a run decodes it
//! once. Nothing is on disk, and the memory goes with the last process that holds it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use serde::{Deserialize, Serialize};

use super::values::Values;
use super::{Buffer, Dataset, Error, Split};
use crate::recipe::shape::Shape;

/// Nobody can change the memory again.
const SEALS: SealFlags =
    SealFlags::WRITE.union(SealFlags::GROW).union(SealFlags::SHRINK).union(SealFlags::SEAL);

/// Each part begins at a multiple of so many bytes.
const ALIGNMENT: usize = 8;

/// A dataset in sealed anonymous memory.
#[derive(Debug)]
pub struct Shared {
    memory: File,
    handle: Handle,
}

/// What a worker needs to open a [`Shared`] dataset, besides having inherited it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    fd: RawFd,
    name: String,
    classes: u32,
    digests: BTreeMap<String, String>,
    train: SharedSplit,
    test: SharedSplit,
}

/// Where a split lies in the memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedSplit {
    shape: Shape,
    is_float: bool,
    values: Range<usize>,
    labels: Range<usize>,
}

impl Shared {
    /// Copies a dataset into anonymous memory and seals it.
    ///
    /// # Errors
    /// Returns an error if the system gives no such memory.
    pub fn new(dataset: &Dataset) -> Result<Self, Error> {
        let failed = |reason: std::io::Error| share_error(&dataset.name, reason);
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = memfd_create(format!("tchbench-{}", dataset.name), flags);
        let mut memory = File::from(memory.map_err(|errno| share_error(&dataset.name, advice(errno)))?);
        let mut end = 0usize;
        let mut append = |bytes: &[u8]| -> Result<Range<usize>, Error> {
            let gap = end.next_multiple_of(ALIGNMENT) - end;
            memory.write_all(&[0; ALIGNMENT][..gap]).map_err(failed)?;
            memory.write_all(bytes).map_err(failed)?;
            let start = end + gap;
            end = start + bytes.len();
            Ok(start..end)
        };
        let mut part = |split: &Split| -> Result<SharedSplit, Error> {
            let (is_float, bytes) = match &split.values {
                Values::Bytes(bytes) => (false, bytes.as_bytes()),
                Values::Floats(floats) => (true, floats.as_bytes()),
            };
            Ok(SharedSplit {
                shape: split.shape,
                is_float,
                values: append(bytes)?,
                labels: append(split.labels.as_bytes())?,
            })
        };
        let train = part(&dataset.train)?;
        let test = part(&dataset.test)?;
        seal(&memory).map_err(failed)?;
        let handle = Handle {
            fd: memory.as_raw_fd(),
            name: dataset.name.clone(),
            classes: dataset.classes,
            digests: dataset.digests.clone(),
            train,
            test,
        };
        Ok(Shared { memory, handle })
    }

    /// Lets every process started from now on, by any thread, inherit the memory.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub fn let_children_inherit(&self) -> Result<(), Error> {
        fcntl_setfd(&self.memory, FdFlags::empty()).map_err(|errno| share_error(&self.handle.name, errno))
    }

    /// Returns the handle by which a worker opens the shared dataset.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// Why there is no anonymous memory, and what to do.
fn advice(errno: Errno) -> String {
    match errno {
        Errno::NOSYS | Errno::PERM | Errno::INVAL => format!(
            "memfd_create: {errno}; this takes Linux 3.17 or newer, and a container or sandbox that allows that call"
        ),
        Errno::MFILE | Errno::NFILE => format!("memfd_create: {errno}; raise the limit (`ulimit -n`)"),
        errno => format!("memfd_create: {errno}"),
    }
}

/// Seals memory. The kernel refuses as long as anyone holds one of its pages, and moves pages about on its
/// own now and then: for a moment that is no error.
fn seal(memory: &File) -> std::io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let begun = Instant::now();
    loop {
        match fcntl_add_seals(memory, SEALS) {
            Err(Errno::BUSY) if begun.elapsed() < PATIENCE => sleep(Duration::from_millis(10)),
            sealed => return sealed.map_err(Into::into),
        }
    }
}

impl Handle {
    /// Maps the dataset read-only, in a process that inherited it or in the one that shared it.
    ///
    /// # Errors
    /// Returns an error if the memory is not there, not sealed, or not of this size.
    pub fn open(&self) -> Result<Dataset, Error> {
        // A descriptor of our own, so that a wrong number is an error and nothing is closed twice.
        let memory = File::open(format!("/proc/self/fd/{}", self.fd))
            .map_err(|error| share_error(&self.name, format!("descriptor {}: {error}", self.fd)))?;
        if !fcntl_get_seals(&memory).is_ok_and(|seals| seals.contains(SEALS)) {
            let reason = format!("descriptor {} is no sealed memory, was it inherited?", self.fd);
            return Err(share_error(&self.name, reason));
        }
        // SAFETY: the seals keep anyone from writing to the memory or cutting it short.
        let map = unsafe { MmapOptions::new().map(&memory) };
        let map = Arc::new(map.map_err(|error| share_error(&self.name, error))?);
        let splits = self.train.within(&map).zip(self.test.within(&map));
        let (train, test) =
            splits.ok_or_else(|| share_error(&self.name, "the memory is shorter than the dataset"))?;
        let name = self.name.clone();
        let class_names = Vec::new();
        Ok(Dataset { name, classes: self.classes, class_names, digests: self.digests.clone(), train, test })
    }
}

impl SharedSplit {
    /// Returns the split as it lies in the map. Returns `None` if the map or a part of it has another size than is said.
    fn within(&self, map: &Arc<Mmap>) -> Option<Split> {
        let values = self.values.clone();
        let values = if self.is_float {
            Values::Floats(Buffer::mapped(map, values)?)
        } else {
            Values::Bytes(Buffer::mapped(map, values)?)
        };
        let split = Split { shape: self.shape, values, labels: Buffer::mapped(map, self.labels.clone())? };
        let expected = (split.len() as u64).checked_mul(self.shape.values());
        (self.shape.values() > 0 && expected == Some(split.values.len() as u64)).then_some(split)
    }
}

fn share_error(name: &str, reason: impl std::fmt::Display) -> Error {
    Error::Share { name: name.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the kernel did once on a busy machine: a page of the memory was held just then.
    #[test]
    fn memory_that_is_held_for_a_moment_is_sealed_after_it() {
        let memory = File::from(memfd_create("held", MemfdFlags::ALLOW_SEALING).unwrap());
        memory.set_len(4096).unwrap();
        // SAFETY: nobody else knows of this memory.
        let held = unsafe { memmap2::MmapMut::map_mut(&memory) }.unwrap();
        assert_eq!(fcntl_add_seals(&memory, SEALS), Err(Errno::BUSY));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(Duration::from_millis(50));
                drop(held);
            });
            seal(&memory).unwrap();
        });
        assert!(fcntl_get_seals(&memory).unwrap().contains(SEALS));
    }
}
