//! The test images of a trial, as they are and under fixed changes.

use super::augment::Change;
use super::pipeline::Pipeline;
use super::selected::Selected;
use super::selection::select;
use super::{Dataset, Error, Samples};
use crate::recipe::DataPlan;
use crate::recipe::transform::{Transform, TransformKind};

/// The test images of a trial before anything is done to them, and what is.
#[derive(Debug)]
pub struct TestSet {
    pipeline: Pipeline,
    selected: Selected,
    labels: Vec<u16>,
}

impl TestSet {
    /// Returns the test images that [`Prepared`](super::Prepared) tests on; `None` if nothing is left of the test
    /// split.
    ///
    /// # Errors
    ///
    /// [`Error::Plan`] where the plan asks for what the dataset does not have.
    pub fn new(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<Option<Self>, Error> {
        TestSet::of(dataset, plan, seed, &select(dataset, plan, seed)?.test)
    }

    /// Returns the images at these indices of the test split.
    pub(super) fn of(
        dataset: &Dataset,
        plan: &DataPlan,
        seed: u64,
        indices: &[u32],
    ) -> Result<Option<Self>, Error> {
        let pipeline = Pipeline::for_testing(plan, dataset.test.shape, seed)?;
        let (selected, labels) = dataset.test.select(indices);
        Ok((!labels.is_empty()).then_some(TestSet { pipeline, selected, labels }))
    }

    /// Returns the samples as they are, ready for a model.
    pub fn samples(&self) -> Samples {
        Samples::new(&self.pipeline, self.selected.clone(), self.labels.clone())
    }

    /// Returns the samples with each image changed before anything else is done to it: once for each direction of the
    /// transform, in the order of [`TransformKind`], or once where it changes nothing.
    pub fn transformed(&self, transform: Transform) -> impl Iterator<Item = Samples> {
        let changed = |change| {
            Samples::new(&self.pipeline.with_change(change), self.selected.clone(), self.labels.clone())
        };
        changes(transform).into_iter().map(changed)
    }
}

/// One for each direction.
fn changes(transform: Transform) -> Vec<Change> {
    let Transform { kind, strength } = transform;
    if transform.is_neutral() {
        return vec![Change::NONE];
    }
    match kind {
        TransformKind::Scale => vec![Change { scale: strength, ..Change::NONE }],
        TransformKind::Rotate => {
            [strength, -strength].map(|rotate| Change { rotate, ..Change::NONE }).to_vec()
        }
        TransformKind::Translate => [[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]]
            .map(|way| Change { shift: way.map(|part| part * strength), ..Change::NONE })
            .to_vec(),
    }
}
