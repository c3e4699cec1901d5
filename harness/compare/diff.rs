//! What a run found against a baseline, case by case.

use super::accuracy::{AccuracyComparison, AccuracyFigures, GateFinding, first_step, gates, second_step};
use super::field::Field;
use super::margins::Quarantine;
use super::throughput::{ThroughputFigures, throughput};
use super::verdict::{Finding, Terms, Verdict};
use super::whole::whole;
use super::{fingerprint, identity};
use crate::recipe::{Experiment, Trial};
use crate::record::{Baseline, CaseResults};

/// What is said of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFinding {
    /// The name of the suite.
    pub suite: String,
    /// The name of the case.
    pub case: String,
    /// Of accuracy and loss.
    pub accuracy: Finding<AccuracyFigures>,
    /// What is found of its throughput.
    pub throughput: Finding<ThroughputFigures>,
    /// What is found of each metric of the suite's gates.
    pub gates: Vec<GateFinding>,
    /// Why and until when what is found of it does not fail.
    pub quarantine: Option<Quarantine>,
}

impl CaseFinding {
    /// Returns why and until when the case's `accuracy` (or a metric of a gate) or its `throughput` does not fail.
    pub fn quarantine_of(&self, what: &str) -> Option<&Quarantine> {
        self.quarantine.as_ref().filter(|quarantine| quarantine.holds_of(what))
    }

    /// Returns whether the case may be slower and was not measured again yet.
    pub fn is_suspected(&self) -> bool {
        self.throughput.figures.is_some_and(|figures| figures.suspected)
    }
}

/// Compares what a run found, the second of each pair, with the baseline of the same suite. All cases of all suites
/// are one family of tests for accuracy and one for throughput, and all metrics of their gates are one. Returns a
/// finding for each case, ordered as the baselines are, with the run's new cases after each, and then, where
/// [`ALL_CASES`] of a suite are worse together, a finding of that.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use tchbench::compare::{Across, Margins, Noise, Terms, Verdict, diff};
/// use tchbench::record::{Baseline, read};
///
/// let old: Baseline = read(Path::new("baselines/smoke/cpu-portable.json"))?;
/// let mut new = old.clone();
/// new.cases.retain(|case| case.trial.case.as_str() != "mlp");
///
/// let terms = Terms {
///     alpha: 0.01,
///     accuracy_margin: 0.005,
///     loss_margin: 0.05,
///     suite_margin: 0.02,
///     throughput_margin: 0.03,
///     margins: Margins::default(),
///     noise: Noise::below(0.02),
///     across: Across::default(),
/// };
/// for finding in diff(&[(old, new)], &terms) {
///     let expected = if finding.case == "mlp" { Verdict::Missing } else { Verdict::Identical };
///     assert_eq!(finding.accuracy.verdict, expected);
/// }
/// # Ok::<(), tchbench::record::Error>(())
/// ```
pub fn diff(suites: &[(Baseline, Baseline)], terms: &Terms) -> Vec<CaseFinding> {
    let mut pairs = Vec::new();
    for (old, new) in suites {
        let of_old = old.cases.iter().map(|case| (case, new.case(&case.trial.case)));
        pairs.extend(of_old.map(|(case, found)| CasePair {
            suites: (old, new),
            old: Some(case),
            new: found,
        }));
        let only_new = new.cases.iter().filter(|case| old.case(&case.trial.case).is_none());
        pairs.extend(only_new.map(|case| CasePair { suites: (old, new), old: None, new: Some(case) }));
    }
    let steps: Vec<AccuracyComparison> = pairs.iter().map(|pair| pair.accuracy(terms)).collect();
    let wholes: Vec<_> = suites
        .iter()
        .map(|(old, _)| {
            let tested =
                pairs.iter().zip(&steps).filter(|(_, step)| matches!(step, AccuracyComparison::Test(..)));
            let of_suite = tested.filter(|(pair, _)| std::ptr::eq(pair.suites.0, old));
            // What a quarantined case adds to the loss of all is not to fail either.
            let is_judged = |pair: &&CasePair| {
                let quarantine =
                    pair.old.and_then(|old| terms.margins.of(&old.trial.suite, &old.trial.case).quarantine);
                !quarantine.is_some_and(|quarantine| quarantine.holds_of("accuracy"))
            };
            let judged = of_suite.map(|(pair, _)| pair).filter(is_judged);
            let cases: Vec<_> = judged.filter_map(|pair| pair.old.zip(pair.new)).collect();
            whole(&cases, suites.len(), terms).map(|finding| (old.suite.as_str(), finding))
        })
        .collect();
    let gated =
        pairs.iter().zip(&steps).map(|(pair, step)| (step, pair.old.zip(pair.new), &*pair.suites.1.gates));
    let gated = gates(&gated.collect::<Vec<_>>(), terms);
    let accuracy = second_step(steps, terms);
    let speeds: Vec<Speed> = pairs.iter().map(|pair| pair.throughput(terms)).collect();
    let measured: Vec<(&CaseResults, &CaseResults)> = pairs
        .iter()
        .zip(&speeds)
        .filter(|(_, speed)| matches!(speed, Speed::Test { .. }))
        .filter_map(|(pair, _)| pair.old.zip(pair.new))
        .collect();
    let mut compared = throughput(&measured, terms).into_iter();
    let mut findings = Vec::new();
    for (((pair, accuracy), gates), speed) in pairs.iter().zip(accuracy).zip(gated).zip(speeds) {
        let throughput = match speed {
            Speed::Settled(finding) => finding,
            Speed::Test { under_test } => match compared.next() {
                Some(finding) => Finding { under_test, ..finding },
                None => Finding::new(Verdict::NotMeasured, Vec::new()),
            },
        };
        let Some(case) = pair.old.or(pair.new) else { continue };
        findings.push(CaseFinding {
            suite: pair.suites.0.suite.to_string(),
            case: case.trial.case.to_string(),
            accuracy,
            throughput,
            gates,
            quarantine: terms.margins.of(&case.trial.suite, &case.trial.case).quarantine,
        });
    }
    for (suite, finding) in wholes.into_iter().flatten() {
        let end = findings.iter().rposition(|one| one.suite == suite).map_or(findings.len(), |last| last + 1);
        findings.insert(
            end,
            CaseFinding {
                suite: suite.to_owned(),
                case: ALL_CASES.to_owned(),
                accuracy: finding,
                throughput: Finding::new(Verdict::NotMeasured, Vec::new()),
                gates: Vec::new(),
                quarantine: None,
            },
        );
    }
    findings
}

/// What stands in place of a case's name where all cases of a suite are meant; no case can be called so.
pub const ALL_CASES: &str = "all cases";

/// A comparison of one case's throughput: settled without a test, or to be tested in the family of
/// all.
enum Speed {
    Settled(Finding<ThroughputFigures>),
    Test { under_test: Vec<Field> },
}

/// A case in a baseline and in a run.
struct CasePair<'a> {
    suites: (&'a Baseline, &'a Baseline),
    old: Option<&'a CaseResults>,
    new: Option<&'a CaseResults>,
}

impl CasePair<'_> {
    fn accuracy(&self, terms: &Terms) -> AccuracyComparison {
        let settled = |verdict, reason: &str| {
            let reasons = if reason.is_empty() { Vec::new() } else { vec![reason.to_owned()] };
            AccuracyComparison::Settled(Finding::new(verdict, reasons))
        };
        let (old, new) = match (self.old, self.new) {
            (Some(old), Some(new)) => (old, new),
            (None, _) => return settled(Verdict::New, ""),
            (_, None) => return settled(Verdict::Missing, "the run does not have this case"),
        };
        if new.seeds.is_empty() {
            return if new.throughput.is_empty() && !old.seeds.is_empty() {
                settled(Verdict::Missing, "the run neither trained nor measured it")
            } else {
                settled(Verdict::NotMeasured, "")
            };
        }
        if old.seeds.is_empty() {
            return settled(Verdict::NotMeasured, "the baseline holds no trials");
        }
        let mut fields = recipe(&old.trial, &new.trial);
        let shared: Vec<u64> =
            new.seeds.iter().map(|new| new.seed).filter(|seed| old.seed(*seed).is_some()).collect();
        if shared.is_empty() {
            let seeds = |side: &CaseResults| {
                side.seeds.iter().map(|result| result.seed.to_string()).collect::<Vec<_>>().join(" ")
            };
            fields.push(Field::new("seed", seeds(old), seeds(new)));
        }
        let identities = shared.iter().filter_map(|seed| {
            let old = old.seed(*seed)?;
            let new = new.seed(*seed)?;
            Some(Field::new("identity", &old.identity, &new.identity))
        });
        if !fields.iter().any(Field::differs) {
            // Cannot be but by another program's hand.
            fields.extend(identities.filter(Field::differs).take(1));
        }
        let (refused, under_test) = terms.across.part(fields);
        if !refused.is_empty() {
            return AccuracyComparison::Settled(Finding { under_test, ..Finding::refusing(refused) });
        }
        match first_step(old, new, terms) {
            AccuracyComparison::Settled(finding) => {
                AccuracyComparison::Settled(Finding { under_test, ..finding })
            }
            AccuracyComparison::Test(samples, finding) => {
                AccuracyComparison::Test(samples, Finding { under_test, ..finding })
            }
        }
    }

    fn throughput(&self, terms: &Terms) -> Speed {
        let settled = |verdict| Speed::Settled(Finding::new(verdict, Vec::new()));
        let (old, new) = match (self.old, self.new) {
            (Some(old), Some(new)) => (old, new),
            (None, Some(new)) if !new.throughput.is_empty() => return settled(Verdict::New),
            (Some(old), None) if !old.throughput.is_empty() => return settled(Verdict::Missing),
            _ => return settled(Verdict::NotMeasured),
        };
        let (Some(old_first), Some(new_first)) = (old.throughput.first(), new.throughput.first()) else {
            let others = || self.suites.1.cases.iter().any(|case| !case.throughput.is_empty());
            if old.throughput.is_empty() || !others() {
                return settled(Verdict::NotMeasured);
            }
            let reason = "other cases of the run were measured, this one was not";
            return Speed::Settled(Finding::new(Verdict::Missing, vec![reason.to_owned()]));
        };
        let mut fields = recipe(&old.trial, &new.trial);
        fields.extend(conditions(self.suites, &old.trial.experiment));
        // A process counts by the least of its times: of more rounds that is less.
        let old_method = old_first.method;
        let new_method = new_first.method;
        fields.push(Field::new("method.rounds", old_method.rounds, new_method.rounds));
        fields.push(Field::new("method.round_seconds", old_method.round_seconds, new_method.round_seconds));
        let (refused, under_test) = terms.across.part(fields);
        if refused.is_empty() {
            Speed::Test { under_test }
        } else {
            Speed::Settled(Finding { under_test, ..Finding::refusing(refused) })
        }
    }
}

/// Every field of machine and software that a case's speed depends on: of the kernels, those that its trials use, where
/// both sides tell them.
fn conditions((old, new): (&Baseline, &Baseline), experiment: &Experiment) -> Vec<Field> {
    let old = &old.fingerprint;
    let new = &new.fingerprint;
    let mut fields = fingerprint(old, new);
    if old.engine.tells_kernels_of(experiment) && new.engine.tells_kernels_of(experiment) {
        let is_of_kernels =
            |name: &str| name == "engine.numerics_class" || name.starts_with("engine.kernels");
        fields.retain(|field| !is_of_kernels(&field.name));
        let old_class = old.engine.class_of(experiment);
        let new_class = new.engine.class_of(experiment);
        fields.push(Field::new("engine.numerics_class", old_class, new_class));
    }
    fields
}

/// Every field of two trials that decides bits, but for the seed, which each case has several of.
fn recipe(old: &Trial, new: &Trial) -> Vec<Field> {
    let new = Trial { seed: old.seed, ..new.clone() };
    identity(old, &new)
}
