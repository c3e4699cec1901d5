//! What is left of suites under a selection, and the trials that it makes.

use std::collections::BTreeMap;

use super::case::Suite;
use super::select::Selection;
use crate::recipe::{ENGINE_REVISION, Environment, Trial, identity};

impl Selection {
    /// Returns the suites with the selected cases and seeds alone. A suite may be left without a case.
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

/// Returns a trial for every case and each of its seeds, in the suite's order. `digests_of` returns the SHA-256 of
/// each file of a dataset by the dataset's name; where it returns `None`, the dataset's trials are left out.
///
/// # Examples
/// Two trials of equal identity have equal bits on one numerics class.
/// ```
/// use std::collections::BTreeMap;
/// use std::path::Path;
/// use tchbench::recipe::{Device, Environment, Numerics};
/// use tchbench::suite;
///
/// let smoke = suite::load(Path::new("suites/smoke.toml"), Some("quick"))?;
/// let environment = Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Portable };
/// let digests = BTreeMap::from([("train-images".to_owned(), "00ff".to_owned())]);
/// let trials = suite::expand(&smoke, environment, |_| Some(digests.clone()));
///
/// assert_eq!(trials[0].name(), "smoke/linear/1");
/// assert_eq!(trials[0].identity.len(), 64);
/// // With portable numerics the number of threads does not change bits, so it is no part of the identity.
/// let on_two = suite::expand(&smoke, Environment { threads: 2, ..environment }, |_| Some(digests.clone()));
/// assert_eq!(trials[0].identity, on_two[0].identity);
/// # Ok::<(), suite::Error>(())
/// ```
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
            environment: environment.of(&case.experiment),
            engine_revision: ENGINE_REVISION,
        }));
    }
    trials
}
