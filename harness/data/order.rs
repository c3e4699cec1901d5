//! The embedded sequences: the problem of temporal order (Hochreiter and Schmidhuber 1997, "Long Short-Term Memory",
//! section 5.6), of which this is task 6a with two of its constants changed.
//!
//! A sequence is of symbols, each a step with a 1 in its place and 0 elsewhere: four that mean nothing, and `X` and `Y`.
//! Two of its steps are an `X` or a `Y`, and the class is which of them and in which order: `XX`, `XY`, `YX` or `YY`. Here
//! they stand anywhere, at least [`GAP`] steps from each other and from the end, and there are no symbols for the begin
//! and the end. So a network must keep what it saw over many steps that say nothing.

use super::catalogue::Manifest;
use super::{Buffer, Split, Values};
use crate::recipe::shape::Shape;
use crate::rng::{Purpose, Stream};

const STEPS: u32 = 48;
/// The symbols that mean nothing.
const DISTRACTORS: u32 = 4;
/// `X` and `Y` follow them.
const SYMBOLS: u32 = DISTRACTORS + 2;
/// From one symbol that counts to the next, and from the last to the end.
const GAP: u32 = 12;
/// Decides every sequence; another seed would be another dataset.
const SEED: u64 = 97;

/// Returns the training and the test split. Sequence `i` of both, counted on from training to test, has class `i % 4` and
/// depends only on `i`.
pub fn generate(manifest: &Manifest) -> (Split, Split) {
    let train = manifest.train.samples;
    (split(0..train), split(train..train + manifest.test.samples))
}

fn split(indices: std::ops::Range<u32>) -> Split {
    let stream = Stream::new(SEED, Purpose::TemporalOrder, 0);
    let mut values = vec![0.0; indices.len() * (STEPS * SYMBOLS) as usize];
    let mut labels = Vec::with_capacity(indices.len());
    for (index, sequence) in indices.zip(values.chunks_exact_mut((STEPS * SYMBOLS) as usize)) {
        let class = index % 4;
        for (step, symbol) in symbols(class, &mut stream.item(index.into())).into_iter().enumerate() {
            sequence[step * SYMBOLS as usize + symbol as usize] = 1.0;
        }
        labels.push(class as u16);
    }
    Split {
        shape: Shape::Sequence { steps: STEPS, features: SYMBOLS },
        values: Values::Floats(Buffer::Owned(values)),
        labels: Buffer::Owned(labels),
    }
}

/// Returns the symbols of a sequence of a class, step by step.
fn symbols(class: u32, stream: &mut Stream) -> [u32; STEPS as usize] {
    let mut symbols = [0; STEPS as usize].map(|_: u32| stream.below(DISTRACTORS));
    let first = stream.below(STEPS - 2 * GAP);
    let second = first + GAP + stream.below(STEPS - 2 * GAP - first);
    symbols[first as usize] = DISTRACTORS + class / 2;
    symbols[second as usize] = DISTRACTORS + class % 2;
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::datasets::Catalogue;

    #[test]
    fn the_class_is_which_symbols_count_and_in_which_order() {
        let catalogue = Catalogue::default();
        let (train, test) = generate(catalogue.find("order").unwrap());
        for split in [train, test] {
            let Values::Floats(values) = &split.values else { panic!("sequences are floats") };
            let sequences = values.as_slice().chunks_exact(split.sample_len());
            for (sequence, &label) in sequences.zip(split.labels.as_slice()) {
                let steps: Vec<&[f32]> = sequence.chunks_exact(SYMBOLS as usize).collect();
                assert!(steps.iter().all(|step| step.iter().sum::<f32>() == 1.0));
                let telling: Vec<usize> = (0..steps.len())
                    .filter(|&step| steps[step][DISTRACTORS as usize..].contains(&1.0))
                    .collect();
                let &[first, second] = telling.as_slice() else { panic!("two steps count, not {telling:?}") };
                assert!(second - first >= GAP as usize && steps.len() - second >= GAP as usize);
                let is_y = |step: usize| u16::from(steps[step][SYMBOLS as usize - 1] == 1.0);
                assert_eq!(label, 2 * is_y(first) + is_y(second));
            }
        }
    }
}
