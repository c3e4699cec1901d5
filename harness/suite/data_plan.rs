//! A suite file's data keys.

use std::sync::Arc;

use serde_json::json;

use crate::reader::{TomlTable, Value, Within, count, flag, nearest, number, sides, text, word};
use crate::recipe::datasets::{Catalogue, Manifest};
use crate::recipe::{
    Augmentation, AugmentationTiming, DataPlan, Fill, Normalize, PerChannel, PixelNoise, SplitBy, SplitName,
    Validation,
};

/// The largest image, after a resize, on a side.
const LARGEST_SIDE: u32 = 256;
pub(super) const MOST_SAMPLES: u32 = 10_000_000;

/// Reads which samples a case takes, and what is done to them.
pub(super) fn data(table: &mut TomlTable<'_>, catalogue: &Catalogue) -> Option<DataPlan> {
    table.explain::<DataPlan>();
    let dataset = table.required("dataset", |value| dataset(value, catalogue));
    let validation = table.optional("validation", validation);
    let train_samples = table.optional("train_samples", count(MOST_SAMPLES));
    let test_samples = table.optional("test_samples", count(MOST_SAMPLES));
    let label_noise = table.or("label_noise", 0.0, number(Within::UpTo(1.0)));
    let augmentation = table.optional("augmentation", augmentation);
    let resize = table.optional("resize", sides(LARGEST_SIDE));
    let pixel_noise = table.optional("pixel_noise", pixel_noise);
    let binarize = table.optional("binarize", number(Within::BelowOne));
    let normalize = table.optional("normalize", normalize);
    let dataset = dataset?;
    let plan = DataPlan {
        dataset: dataset.name.clone(),
        geometry: dataset.geometry,
        validation: validation?,
        train_samples: train_samples?,
        test_samples: test_samples?,
        label_noise: label_noise?,
        augmentation: augmentation?,
        resize: resize?,
        pixel_noise: pixel_noise?,
        binarize: binarize?,
        normalize: normalize?,
    };
    enough_samples(table, &plan, &dataset)?;
    fits_geometry(table, &plan)?;
    Some(plan)
}

fn dataset(value: &Value<'_>, catalogue: &Catalogue) -> Option<Arc<Manifest>> {
    value.says(|| {
        let known: Vec<&str> = catalogue.all().map(|manifest| manifest.name.as_str()).collect();
        json!({ "anyOf": [{ "enum": known }, { "type": "string" }] })
    });
    let name = text(value)?;
    if let Some(manifest) = catalogue.find(&name) {
        return Some(Arc::clone(manifest));
    }
    if let Some(why) = catalogue.broken(&name) {
        return value.report(format!("its manifest cannot be used: {why}"));
    }
    let known: Vec<&str> = catalogue.all().map(|manifest| manifest.name.as_str()).collect();
    value.refuse(nearest(&name, &known))
}

/// Returns the number of training samples of an epoch, changed copies among them; `None` for a dataset that is not
/// known.
pub(super) fn samples_an_epoch(plan: &DataPlan, catalogue: &Catalogue) -> Option<u32> {
    let train = catalogue.find(&plan.dataset)?.train.samples;
    let held = plan.validation.filter(|held| held.from == SplitName::Train).map_or(0, |held| held.count);
    let left = plan.train_samples.unwrap_or(train.saturating_sub(held));
    let is_doubled = plan.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended);
    Some(if is_doubled { left.saturating_mul(2) } else { left })
}

/// Whether what is done to the samples can be done to samples of their shape.
fn fits_geometry(table: &mut TomlTable<'_>, plan: &DataPlan) -> Option<()> {
    let shape = plan.geometry.shape;
    let mut fits = Some(());
    for (key, is_there) in [("augmentation", plan.augmentation.is_some()), ("resize", plan.resize.is_some())]
    {
        if is_there
            && !shape.is_image()
            && let Some(value) = table.find(key)
        {
            fits = value.report(format!(
                "the samples of {} are sequences, and only images can have it; leave it out",
                plan.dataset
            ));
        }
    }
    if let Some(Normalize { mean, std }) = &plan.normalize
        && !(mean.fits(shape) && std.fits(shape))
        && let Some(value) = table.find("normalize")
    {
        let count = shape.features();
        let what = if shape.is_image() { "channel" } else { "feature" };
        fits = value.report(format!(
            "write one number, or {count} in a list, one for each {what} of {}",
            plan.dataset
        ));
    }
    fits
}

/// Whether the dataset has the samples that are asked for.
fn enough_samples(table: &mut TomlTable<'_>, plan: &DataPlan, manifest: &Manifest) -> Option<()> {
    let Manifest { name, train, test, .. } = manifest;
    let train = train.samples;
    let test = test.samples;
    let held = |split| plan.validation.filter(|held| held.from == split).map_or(0, |held| held.count);
    let splits = [
        ("train_samples", "training", train, held(SplitName::Train), plan.train_samples),
        ("test_samples", "test", test, held(SplitName::Test), plan.test_samples),
    ];
    let mut enough = Some(());
    for (key, split, size, held, wanted) in splits {
        if held >= size
            && let Some(value) = table.find("validation")
        {
            enough = value
                .report(format!("{name} has {size} {split} images; hold out fewer than that, not {held}"));
        } else if wanted.unwrap_or(0) > size.saturating_sub(held)
            && let Some(value) = table.find(key)
        {
            let left = size - held;
            enough = value.refuse(format!("{name} leaves {left} {split} images; write at most that"));
        }
    }
    enough
}

fn validation(value: &Value<'_>) -> Option<Validation> {
    let mut table = value.table()?;
    table.explain::<Validation>();
    let from = table.required("from", word);
    let samples = table.required("count", count(MOST_SAMPLES));
    let by = table.or("by", SplitBy::Order, word);
    table.finish();
    Some(Validation { from: from?, count: samples?, by: by? })
}

fn augmentation(value: &Value<'_>) -> Option<Augmentation> {
    let mut table = value.table()?;
    table.explain::<Augmentation>();
    let changes = ["shift", "rotate", "flip"].map(|key| json!({ "required": [key] }));
    table.says(|| json!({ "anyOf": changes }));
    let when = table.required("when", word);
    let shift = table.or("shift", 0.0, number(Within::UpTo(1.0)));
    let rotate = table.or("rotate", 0.0, number(Within::UpTo(180.0)));
    let flip = table.or("flip", false, flag);
    let fill = table.or("fill", Fill::Zero, word);
    table.finish();
    let whole = Augmentation { when: when?, shift: shift?, rotate: rotate?, flip: flip?, fill: fill? };
    if whole.shift == 0.0 && whole.rotate == 0.0 && !whole.flip {
        return value.report("nothing is changed; give shift, rotate or flip, or leave it out");
    }
    Some(whole)
}

fn pixel_noise(value: &Value<'_>) -> Option<PixelNoise> {
    let mut table = value.table()?;
    table.explain::<PixelNoise>();
    let when = table.required("when", |value| {
        value.says(|| json!({ "enum": [AugmentationTiming::Once, AugmentationTiming::EveryEpoch] }));
        match word(value)? {
            AugmentationTiming::Appended => value.refuse("pixel noise is drawn \"once\" or \"every-epoch\""),
            when => Some(when),
        }
    });
    let mean = table.or("mean", 0.0, number(Within::Any));
    let std = table.required("std", number(Within::Positive));
    table.finish();
    Some(PixelNoise { when: when?, mean: mean?, std: std? })
}

fn normalize(value: &Value<'_>) -> Option<Normalize> {
    let mut table = value.table()?;
    table.explain::<Normalize>();
    let mean = table.required("mean", |value| per_channel(value, Within::Any));
    let std = table.required("std", |value| per_channel(value, Within::Positive));
    table.finish();
    Some(Normalize { mean: mean?, std: std? })
}

fn per_channel(value: &Value<'_>, within: Within) -> Option<PerChannel> {
    value.says_or_list(number(within));
    if !value.is_list() {
        return number(within)(value).map(PerChannel::All);
    }
    let items = value.items()?;
    items.iter().map(number(within)).collect::<Option<Vec<f64>>>().map(PerChannel::Each)
}
