//! A run's plan: its trials are those of its suites.

use std::collections::BTreeMap;

use crate::metrics::Unit;
use crate::recipe::{ENGINE_REVISION, identity};
use crate::record::{Checkpoint, Format, Run, Shard};
use crate::suite::case::{Case, Claim, Suite};
use crate::valid::{Inside, Valid, Validate, each, each_once, ensure, fraction, hexadecimal, not_negative};

impl Validate for Run {
    fn validate(&self) -> Valid {
        self.fingerprint.validate().inside("fingerprint")?;
        ensure(self.jobs >= 1, "jobs", "is 0, which is less than 1")?;
        ensure(self.environment.threads >= 1, "environment.threads", "is 0, which is less than 1")?;
        for (dataset, digests) in &self.datasets {
            for (file, digest) in digests {
                hexadecimal(format_args!("datasets.{dataset}.{file}"), digest)?;
            }
        }
        each("suites", &self.suites, suite)?;
        each_once("suites", &self.suites, |suite| suite.name.clone())?;
        self.trials()?;
        self.planned_digest()?;
        self.shard.as_ref().map_or(Ok(()), |shard| shard.validate_in(self.trials.len())).inside("shard")
    }
}

impl Run {
    /// Each trial is one that the suites plan, with the identity that it has there.
    fn trials(&self) -> Valid {
        let planned: BTreeMap<(&str, &str, u64), &Case> = self
            .suites
            .iter()
            .flat_map(|suite| suite.cases.iter().map(|case| (suite.name.as_str(), case)))
            .flat_map(|(suite, case)| {
                case.seeds.iter().map(move |seed| ((suite, case.name.as_str(), *seed), case))
            })
            .collect();
        for (index, key) in self.trials.iter().enumerate() {
            let at = format!("trials[{index}]");
            let name = format!("{}/{}/{}", key.suite, key.case, key.seed);
            let case = planned.get(&(key.suite.as_str(), key.case.as_str(), key.seed));
            let Some(case) = case else {
                return ensure(false, at, format_args!("is {name}, which no suite of the run plans"));
            };
            let digests = self.datasets.get(&case.experiment.data.dataset);
            if let (Some(digests), ENGINE_REVISION) = (digests, self.engine_revision) {
                let actual = identity(&case.experiment, key.seed, digests, &self.environment);
                let reason = format_args!("is {}, but the plan of {name} gives {actual}", key.identity);
                ensure(actual == key.identity, format_args!("{at}.identity"), reason)?;
            }
        }
        each_once("trials", &self.trials, |key| format!("{}/{}/{}", key.suite, key.case, key.seed))?;
        // A run that only measures has none.
        let is = self.trials.len();
        let planned = planned.len();
        ensure(is == planned || is == 0, "trials", format_args!("are {is}, but the suites plan {planned}"))
    }
}

impl Run {
    /// The digest of the plan is that of what stands here.
    fn planned_digest(&self) -> Valid {
        let Some(stated) = &self.plan else { return Ok(()) };
        hexadecimal("plan", stated)?;
        // A later format may hold more of a plan.
        let actual = if self.format == Format::CURRENT { self.plan_digest() } else { stated.clone() };
        ensure(actual == *stated, "plan", format_args!("is {stated}, but the plan gives {actual}"))
    }
}

impl Shard {
    /// Its trials are among the `planned` ones, each once.
    fn validate_in(&self, planned: usize) -> Valid {
        let is_one = (1..=self.count).contains(&self.index);
        ensure(is_one, "index", format_args!("is {}, of {} shards", self.index, self.count))?;
        let ascends = self.trials.windows(2).all(|pair| pair[0] < pair[1]);
        ensure(ascends, "trials", "are not in ascending order")?;
        let beyond = self.trials.last().filter(|last| **last as usize >= planned);
        let reason = format_args!("hold {}, but the plan has {planned}, from 0", beyond.unwrap_or(&0));
        ensure(beyond.is_none(), "trials", reason)
    }
}

fn suite(suite: &Suite) -> Valid {
    let case = |case: &Case| {
        case.experiment.validate().inside("experiment")?;
        each_once("seeds", &case.seeds, |seed| *seed)?;
        each("claims", &case.claims, claim)
    };
    each("gates", &suite.gates, |gate| not_negative("margin", gate.margin))?;
    each("cases", &suite.cases, case)?;
    each_once("cases", &suite.cases, |case| case.name.clone())
}

fn claim(claim: &Claim) -> Valid {
    for (field, bound) in [("at_least", claim.at_least), ("at_most", claim.at_most)] {
        let bound = bound.unwrap_or(0.0);
        not_negative(field, bound)?;
        if claim.metric.unit() == Unit::Fraction {
            fraction(field, bound)?;
        }
    }
    Ok(())
}

impl<E> Validate for Checkpoint<E> {
    fn validate(&self) -> Valid {
        ensure(self.epoch() >= 1, "epochs", "is empty")
    }
}
