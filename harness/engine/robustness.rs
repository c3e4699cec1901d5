//! How well trained weights do on test images that are changed in fixed ways.

use super::error::Error;
use super::trained::Trained;
use crate::data::{Dataset, TestSet};
use crate::event::{Event, Transformed};
use crate::recipe::Trial;
use crate::recipe::transform::Transform;
use crate::record::Weights;

/// Scores a trial's weights on its test images as they are, which gives the score of its record to the
/// bit, and under each of `transforms`; `emit` is told each score.
///
/// # Errors
/// As for [`Trained::new`]; a trial that leaves nothing to test on.
pub fn robustness(
    trial: &Trial,
    dataset: &Dataset,
    weights: &Weights,
    transforms: &[Transform],
    emit: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    let test = TestSet::new(dataset, &trial.experiment.data, trial.seed)?
        .ok_or_else(|| Error::System("the trial has no test samples".to_owned()))?;
    let mut trained = Trained::new(trial, weights)?;
    let unchanged = trained.score(&mut test.samples())?;
    emit(Event::Tested(unchanged));
    for &transform in transforms {
        let scores = if transform.is_neutral() {
            vec![unchanged]
        } else {
            let changed = test.transformed(transform);
            changed.map(|mut samples| trained.score(&mut samples)).collect::<Result<_, _>>()?
        };
        emit(Event::Transformed(Transformed { transform, scores }));
    }
    Ok(())
}
