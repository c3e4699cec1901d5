//! What every dataset must be, whatever its format, and its division into splits.

use std::path::Path;

use super::error::{FilePlace, FormatError, FormatProblem};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::data::{Buffer, Split, Values};
use crate::recipe::MOST_CLASSES;
use crate::recipe::datasets::HeldOut;
use crate::recipe::shape::{LARGEST, Shape};
use crate::rng::{Purpose, Stream};

/// Checks that the splits agree with each other, and that every class has a training sample.
///
/// # Errors
/// Returns the first thing that is wrong.
pub(super) fn contents(source: &SampleSource, contents: &Contents) -> Result<(), FormatError> {
    let Contents { train, test, classes } = contents;
    let path = source.train.first().map_or(Path::new(""), |path| path);
    let test_path = source.test.first().map_or(path, |path| path);
    let bytes = train.bytes() + test.as_ref().map_or(0, Decoded::bytes);
    within(bytes, source.most_bytes).map_err(|problem| FormatError::of(path, problem))?;
    split_of(path, train)?;
    if let Some(shape) = source.shape
        && shape != train.shape
    {
        let text = format!(
            "its samples are {}, not {shape} as --image, --sequence or the manifest says",
            train.shape
        );
        return Err(FormatError::of(path, text));
    }
    if let Some([rows, columns]) = source.resize
        && !matches!(train.shape, Shape::Image { height, width, .. } if [height, width] == [rows, columns])
    {
        let text = format!(
            "its samples are {}, and only the images of a folder are resized; leave --resize out",
            train.shape
        );
        return Err(FormatError::of(path, text));
    }
    let count = class_count(train);
    let mut seen = vec![false; count];
    train.labels.iter().for_each(|&label| seen[usize::from(label)] = true);
    let names = classes.as_deref().unwrap_or_default();
    let named = |class: usize| match names.get(class) {
        Some(name) => format!("class {class} (`{name}`)"),
        None => format!("class {class}"),
    };
    if let Some(missing) = seen.iter().position(|seen| !seen) {
        let text =
            format!("{} has no training sample; number the classes from 0 without gaps", named(missing));
        return Err(FormatError::of(path, text));
    }
    if let Some(missing) = (count..names.len()).next() {
        return Err(FormatError::of(path, format!("{} has no training sample", named(missing))));
    }
    let Some(test) = test else { return Ok(()) };
    split_of(test_path, test)?;
    if test.shape != train.shape {
        let text = format!("the test samples are {}, the training samples {}", test.shape, train.shape);
        return Err(FormatError::of(test_path, text));
    }
    match test.labels.iter().position(|&label| usize::from(label) >= count) {
        Some(sample) => {
            let text = format!(
                "label {} is none of the {count} classes of the training samples",
                test.labels[sample]
            );
            Err(FormatError::at(test_path, FilePlace::Sample(sample), text))
        }
        None => Ok(()),
    }
}

/// Returns the number of classes of a split: the largest label and one.
fn class_count(split: &Decoded) -> usize {
    split.labels.iter().max().map_or(0, |&label| usize::from(label) + 1)
}

fn split_of(path: &Path, split: &Decoded) -> Result<(), FormatError> {
    if split.labels.is_empty() {
        return Err(FormatError::of(path, "it has no sample"));
    }
    sample(split.shape).map_err(|problem| FormatError::of(path, problem))?;
    let size = split.shape.values();
    if split.labels.len() as u64 * size != split.values.len() as u64 {
        let samples = split.values.len() as u64 / size;
        let text = format!("there are {} labels for {samples} samples", split.labels.len());
        return Err(FormatError::of(path, text));
    }
    if let Some(sample) = split.labels.iter().position(|&label| u32::from(label) >= MOST_CLASSES) {
        let text = format!("label {} is not from 0 to {}", split.labels[sample], MOST_CLASSES - 1);
        return Err(FormatError::at(path, FilePlace::Sample(sample), text));
    }
    let DecodedValues::Floats(values) = &split.values else { return Ok(()) };
    match values.iter().position(|value| !value.is_finite()) {
        Some(place) => {
            let value = place as u64 % size;
            let text = format!(
                "value {value} is {}, which is no finite number; replace or leave it out",
                values[place]
            );
            Err(FormatError::at(path, FilePlace::Sample((place as u64 / size) as usize), text))
        }
        None => Ok(()),
    }
}

/// Refuses samples of no values, or of more than a network takes.
///
/// # Errors
/// Returns an error that names the shape.
pub(super) fn sample(shape: Shape) -> Result<(), FormatProblem> {
    if (1..=LARGEST).contains(&shape.values()) {
        return Ok(());
    }
    Err(format!("its samples are {shape}, and may have from 1 to {LARGEST} values").into())
}

/// Refuses samples that would take more memory than `source` allows.
///
/// # Errors
/// Returns [`FormatProblem::TooLarge`].
pub(super) fn room(source: &SampleSource, samples: u64, sample_bytes: u64) -> Result<(), FormatProblem> {
    within(samples.saturating_mul(sample_bytes.saturating_add(2)), source.most_bytes)
}

fn within(needed: u64, most: u64) -> Result<(), FormatProblem> {
    if needed <= most { Ok(()) } else { Err(FormatProblem::TooLarge { needed, most }) }
}

/// Returns the training and the test split. Without test samples a part of the training samples is held out, chosen by
/// its seed: the rest keep their order, and so do they.
///
/// # Errors
/// Returns an error if there are no test samples and none are held out, or if either split would be empty.
pub fn split(
    train: Decoded,
    test: Option<Decoded>,
    held_out: Option<HeldOut>,
) -> Result<(Split, Split), crate::data::Error> {
    match (test, held_out) {
        (Some(test), None) => Ok((whole(train), whole(test))),
        (None, Some(HeldOut { fraction, seed })) => {
            let train = whole(train);
            let count = (train.len() as f64 * fraction).round() as usize;
            if count == 0 || count >= train.len() {
                return Err(crate::data::Error::HeldOut { fraction, samples: train.len() });
            }
            let mut order = Stream::new(seed, Purpose::Split, 0).permutation(train.len());
            let mut rest = order.split_off(count);
            order.sort_unstable();
            rest.sort_unstable();
            Ok((part(&train, &rest), part(&train, &order)))
        }
        (None, None) => Err(crate::data::Error::NoTest),
        (Some(_), Some(_)) => Err(crate::data::Error::TwoTests),
    }
}

fn whole(Decoded { shape, values, labels }: Decoded) -> Split {
    let values = match values {
        DecodedValues::Bytes(bytes) => Values::Bytes(Buffer::Owned(bytes)),
        DecodedValues::Floats(floats) => Values::Floats(Buffer::Owned(floats)),
    };
    Split { shape, values, labels: Buffer::Owned(labels) }
}

fn part(split: &Split, indices: &[u32]) -> Split {
    let labels = split.labels.as_slice();
    let labels = indices.iter().map(|&index| labels[index as usize]).collect();
    let values = split.values.gather(split.sample_len(), indices);
    Split { shape: split.shape, values, labels: Buffer::Owned(labels) }
}
