//! How samples are counted by class, against a count by hand.

use tch::{Kind, Tensor};

use crate::engine::samples::ScoreTally;
use crate::event::Counts;
use crate::rng::{Purpose, Stream};

/// Of 1,000 samples with few values of a logit, so that many are equal.
#[test]
fn classes_and_ranks_are_counted_with_the_first_of_equal_logits_before_the_others() {
    let samples = 1_000;
    let classes = 10;
    let mut stream = Stream::new(1, Purpose::Order, 1);
    let logits: Vec<Vec<f32>> =
        (0..samples).map(|_| (0..classes).map(|_| (stream.u64() % 5) as f32).collect()).collect();
    let labels: Vec<usize> = (0..samples).map(|_| (stream.u64() % 10) as usize).collect();

    let by_hand = logits.iter().zip(&labels).map(|(logits, &label)| {
        let mut order: Vec<usize> = (0..classes).collect();
        order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        (label, order[0], order.iter().position(|&class| class == label).unwrap())
    });
    let expected = Counts::of(classes, by_hand);

    let mut tally = ScoreTally::default();
    for (logits, labels) in logits.chunks(300).zip(labels.chunks(300)) {
        let labels: Vec<i64> = labels.iter().map(|&label| label as i64).collect();
        let logits = Tensor::from_slice2(logits);
        let loss = Tensor::zeros([], (Kind::Float, tch::Device::Cpu));
        tally.add(&logits, &loss, Tensor::from_slice(&labels)).unwrap();
    }
    let counts = tally.counts().unwrap();
    assert_eq!(counts, expected);
    let hits: u64 = (0..classes).map(|class| counts.hits(class)).sum();
    assert_eq!(tally.score().unwrap().accuracy, hits as f64 / samples as f64);
}
