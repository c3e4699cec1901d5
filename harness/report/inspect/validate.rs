//! What a look into a network can have found: the shapes that its pictures rely on, and values in their ranges.

use super::{
    Confusion, Example, Examples, GradientNorms, Gradients, Image, LastSteps, Mistake, Mistakes,
    PartOverTime, Sample, SampleSteps, States, StepAnswers, ViewFinding,
};
use crate::recipe::MOST_CLASSES;
use crate::recipe::ReadBy;
use crate::recipe::shape::WIDEST;
use crate::valid::{Valid, Validate, each, ensure, fraction};

/// No image is larger, in pixels on a side; nothing is read in more time steps than it has pixels.
const LARGEST_SIDE: usize = 1024;
const MOST_STEPS: usize = LARGEST_SIDE * LARGEST_SIDE;

impl Validate for ViewFinding {
    fn validate(&self) -> Valid {
        match self {
            ViewFinding::Steps(found) => found.validate(),
            ViewFinding::Hidden(found) | ViewFinding::Gates(found) => found.validate(),
            ViewFinding::LastSteps(found) => found.validate(),
            ViewFinding::Gradients(found) => found.validate(),
            ViewFinding::Mistakes(found) => found.validate(),
            ViewFinding::Confusion(found) => found.validate(),
            ViewFinding::Samples(found) => found.validate(),
        }
    }
}

impl Validate for StepAnswers {
    fn validate(&self) -> Valid {
        inside("sample", sample(&self.sample))?;
        let [height, width] = self.grid.map(|side| side as usize);
        let sides = [height, width].iter().all(|side| (1..=LARGEST_SIDE).contains(side));
        ensure(sides, "grid", format_args!("is {height} x {width}, which nothing reads"))?;
        let steps = match self.by {
            ReadBy::Rows => height,
            ReadBy::Columns => width,
            ReadBy::Pixels => height * width,
        };
        count("probabilities", self.probabilities.len(), steps)?;
        each("probabilities", &self.probabilities, |step| distribution(step))
    }
}

impl Validate for States {
    fn validate(&self) -> Valid {
        inside("sample", sample(&self.sample))?;
        let steps = self.states.first().map_or(0, |heat| heat.values.len());
        ensure((1..=MOST_STEPS).contains(&steps), "states", format_args!("have {steps} time steps"))?;
        each("states", &self.states, |heat: &PartOverTime| {
            count("values", heat.values.len(), steps)?;
            let units = heat.values.first().map_or(0, Vec::len);
            ensure((1..=WIDEST as usize).contains(&units), "values", format_args!("have {units} units"))?;
            each("values", &heat.values, |step| {
                count("length", step.len(), units)?;
                numbers("values", step)
            })
        })
    }
}

impl Validate for LastSteps {
    fn validate(&self) -> Valid {
        let steps = self.steps.len();
        ensure(steps >= 1, "steps", "is empty")?;
        ensure(self.steps.is_sorted(), "steps", format_args!("are {:?}, which is no order", self.steps))?;
        count("accuracies", self.accuracies.len(), steps)?;
        each("accuracies", &self.accuracies, |&accuracy| fraction("value", accuracy))?;
        each("samples", &self.samples, |found: &SampleSteps| {
            inside("sample", sample(&found.sample))?;
            count("probabilities", found.probabilities.len(), steps)?;
            each("probabilities", &found.probabilities, |step| distribution(step))
        })
    }
}

impl Validate for Gradients {
    fn validate(&self) -> Valid {
        ensure(!self.norms.is_empty(), "norms", "is empty")?;
        each("norms", &self.norms, |found: &GradientNorms| {
            ensure(found.samples >= 1, "samples", "is 0, which is less than 1")?;
            let steps = found.norms.len();
            ensure((1..=MOST_STEPS).contains(&steps), "norms", format_args!("have {steps} time steps"))?;
            let holds = found.norms.iter().all(|norm| norm.is_finite() && *norm >= 0.0);
            ensure(holds, "norms", "hold what is no finite number from 0 on")
        })
    }
}

impl Validate for Mistakes {
    fn validate(&self) -> Valid {
        let Mistakes { tested, mistaken, shown, .. } = self;
        ensure(mistaken <= tested, "mistaken", format_args!("is {mistaken} of {tested} tested"))?;
        let reason = format_args!("are {}, but {mistaken} were mistaken", shown.len());
        ensure(shown.len() <= *mistaken, "shown", reason)?;
        each("shown", shown, |mistake: &Mistake| {
            inside("sample", sample(&mistake.sample))?;
            class("predicted", mistake.predicted)?;
            let is_right = mistake.predicted == usize::from(mistake.sample.label);
            ensure(!is_right, "predicted", format_args!("is {}, the true class", mistake.predicted))?;
            fraction("probability", mistake.probability.into())?;
            fraction("probability_of_truth", mistake.probability_of_truth.into())
        })
    }
}

impl Validate for Confusion {
    fn validate(&self) -> Valid {
        let classes = self.counts.len();
        ensure(is_classes(classes), "counts", format_args!("are of {classes} classes"))?;
        each("counts", &self.counts, |row: &Vec<u64>| {
            count("length", row.len(), classes)?;
            let most = row.iter().copied().max().unwrap_or(0);
            ensure(most <= u32::MAX.into(), "count", format_args!("is {most}, more than any data set has"))
        })
    }
}

impl Validate for Examples {
    fn validate(&self) -> Valid {
        ensure(!self.examples.is_empty(), "examples", "is empty")?;
        each("examples", &self.examples, |example: &Example| {
            inside("sample", sample(&example.sample))?;
            example.seen.as_ref().map_or(Ok(()), |seen| inside("seen", image(seen)))?;
            class("taught", example.taught.into())
        })
    }
}

fn inside(field: &str, valid: Valid) -> Valid {
    valid.map_err(|why| why.inside(field))
}

fn sample(sample: &Sample) -> Valid {
    class("label", sample.label.into())?;
    inside("image", image(&sample.image))
}

fn image(image: &Image) -> Valid {
    let Image { channels, height, width, pixels } = image;
    for (field, side) in [("height", *height), ("width", *width)] {
        let reason = format_args!("is {side}, which is not from 1 to {LARGEST_SIDE}");
        ensure((1..=LARGEST_SIDE).contains(&side), field, reason)?;
    }
    let reason = format_args!("is {channels}, which is not from 1 to {LARGEST_SIDE}");
    ensure((1..=LARGEST_SIDE).contains(channels), "channels", reason)?;
    count("pixels", pixels.len(), channels * height * width)?;
    numbers("pixels", pixels)
}

fn class(field: &str, class: usize) -> Valid {
    ensure(class < MOST_CLASSES as usize, field, format_args!("is {class}, which is no class"))
}

fn is_classes(count: usize) -> bool {
    (1..=MOST_CLASSES as usize).contains(&count)
}

/// A probability for each class, together 1.
fn distribution(probabilities: &[f32]) -> Valid {
    let classes = probabilities.len();
    ensure(is_classes(classes), "length", format_args!("is {classes}, which is no number of classes"))?;
    probabilities.iter().try_for_each(|&one| fraction("value", one.into()))?;
    let sum: f32 = probabilities.iter().sum();
    ensure((sum - 1.0).abs() < 1e-3, "sum", format_args!("is {sum}, which is not 1"))
}

fn numbers(field: &str, values: &[f32]) -> Valid {
    ensure(values.iter().all(|value| value.is_finite()), field, "hold what is no finite number")
}

fn count(field: &str, is: usize, wanted: usize) -> Valid {
    ensure(is == wanted, field, format_args!("is {is}, which should be {wanted}"))
}
