//! What is left of suites under a selection, and the trials that it makes.

use std::collections::BTreeMap;

use super::case::Suite;
use super::select::Selection;
use crate::recipe::{ENGINE_REVISION, Environment, Trial, identity};

impl Selection {
    /// The suites with only what is selected; they may be left with no case.
    pub fn of(&self, mut suites: Vec<Suite>) -> Vec<Suite> {
        let all: Vec<(&str, &str)> = suites
            .iter()
            .flat_map(|suite| suite.cases.iter().map(|case| (suite.name.as_str(), case.name.as_str())))
            .collect();
        let takes = self.over(&all);
        for suite in &mut suites {
            suite.cases.retain(|case| takes(&suite.name, &case.name));
            if let Some(seeds) = &self.seeds {
                suite.cases.iter_mut().for_each(|case| case.seeds.clone_from(seeds));
            }
        }
        suites
    }
}

/// Every case with each of its seeds, in the suite's order. `digests_of` gives a dataset's
/// digests by its name; the trials of a dataset without any are left out.
pub fn expand(
    suite: &Suite,
    environment: Environment,
    digests_of: impl Fn(&str) -> Option<BTreeMap<String, String>>,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in &suite.cases {
        let Some(dataset) = digests_of(&case.experiment.data.dataset) else { continue };
        trials.extend(case.seeds.iter().map(|&seed| Trial {
            suite: suite.name.clone(),
            case: case.name.clone(),
            seed,
            identity: identity(&case.experiment, seed, &dataset, &environment),
            experiment: case.experiment.clone(),
            parameters: case.parameters,
            dataset: dataset.clone(),
            environment,
            engine_revision: ENGINE_REVISION,
        }));
    }
    trials
}
