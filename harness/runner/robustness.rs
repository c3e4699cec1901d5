//! Trained trials, each scored on changed test images in a worker of its own.

use std::sync::mpsc::Sender;

use super::fault::Fault;
use super::measure::{Bench, Failed};
use super::plan::{Error, data_of};
use super::protocol::Request;
use super::schedule::side_by_side;
use crate::event::{Event, Score, Transformed};
use crate::recipe::transform::Transform;
use crate::record::{self, TrialRecord, Weights, validate};
use crate::valid::Invalid;

/// A trained trial, and what is asked of it.
#[derive(Clone, Debug)]
pub struct ScoringTask<'a> {
    /// The record that the trial left.
    pub record: &'a TrialRecord,
    /// The weights that were tested.
    pub weights: Weights,
    /// The transforms, in the order that they are done.
    pub transforms: Vec<Transform>,
}

/// What was found of a trial.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The score on the test images as they are.
    pub test: Score,
    /// The scores under each transform, as far as it got.
    pub transformed: Vec<Transformed>,
    /// When its worker began.
    pub began: jiff::Timestamp,
}

enum ScoringMessage {
    Scored,
    Ended(usize, Option<Scores>, Option<Fault>),
}

/// Scores all `tasks`, `jobs` side by side. Once one has ended, however it ended, `save` is given its index
/// and what was found; `tick` is called after each transform. Returns those that failed.
///
/// On the numerics class that the trial was trained on, its unchanged test images must give the score of
/// its record to the bit; a worker that finds another has failed.
///
/// # Errors
/// Fails if the data at hand are not a trial's, if the machine has no room for a process, or if `save`
/// fails.
pub fn score(
    bench: &Bench,
    tasks: &[ScoringTask],
    jobs: usize,
    save: &mut dyn FnMut(usize, Scores) -> Result<(), record::Error>,
    tick: &mut dyn FnMut(),
) -> Result<Vec<Failed>, Error> {
    let requests: Vec<Request> = tasks.iter().map(|task| request(bench, task)).collect::<Result<_, _>>()?;
    let order: Vec<usize> = (0..tasks.len()).collect();
    let mut failed = Vec::new();
    let work = |index: usize, sender: &Sender<ScoringMessage>| {
        // The receiver outlives every worker.
        let (found, fault) =
            one(bench, &tasks[index], &requests[index], || drop(sender.send(ScoringMessage::Scored)));
        drop(sender.send(ScoringMessage::Ended(index, found, fault)));
    };
    side_by_side(&order, jobs, bench.interrupt, work, |message| {
        match message {
            ScoringMessage::Scored => tick(),
            ScoringMessage::Ended(index, found, fault) => {
                if let Some(found) = found.filter(|found| !found.transformed.is_empty()) {
                    save(index, found)?;
                }
                match fault {
                    None | Some(Fault::Interrupted) => {}
                    Some(fault @ Fault::Shortage(_)) => return Err(Error::Shortage(fault)),
                    Some(fault) => {
                        failed.push(Failed { trial: tasks[index].record.trial.name(), fault });
                    }
                }
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(failed)
}

fn request(
    bench: &Bench,
    ScoringTask { record, weights, transforms }: &ScoringTask,
) -> Result<Request, Error> {
    let trial = &record.trial;
    Ok(Request::Robustness {
        trial: Box::new(trial.clone()),
        data: data_of(trial, bench.datasets)?.clone(),
        weights: weights.clone(),
        transforms: transforms.clone(),
    })
}

/// What one worker finds, and how it failed.
fn one(
    bench: &Bench,
    task: &ScoringTask,
    request: &Request,
    scored: impl Fn(),
) -> (Option<Scores>, Option<Fault>) {
    let ScoringTask { record, transforms, .. } = task;
    let began = jiff::Timestamp::now();
    let mut found: Option<Scores> = None;
    let environment = &record.trial.environment;
    let nonsense = |why: Invalid| format!("it said what cannot be: {why}");
    let asked = bench.launcher.ask(request, environment, bench.interrupt, |event| {
        match (event, &mut found) {
            (Event::Tested(test), None) => {
                validate::score(test).map_err(nonsense)?;
                as_recorded(bench, record, test)?;
                found = Some(Scores { test: *test, transformed: Vec::new(), began });
            }
            (Event::Transformed(answer), Some(found))
                if transforms.get(found.transformed.len()) == Some(&answer.transform) =>
            {
                validate::transformed(answer).map_err(nonsense)?;
                found.transformed.push(answer.clone());
                scored();
            }
            (Event::Failed { .. }, _) => {}
            _ => return Err("it answered what was not asked".to_owned()),
        }
        Ok(())
    });
    let answers = found.as_ref().map_or(0, |found| found.transformed.len());
    let silent = || (answers < transforms.len()).then_some(Fault::Incomplete);
    (found, asked.err().or_else(silent))
}

/// Refuses another score than the record's, where the bits must be the same.
fn as_recorded(bench: &Bench, record: &TrialRecord, test: &Score) -> Result<(), String> {
    let recorded = record.finished.as_ref().and_then(|finished| finished.test);
    let experiment = &record.trial.experiment;
    let same_class = record.fingerprint.engine.class_of(experiment) == bench.engine.class_of(experiment);
    match recorded {
        Some(recorded) if same_class && !recorded.is_same(test) => Err(format!(
            "on unchanged test images it has accuracy {} and loss {}, but its record says {} and {}",
            test.accuracy, test.loss, recorded.accuracy, recorded.loss
        )),
        _ => Ok(()),
    }
}
