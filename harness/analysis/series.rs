//! Nights in a row: accuracy and throughput of each case, and where their level changed.

use std::collections::BTreeMap;

use crate::listing::Natural;
use crate::record::Night;
use crate::stats::change_points;

/// The nights of one case, and what they show. Change points are searched over all nights.
#[derive(Debug)]
pub struct CaseHistory<'a> {
    /// The name of the suite.
    pub suite: &'a str,
    /// The name of the case.
    pub case: &'a str,
    /// The nights, the newest at the end; never empty.
    pub nights: Vec<&'a Night>,
    /// The mean test accuracy, over nights of one identity; a change is a difference of fractions.
    pub accuracy: NightlySeries<'a>,
    /// The throughput of training steps, over nights of one identity and machine; a change is relative.
    pub throughput: NightlySeries<'a>,
}

/// Returns the history of each case, ordered by suite and case.
pub fn case_histories<'a>(nights: impl IntoIterator<Item = &'a Night>) -> Vec<CaseHistory<'a>> {
    let mut cases: BTreeMap<(Natural, Natural), Vec<&Night>> = BTreeMap::new();
    for night in nights {
        cases.entry((Natural(&night.suite), Natural(&night.case))).or_default().push(night);
    }
    let history =
        |((Natural(suite), Natural(case)), mut nights): ((Natural<'a>, Natural<'a>), Vec<&'a Night>)| {
            nights.sort_by_key(|night| night.began);
            let accuracy = NightlySeries::new(
                nights.iter().map(|night| Some((Conditions::of(night), night.accuracy?.mean))).collect(),
                |before, after| after - before,
                |value| value,
            );
            let throughput = NightlySeries::new(
                nights.iter().map(|night| time(night)).collect(),
                |before, after| (before - after).exp() - 1.0,
                |time| -time,
            );
            CaseHistory { suite, case, nights, accuracy, throughput }
        };
    cases.into_iter().map(history).collect()
}

/// Returns the logarithm of the time of a step, calibrated where that can be, and its conditions.
fn time(night: &Night) -> Option<(Conditions<'_>, f64)> {
    let step = night.step?;
    let (unit, time) = step.calibrated.map_or(("seconds", step.seconds), |time| ("calibrated", time));
    let finite = (time > 0.0 && time.is_finite()).then(|| time.ln())?;
    Some((Conditions { machine: &night.machine, unit, ..Conditions::of(night) }, finite))
}

/// What nights have in common that may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Conditions<'a> {
    identity: &'a str,
    machine: &'a str,
    unit: &'a str,
}

impl<'a> Conditions<'a> {
    /// Of results that are the same on every machine.
    fn of(night: &'a Night) -> Self {
        Conditions { identity: &night.identity, machine: "", unit: "" }
    }
}

/// A metric over the nights of a case.
#[derive(Debug)]
pub struct NightlySeries<'a> {
    /// The value of each night that has one, with its conditions.
    values: Vec<Option<(Conditions<'a>, f64)>>,
    /// Where the level changed, in the order of nights.
    pub level_changes: Vec<LevelChange>,
    /// Gives the change from one value to another.
    between: fn(f64, f64) -> f64,
    /// Gives how high a value is drawn.
    height: fn(f64) -> f64,
}

/// A change point: from this night on, the level of a series is another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelChange {
    /// The night's place in its case's history.
    pub night: usize,
    /// The change as a fraction.
    pub change: f64,
}

impl<'a> NightlySeries<'a> {
    fn new(
        values: Vec<Option<(Conditions<'a>, f64)>>,
        between: fn(f64, f64) -> f64,
        height: fn(f64) -> f64,
    ) -> Self {
        let mut comparable: BTreeMap<Conditions, (Vec<usize>, Vec<f64>)> = BTreeMap::new();
        for (night, value) in values.iter().enumerate() {
            if let Some((conditions, value)) = value {
                let (nights, values) = comparable.entry(*conditions).or_default();
                nights.push(night);
                values.push(*value);
            }
        }
        let found = |(nights, values): (Vec<usize>, Vec<f64>)| {
            let points = change_points(&values).into_iter();
            points.map(move |point| LevelChange {
                night: nights[point.index],
                change: between(point.before, point.after),
            })
        };
        let mut level_changes: Vec<LevelChange> = comparable.into_values().flat_map(found).collect();
        level_changes.sort_by_key(|change| change.night);
        NightlySeries { values, level_changes, between, height }
    }

    /// Returns the change of a night's value since the last night before it under the same conditions; `None` if one
    /// of them has no value.
    pub fn change(&self, night: usize) -> Option<f64> {
        let (_, value) = self.values[night]?;
        let (_, before) = self.values[self.previous(night)?]?;
        Some((self.between)(before, value))
    }

    /// Returns the place of the last night before one that has a value under the same conditions; `None` if there is
    /// none.
    pub fn previous(&self, night: usize) -> Option<usize> {
        let (conditions, _) = self.values[night]?;
        self.values[..night].iter().rposition(|value| value.is_some_and(|(other, _)| other == conditions))
    }

    /// Returns the change of the level at a night; `None` if it did not change there.
    pub fn level_change(&self, night: usize) -> Option<f64> {
        self.level_changes.iter().find(|change| change.night == night).map(|change| change.change)
    }

    /// Returns how high each night from `first` on is drawn: the higher the better, and `None` for a night without a
    /// value under the newest night's conditions. Returns `None` if no night has a value.
    pub fn heights(&self, first: usize) -> Option<Vec<Option<f64>>> {
        let (newest, _) = self.values.iter().rev().flatten().next()?;
        let height = |value: &Option<(Conditions, f64)>| {
            value.filter(|(conditions, _)| conditions == newest).map(|(_, value)| (self.height)(value))
        };
        Some(self.values[first..].iter().map(height).collect())
    }
}
