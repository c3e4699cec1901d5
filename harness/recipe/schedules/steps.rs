//! `steps`: a rate that is multiplied by a factor after given epochs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::kind::{ScheduleKind, TrainingLength};
use crate::reader::{TomlTable, Value, Within, count, number};
use crate::recipe::convention::Convention;
use crate::recipe::training::MOST_EPOCHS;
use crate::valid::{Valid, ensure, positive};

/// The rate is multiplied by `factor` once each of the epochs in `after` is done (PyTorch's `MultiStepLR`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Numbers of epochs, ascending.
    pub after: Vec<u32>,
    /// The factor, above 0.
    pub factor: f64,
}

impl ScheduleKind for Steps {
    const WORD: &'static str = "steps";

    fn read(table: &mut TomlTable<'_>, _: Convention, _: f64) -> Option<Self> {
        let after = table.required("after", epochs);
        let factor = table.or("factor", 0.1, number(Within::Positive));
        Some(Steps { after: after?, factor: factor? })
    }

    fn validate(&self) -> Valid {
        ensure(is_ascending(&self.after), "after", "is no list of ascending epochs")?;
        positive("factor", self.factor)
    }

    fn rate(&self, lr: f64, step: u64, course: TrainingLength) -> f64 {
        let done = step / course.steps;
        let passed = self.after.iter().filter(|&&epoch| u64::from(epoch) <= done);
        passed.fold(lr, |rate, _| rate * self.factor)
    }
}

fn epochs(value: &Value<'_>) -> Option<Vec<u32>> {
    value.says(|| json!({ "minItems": 1, "uniqueItems": true }));
    let epochs: Vec<Option<u32>> = value.items()?.iter().map(count(MOST_EPOCHS)).collect();
    let epochs = epochs.into_iter().collect::<Option<Vec<u32>>>()?;
    if is_ascending(&epochs) { Some(epochs) } else { value.report("write ascending epochs, as in [30, 60]") }
}

fn is_ascending(epochs: &[u32]) -> bool {
    !epochs.is_empty() && epochs.windows(2).all(|pair| pair[0] < pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch's `MultiStepLR(SGD(lr=1), milestones=[1, 3], gamma=0.5)` trains the first epoch with 1, the second and
    /// third with 0.5, the fourth with 0.25.
    #[test]
    fn the_rate_falls_after_the_epochs() {
        let course = TrainingLength { steps: 2, epochs: 4 };
        let steps = Steps { after: vec![1, 3], factor: 0.5 };
        let rates: Vec<f64> = (0..8).map(|step| steps.rate(1.0, step, course)).collect();
        assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]);
    }
}
