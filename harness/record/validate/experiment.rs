//! A resolved experiment keeps within what a suite file can ask for.

use crate::recipe::layers::LayerKind;
use crate::recipe::shape::{Shape, plan_of};
use crate::recipe::{DataPlan, EarlyStopping, Experiment, Geometry, Layer, MOST_CLASSES, Training};
use crate::valid::{Inside, Valid, Validate, between, each, ensure, fraction, not_negative, positive};

impl Validate for Experiment {
    fn validate(&self) -> Valid {
        data(&self.data).inside("data")?;
        each("layers", &self.layers, Layer::validate)?;
        let planned = plan_of(self);
        planned
            .map_or_else(|why| ensure(false, "layers", format_args!("are no network: {why}")), |_| Ok(()))?;
        training(&self.training, self.data.validation.is_some()).inside("training")
    }
}

fn data(plan: &DataPlan) -> Valid {
    let Geometry { shape, classes } = plan.geometry;
    let reason = format_args!("is {classes}, which is not from 1 to {MOST_CLASSES}");
    ensure((1..=MOST_CLASSES).contains(&classes), "geometry.classes", reason)?;
    let is_sample = !matches!(shape, Shape::Vector { .. });
    ensure(is_sample, "geometry.shape", "is a vector, but samples are images or sequences")?;
    fraction("label_noise", plan.label_noise)?;
    if let Some(held) = plan.validation {
        at_least_one("validation.count", held.count)?;
    }
    at_least_one("train_samples", plan.train_samples.unwrap_or(1))?;
    at_least_one("test_samples", plan.test_samples.unwrap_or(1))?;
    if let Some(augmentation) = plan.augmentation {
        fraction("augmentation.shift", augmentation.shift)?;
        between("augmentation.rotate", augmentation.rotate, 0.0..=180.0)?;
    }
    if let Some([height, width]) = plan.resize {
        let holds = (1..=256).contains(&height) && (1..=256).contains(&width);
        ensure(holds, "resize", format_args!("is [{height}, {width}], which is not from 1 to 256"))?;
    }
    if let Some(noise) = plan.pixel_noise {
        positive("pixel_noise.std", noise.std)?;
    }
    if let Some(threshold) = plan.binarize {
        fraction("binarize", threshold)?;
    }
    let Some(normalize) = &plan.normalize else { return Ok(()) };
    for (field, numbers) in [("normalize.mean", &normalize.mean), ("normalize.std", &normalize.std)] {
        let is = numbers.numbers().len();
        ensure(
            numbers.fits(plan.geometry.shape),
            field,
            format_args!("has {is} numbers, not one a channel"),
        )?;
    }
    normalize.std.numbers().iter().try_for_each(|&std| positive("normalize.std", std))
}

fn training(training: &Training, held_out: bool) -> Valid {
    between("epochs", training.epochs.into(), 1.0..=1e6)?;
    at_least_one("batch", training.batch)?;
    not_negative("weight_decay", training.weight_decay)?;
    positive("gradient_clip", training.gradient_clip.unwrap_or(1.0))?;
    positive("optimizer.lr", training.optimizer.lr())?;
    training.optimizer.validate().inside("optimizer")?;
    training.schedule.validate().inside("schedule")?;
    let is_watched = held_out || !training.schedule.watches_validation();
    ensure(is_watched, "schedule", "watches a validation value, but no samples are held out")?;
    let Some(EarlyStopping { patience, .. }) = training.early_stopping else { return Ok(()) };
    at_least_one("early_stopping.patience", patience)?;
    ensure(held_out, "early_stopping", "watches a validation value, but no samples are held out")
}

fn at_least_one(field: &str, count: u32) -> Valid {
    ensure(count >= 1, field, "is 0, which is less than 1")
}
