//! Which datasets there are. Each has a manifest; those of the embedded and the public ones are part of the program: one
//! file and one line of the registry each.

mod catalogue;
mod manifest;
mod read;

use std::sync::{Arc, LazyLock};

pub use catalogue::{Catalogue, canonical_name};
pub use manifest::{File, HeldOut, Manifest, SplitFiles};
pub use read::{ManifestError, read};

/// The manifests that are part of the program.
const BUILT_IN: [(&str, &str); 4] = [
    ("fashion-mnist.toml", include_str!("fashion-mnist.toml")),
    ("glyphs.toml", include_str!("glyphs.toml")),
    ("mnist.toml", include_str!("mnist.toml")),
    ("order.toml", include_str!("order.toml")),
];

/// The datasets that every program knows, by name.
pub static BUILT_INS: LazyLock<Vec<Arc<Manifest>>> = LazyLock::new(|| {
    // A test reads each.
    BUILT_IN.iter().filter_map(|(file, text)| read(text, file, None).ok()).map(Arc::new).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_manifest_is_sound() {
        for (file, text) in BUILT_IN {
            let manifest = read(text, file, None).unwrap();
            assert_eq!(format!("{}.toml", manifest.name), file);
            assert!(manifest.content.values().all(|digest| digest.len() == 64), "{file}");
        }
        assert_eq!(BUILT_INS.len(), BUILT_IN.len());
    }

    #[test]
    fn what_is_written_is_read() {
        for (file, text) in BUILT_IN {
            let manifest = read(text, file, None).unwrap();
            let written = manifest.to_toml();
            assert_eq!(read(&written, file, None).unwrap(), manifest, "{written}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_with_its_place() {
        let text = "schema = 2\nname = \"Two Words\"\nformat = 7\nimage = [1, 0, 28]\nclasses = 0\n[train]\nsamples = 3\n\
                    files = [{ path = \"a\", sha256 = \"xyz\" }]\n[test]\nsamples = 1\nextra = 1\n[content]\na = \"00\"\n";
        let error = read(text, "bad.toml", None).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"
        bad.toml:1:10: schema: 2 given; this tchbench reads schema = 1
        bad.toml:2:8: name: "Two Words" given; use a-z, 0-9, `-`, `_` and `.`, and begin with a letter or digit
        bad.toml:3:10: format: 7 given; write a text, in quotes
        bad.toml:4:13: image[2]: 0 given; write a whole number from 1 to 65536
        bad.toml:5:11: classes: 0 given; write a whole number from 1 to 1000
        bad.toml:8:33: train.files[1].sha256: "xyz" given; write a SHA-256: 64 hexadecimal digits, in lower case
        bad.toml:11:1: test.extra: no such key; there are samples, files, fraction, seed
        bad.toml:13:5: content.a: "00" given; write a SHA-256: 64 hexadecimal digits, in lower case
        "#);
    }
}
