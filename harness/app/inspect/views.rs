//! What each view asks of a network, and what it makes of the answer.

use std::collections::BTreeMap;

use super::network::TrialNetwork;
use super::options::{InspectOptions, OneRecord};
use crate::app::exit::Failure;
use crate::event::{Insight, Part, View};
use crate::recipe::layers::recurrent::Recurrent;
use crate::recipe::{Layer, RecurrentCell};
use crate::record::WeightsChoice;
use crate::report::inspect::{
    Confusion, Examples, GradientNorms, Gradients, LastSteps, Mistake, Mistakes, PartOverTime, Sample,
    SampleSteps, States, StepAnswers, ViewFinding, most_probable,
};

/// What was found, or why nothing was.
type ViewResult = Result<ViewFinding, Failure>;

/// So many time steps are the last ones.
const LAST: u32 = 5;

/// Returns the probabilities of the classes after every time step of a sample.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn steps(OneRecord { record, options }: &OneRecord, sample: Option<u32>) -> ViewResult {
    let workers = options.worker.workers()?;
    let network = TrialNetwork::open(record, options, &workers)?;
    let reading = network.answering()?;
    let sample = network.sample(sample)?;
    let insights = network.ask(options.weights, &View::Steps { samples: vec![sample.index], last: None })?;
    let probabilities = by_sample(insights).remove(&sample.index).unwrap_or_default();
    let subject = network.subject(options.weights);
    Ok(ViewFinding::Steps(StepAnswers { subject, sample, by: reading.by, grid: reading.grid, probabilities }))
}

/// Returns the outputs of the recurrent layers over time.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn hidden(one: &OneRecord, sample: Option<u32>) -> ViewResult {
    states(one, sample, |part| part == Part::Hidden).map(ViewFinding::Hidden)
}

/// Returns the gates and states of LSTM and GRU layers over time.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn gates(one: &OneRecord, sample: Option<u32>) -> ViewResult {
    states(one, sample, |_| true).map(ViewFinding::Gates)
}

fn states(
    OneRecord { record, options }: &OneRecord,
    sample: Option<u32>,
    shown: fn(Part) -> bool,
) -> Result<States, Failure> {
    let workers = options.worker.workers()?;
    let network = TrialNetwork::open(record, options, &workers)?;
    let by = network.reading()?.by;
    let layers = &network.trial().experiment.layers;
    let gated = |layer: &Layer| {
        matches!(layer, Layer::Recurrent(Recurrent { cell: RecurrentCell::Lstm | RecurrentCell::Gru, .. }))
    };
    if shown(Part::Input) && !layers.iter().any(gated) {
        return Err(network.refused("its recurrent cells have no gates; look at `hidden`"));
    }
    let sample = network.sample(sample)?;
    let insights = network.ask(options.weights, &View::States { sample: sample.index })?;
    let mut states = PartOverTime::collect(insights);
    states.retain(|heat| shown(heat.part));
    Ok(States { subject: network.subject(options.weights), sample, by, states })
}

/// Returns what samples are taken for after each of the last time steps, and the test accuracy there.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn last_steps(OneRecord { record, options }: &OneRecord, count: u32) -> ViewResult {
    let workers = options.worker.workers()?;
    let network = TrialNetwork::open(record, options, &workers)?;
    network.answering()?;
    let indices = network.tested(count)?;
    let mut steps = Vec::new();
    let mut accuracies = Vec::new();
    for insight in network.ask(options.weights, &View::Accuracies { last: LAST })? {
        if let Insight::Accuracy { step, accuracy } = insight {
            steps.push(step);
            accuracies.push(accuracy);
        }
    }
    let view = View::Steps { samples: indices.clone(), last: Some(LAST) };
    let mut answers = by_sample(network.ask(options.weights, &view)?);
    let answered = |sample: Sample| SampleSteps {
        probabilities: answers.remove(&sample.index).unwrap_or_default(),
        sample,
    };
    let samples = network.samples(&indices)?.into_iter().map(answered).collect();
    Ok(ViewFinding::LastSteps(LastSteps {
        subject: network.subject(options.weights),
        steps,
        accuracies,
        samples,
    }))
}

/// The probabilities after each step, in order.
fn by_sample(insights: Vec<Insight>) -> BTreeMap<u32, Vec<Vec<f32>>> {
    let mut found: BTreeMap<u32, Vec<Vec<f32>>> = BTreeMap::new();
    for insight in insights {
        if let Insight::Step { sample, probabilities, .. } = insight {
            found.entry(sample).or_default().push(probabilities);
        }
    }
    found
}

/// Returns how much the last output depends on the input of each time step, at initial and trained weights.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn gradients(records: &[String], options: &InspectOptions, count: u32) -> ViewResult {
    let workers = options.worker.workers()?;
    let mut weights = vec![WeightsChoice::Initial, options.weights];
    weights.dedup();
    let mut norms = Vec::new();
    for record in records {
        let network = TrialNetwork::open(record, options, &workers)?;
        network.reading()?;
        let indices = network.tested(count)?;
        let samples = indices.len();
        let view = View::Gradients { samples: indices };
        for &which in &weights {
            let norm = |insight| match insight {
                Insight::Gradient { norm, .. } => Some(norm),
                _ => None,
            };
            norms.push(GradientNorms {
                subject: network.subject(which),
                samples,
                norms: network.ask(which, &view)?.into_iter().filter_map(norm).collect(),
            });
        }
    }
    Ok(ViewFinding::Gradients(Gradients { norms }))
}

/// Returns test samples that are taken for another class, the surest mistakes first.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn mistakes(OneRecord { record, options }: &OneRecord, count: u32) -> ViewResult {
    let workers = options.worker.workers()?;
    let network = TrialNetwork::open(record, options, &workers)?;
    let predictions = predictions(&network, options)?;
    let tested = predictions.len();
    let mut mistaken: Vec<(u32, usize, Vec<f32>)> =
        predictions.into_iter().filter(|(_, truth, answer)| most_probable(answer).0 != *truth).collect();
    let all = mistaken.len();
    mistaken.sort_by(|a, b| most_probable(&b.2).1.total_cmp(&most_probable(&a.2).1));
    mistaken.truncate(count as usize);
    let indices: Vec<u32> = mistaken.iter().map(|(index, ..)| *index).collect();
    let shown = network.samples(&indices)?.into_iter().zip(mistaken).map(|(sample, (_, truth, answer))| {
        let (predicted, probability) = most_probable(&answer);
        Mistake { sample, predicted, probability, probability_of_truth: answer[truth] }
    });
    let subject = network.subject(options.weights);
    Ok(ViewFinding::Mistakes(Mistakes { subject, tested, mistaken: all, shown: shown.collect() }))
}

/// Returns how often each class is taken for each.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn confusion(OneRecord { record, options }: &OneRecord) -> ViewResult {
    let workers = options.worker.workers()?;
    let network = TrialNetwork::open(record, options, &workers)?;
    let predictions = predictions(&network, options)?;
    let pairs = predictions.iter().map(|(_, truth, answer)| (*truth, most_probable(answer).0));
    Ok(ViewFinding::Confusion(Confusion::count(network.subject(options.weights), network.classes(), pairs)))
}

/// Returns training images of every class, before and after what the trial does to them.
///
/// # Errors
/// Fails if the network does not have it, or if the worker fails.
pub fn samples(OneRecord { record, options }: &OneRecord, count: u32) -> ViewResult {
    let workers = options.worker.workers()?;
    let options = InspectOptions { weights: WeightsChoice::Initial, ..options.clone() };
    let network = TrialNetwork::open(record, &options, &workers)?;
    let examples = network.examples(count)?;
    Ok(ViewFinding::Samples(Examples { subject: network.subject(options.weights), examples }))
}

/// Of each of the trial's test samples its index, its class, and the probability of each class.
fn predictions(
    network: &TrialNetwork,
    options: &InspectOptions,
) -> Result<Vec<(u32, usize, Vec<f32>)>, Failure> {
    network.tested(1)?;
    let prediction = |insight| match insight {
        Insight::Prediction { sample, label, probabilities } => {
            Some((sample, usize::from(label), probabilities))
        }
        _ => None,
    };
    Ok(network.ask(options.weights, &View::Predictions)?.into_iter().filter_map(prediction).collect())
}
