//! Datasets by name, with an error that says which there are.

use super::Error;
pub use crate::recipe::datasets::{ALL, Entry, File, find};

/// Returns the dataset of this name, or an error that names the nearest.
///
/// # Errors
/// Returns an error that names the nearest dataset if none has this name.
pub fn require(name: &str) -> Result<&'static Entry, Error> {
    find(name).ok_or_else(|| Error::Unknown {
        name: name.to_owned(),
        nearest: nearest(name),
        known: ALL.iter().map(|entry| format!("`{}`", entry.name)).collect::<Vec<_>>().join(", "),
    })
}

/// Returns the name most similar to `name`, if any is similar.
pub fn nearest(name: &str) -> Option<&'static str> {
    ALL.iter()
        .map(|entry| (strsim::jaro_winkler(name, entry.name), entry.name))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_names_the_nearest() {
        assert_eq!(
            require("fasion-mnist").unwrap_err().to_string(),
            "unknown dataset `fasion-mnist`, did you mean `fashion-mnist`; \
             there are `fashion-mnist`, `glyphs`, `mnist`"
        );
        assert_eq!(
            require("cifar").unwrap_err().to_string(),
            "unknown dataset `cifar`; there are `fashion-mnist`, `glyphs`, `mnist`"
        );
    }

    #[test]
    fn digests_are_known_without_opening_anything() {
        for entry in ALL {
            let digests = entry.digests();
            assert_eq!(digests.len(), 4);
            assert!(digests.values().all(|digest| digest.len() == 64), "{}", entry.name);
        }
    }
}
