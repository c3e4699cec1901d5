//! Which datasets there are: one file and one line of the registry each.

mod entry;

pub use entry::{Entry, File};

/// Declares a file for each dataset and lists its `ENTRY`.
macro_rules! registry {
    ($($file:ident),+ $(,)?) => {
        $(mod $file;)+

        /// All datasets, by name.
        pub static ALL: &[&Entry] = &[$(&$file::ENTRY),+];
    };
}

registry! {
    fashion_mnist,
    glyphs,
    mnist,
}

/// Returns the dataset of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().copied().find(|entry| entry.name == name)
}
