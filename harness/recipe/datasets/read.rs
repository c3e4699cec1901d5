//! Reads manifests.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;

use super::manifest::{File, HeldOut, Manifest, SplitFiles};
use crate::reader::{Problem, Source, TomlTable, Value, Within, count, integer, number, sides, text};
use crate::recipe::shape::{LARGEST, Shape, WIDEST};
use crate::recipe::{Geometry, MOST_CLASSES, name};

/// The form of manifest that this program reads.
const SCHEMA: u64 = 1;
const MOST_SAMPLES: u32 = 10_000_000;

/// All that is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.iter().map(|problem| format!("{file}:{problem}")).collect::<Vec<_>>().join("\n"))]
pub struct ManifestError {
    /// The file as it was named.
    pub file: String,
    /// All mistakes, in the file's order.
    pub problems: Vec<Problem>,
}

/// Reads the text of a manifest. `file` is what messages call it, `place` the folder that it is in.
///
/// # Errors
/// Returns all that is wrong with it, each with its line, column and key.
pub fn read(manifest: &str, file: &str, place: Option<&Path>) -> Result<Manifest, ManifestError> {
    let source = Source::new(manifest);
    let (root, errors) = DeTable::parse_recoverable(manifest);
    for error in &errors {
        source.report(error.span().unwrap_or(0..0), "", error.message());
    }
    let read = if source.is_sound() {
        whole(TomlTable::new(&source, String::new(), 0..0, root.get_ref()))
    } else {
        None
    };
    match read {
        Some(manifest) if source.is_sound() => Ok(Manifest { place: place.map(Path::to_owned), ..manifest }),
        _ => Err(ManifestError { file: file.to_owned(), problems: source.into_problems() }),
    }
}

fn whole(mut root: TomlTable<'_>) -> Option<Manifest> {
    let schema = root.required("schema", |value| match integer(value)? {
        SCHEMA => Some(()),
        _ => value.refuse(format!("this tchbench reads schema = {SCHEMA}")),
    });
    let name = root.required("name", name);
    let description = root.or("description", String::new(), text);
    let licence = root.or("licence", String::new(), text);
    let format = root.required("format", text);
    let image = root.optional("image", image);
    let sequence = root.optional("sequence", sequence);
    let classes = root.required("classes", classes);
    let resize = root.optional("resize", sides(1024));
    let folders = root.or("folders", Vec::new(), texts);
    let mirrors = root.or("mirrors", Vec::new(), texts);
    let train = root.required("train", |value| split(value, false));
    let test = root.required("test", |value| split(value, true));
    let content = root.required("content", content);
    let shape = match (image?, sequence?) {
        (Some(shape), None) | (None, Some(shape)) => Some(shape),
        _ => root.report("give either image = [channels, height, width] or sequence = [steps, features]"),
    };
    root.finish();
    schema?;
    let (train, _) = train?;
    let (test, held_out) = test?;
    let (class_names, classes) = classes?;
    Some(Manifest {
        name: name?.to_string(),
        description: description?,
        licence: licence?,
        format: format?,
        geometry: Geometry { shape: shape?, classes },
        class_names,
        resize: resize?,
        train,
        test,
        held_out,
        content: content?,
        mirrors: mirrors?,
        folders: folders?,
        place: None,
    })
}

fn image(value: &Value<'_>) -> Option<Shape> {
    match numbers(value)?.as_slice() {
        &[channels, height, width] => sized(value, Shape::Image { channels, height, width }),
        _ => value.refuse("write [channels, height, width]"),
    }
}

fn sequence(value: &Value<'_>) -> Option<Shape> {
    match numbers(value)?.as_slice() {
        &[steps, features] => sized(value, Shape::Sequence { steps, features }),
        _ => value.refuse("write [steps, features]"),
    }
}

fn numbers(value: &Value<'_>) -> Option<Vec<u32>> {
    value.items()?.iter().map(count(WIDEST)).collect()
}

fn sized(value: &Value<'_>, shape: Shape) -> Option<Shape> {
    if shape.values() <= LARGEST {
        return Some(shape);
    }
    value.refuse(format!("a sample has at most {LARGEST} values"))
}

/// Reads the names of classes, or their number.
fn classes(value: &Value<'_>) -> Option<(Vec<String>, u32)> {
    if !value.is_list() {
        return count(MOST_CLASSES)(value).map(|classes| (Vec::new(), classes));
    }
    let names = texts(value)?;
    let classes = names.len() as u32;
    if (1..=MOST_CLASSES).contains(&classes) {
        return Some((names, classes));
    }
    value.report(format!("give from 1 to {MOST_CLASSES} classes"))
}

fn texts(value: &Value<'_>) -> Option<Vec<String>> {
    value.items()?.iter().map(text).collect()
}

fn split(value: &Value<'_>, is_test: bool) -> Option<(SplitFiles, Option<HeldOut>)> {
    let mut table = value.table()?;
    let samples = table.required("samples", count(MOST_SAMPLES));
    let files = table.if_given("files", |value| value.items()?.iter().map(file).collect());
    let files = files.map(Option::<Vec<File>>::unwrap_or_default);
    let mut held_out = Some(None);
    if is_test {
        let fraction = table.optional("fraction", number(Within::Inside));
        let seed = table.or("seed", 0, integer);
        held_out = match (fraction?, seed?) {
            (Some(fraction), seed) => Some(Some(HeldOut { fraction, seed })),
            (None, _) => Some(None),
        };
    }
    table.finish();
    Some((SplitFiles { samples: samples?, files: files? }, held_out?))
}

fn file(value: &Value<'_>) -> Option<File> {
    let mut table = value.table()?;
    let path = table.required("path", |value| match text(value)? {
        path if path.is_empty() => value.report("give the path of a file"),
        path => Some(path),
    });
    let sha256 = table.optional("sha256", digest);
    table.finish();
    Some(File { path: path?, sha256: sha256? })
}

fn digest(value: &Value<'_>) -> Option<String> {
    let digest = text(value)?;
    let is_digest =
        digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest {
        Some(digest)
    } else {
        value.refuse("write a SHA-256: 64 hexadecimal digits, in lower case")
    }
}

fn content(value: &Value<'_>) -> Option<BTreeMap<String, String>> {
    let entries = value.table()?.entries();
    entries.into_iter().map(|(name, value)| Some((name.to_string(), digest(&value)?))).collect()
}
