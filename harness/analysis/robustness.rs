//! Accuracy on changed test images, over the seeds of each case.

use std::collections::BTreeMap;

use super::group::{conditions, labelled};
use crate::listing::Natural;
use crate::recipe::Trial;
use crate::recipe::transform::{Transform, TransformKind};
use crate::record::Robustness;
use crate::stats::Summary;

/// The scored trials of one case that differ in nothing but the seed.
#[derive(Debug)]
pub struct RobustnessGroup<'a> {
    /// The name of the suite.
    pub suite: &'a str,
    /// The name of the dataset.
    pub dataset: &'a str,
    /// The case's name, numbered where trials under other conditions bear it too.
    pub label: String,
    /// One record for each seed.
    pub trials: Vec<&'a Robustness>,
    /// Why other trials of the case are not pooled with these.
    pub note: Option<String>,
}

/// Scores over the seeds of a group under one transform.
#[derive(Clone, Copy, Debug)]
pub struct TransformedScores {
    /// The accuracy, a fraction.
    pub accuracy: Summary,
    /// The loss in nats; `None` if that of some seed is not finite.
    pub loss: Option<Summary>,
}

/// Returns the groups, ordered by suite, dataset and case.
pub fn robustness_groups(all: &[Robustness]) -> Vec<RobustnessGroup<'_>> {
    let mut cases: BTreeMap<[Natural; 3], BTreeMap<String, Vec<&Robustness>>> = BTreeMap::new();
    for one in all {
        let Trial { suite, case, experiment, .. } = &one.trial;
        let alike =
            cases.entry([Natural(suite), Natural(&experiment.data.dataset), Natural(case)]).or_default();
        let trials = alike.entry(conditions(&one.trial, &one.fingerprint)).or_default();
        match trials.iter_mut().find(|other| other.trial.seed == one.trial.seed) {
            // One seed is one sample: the newest counts.
            Some(other) if other.began < one.began => *other = one,
            Some(_) => {}
            None => trials.push(one),
        }
    }
    let mut groups = Vec::new();
    for ([Natural(suite), Natural(dataset), Natural(case)], alike) in cases {
        for (label, note, trials) in labelled(case, alike) {
            groups.push(RobustnessGroup { suite, dataset, label, trials, note });
        }
    }
    groups
}

impl RobustnessGroup<'_> {
    /// Returns the scores over the seeds that have this transform, each pooled over the transform's directions; `None`
    /// if there is no such seed.
    pub fn under(&self, transform: Transform) -> Option<TransformedScores> {
        let scores = self.trials.iter().filter_map(|one| Some(one.under(transform)?.pooled()));
        let (accuracies, losses): (Vec<f64>, Vec<f64>) =
            scores.map(|score| (score.accuracy, score.loss)).unzip();
        Some(TransformedScores { accuracy: Summary::of(&accuracies)?, loss: Summary::of(&losses) })
    }
}

/// The groups of one suite and dataset, and the strengths that any of them has under one kind of change.
#[derive(Debug)]
pub struct RobustnessPanel<'a> {
    /// The name of the suite.
    pub suite: &'a str,
    /// The name of the dataset.
    pub dataset: &'a str,
    /// How the test images are changed.
    pub kind: TransformKind,
    /// The strengths, from the smallest.
    pub strengths: Vec<f64>,
    /// The groups that have any of them.
    pub groups: Vec<&'a RobustnessGroup<'a>>,
}

impl RobustnessPanel<'_> {
    /// Returns each strength with a group's scores there.
    pub fn points<'p>(
        &'p self,
        group: &'p RobustnessGroup,
    ) -> impl Iterator<Item = (f64, Option<TransformedScores>)> + 'p {
        let kind = self.kind;
        self.strengths.iter().map(move |&strength| (strength, group.under(Transform { kind, strength })))
    }
}

/// Returns a panel for each suite, dataset and kind of change.
pub fn robustness_panels<'a>(groups: &'a [RobustnessGroup<'a>]) -> Vec<RobustnessPanel<'a>> {
    let mut panels: Vec<RobustnessPanel> = Vec::new();
    for alike in groups.chunk_by(|a, b| (a.suite, a.dataset) == (b.suite, b.dataset)) {
        let Some(RobustnessGroup { suite, dataset, .. }) = alike.first() else { continue };
        for kind in TransformKind::ALL {
            let scored = alike.iter().flat_map(|group| &group.trials).flat_map(|one| &one.transformed);
            let of_kind = scored.map(|scored| scored.transform).filter(|transform| transform.kind == kind);
            let mut strengths: Vec<f64> = of_kind.map(|transform| transform.strength).collect();
            strengths.sort_by(f64::total_cmp);
            strengths.dedup();
            if !strengths.is_empty() {
                let has =
                    |one: &&Robustness| one.transformed.iter().any(|scored| scored.transform.kind == kind);
                let groups = alike.iter().filter(|group| group.trials.iter().any(has)).collect();
                panels.push(RobustnessPanel { suite, dataset, kind, strengths, groups });
            }
        }
    }
    panels
}
