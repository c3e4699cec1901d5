//! A contact sheet of a dataset.

use std::path::PathBuf;

use super::exit::{Exit, Failure};
use super::options::sides::sides;
use super::picture;
use crate::data::{self, Roots, preview};
use crate::recipe::{Augmentation, AugmentationTiming, DataPlan, Fill, Geometry, PixelNoise};
use crate::terminal::print;

/// Which images of a dataset are drawn, and what is done to them.
#[derive(Debug, clap::Args)]
pub struct PreviewOptions {
    /// The name of the dataset.
    #[arg(help = "Which dataset")]
    name: String,
    /// Where to write it [default: <NAME>.png].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The split that images are taken from.
    #[arg(long, help = "From which split", value_parser = ["train", "test"], default_value = "train")]
    split: String,
    /// About how many images, equally many of each class.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Decides which images, and what is drawn for their transforms.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Shift by up to this fraction of height and width.
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = within::<0, 1>)]
    shift: f64,
    /// Rotate by up to so many degrees.
    #[arg(long, value_name = "D", default_value_t = 0.0, value_parser = within::<0, 180>)]
    rotate: f64,
    /// Mirror left and right with probability one half.
    #[arg(long)]
    flip: bool,
    /// The height and width that images are resized to.
    #[arg(long, help = "Resize, bilinear", value_name = "HxW", value_parser = height_and_width)]
    resize: Option<[u32; 2]>,
    /// Add Gaussian noise of this standard deviation.
    #[arg(long, value_name = "STD", default_value_t = 0.0, value_parser = within::<0, 100>)]
    noise: f64,
    /// Pixels greater than this become 1, others 0.
    #[arg(long, value_name = "T", value_parser = within::<0, 1>)]
    binarize: Option<f64>,
}

fn within<const LOW: i32, const HIGH: i32>(text: &str) -> Result<f64, String> {
    let range = f64::from(LOW)..=f64::from(HIGH);
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| format!("must be a number from {LOW} to {HIGH}"))
}

fn height_and_width(text: &str) -> Result<[u32; 2], String> {
    sides(text).ok_or_else(|| "must be height and width, as in 14x14".to_owned())
}

impl PreviewOptions {
    /// Returns the plan of what is done to images; `None` if nothing is.
    fn plan(&self, geometry: Geometry) -> Option<DataPlan> {
        let augmented = self.shift > 0.0 || self.rotate > 0.0 || self.flip;
        let plan = DataPlan {
            dataset: self.name.clone(),
            geometry,
            validation: None,
            train_samples: None,
            test_samples: None,
            label_noise: 0.0,
            augmentation: augmented.then_some(Augmentation {
                when: AugmentationTiming::Once,
                shift: self.shift,
                rotate: self.rotate,
                flip: self.flip,
                fill: Fill::Zero,
            }),
            resize: self.resize,
            pixel_noise: (self.noise > 0.0).then_some(PixelNoise {
                when: AugmentationTiming::Once,
                mean: 0.0,
                std: self.noise,
            }),
            binarize: self.binarize,
            normalize: None,
        };
        let transforms = plan.augmentation.is_some()
            || plan.resize.is_some()
            || plan.pixel_noise.is_some()
            || plan.binarize.is_some();
        transforms.then_some(plan)
    }

    /// Draws the images into a file, prints its path, and returns the exit code.
    ///
    /// # Errors
    /// Fails if the dataset is not found, or if the file cannot be written.
    pub fn write(&self, roots: &Roots) -> Result<Exit, Failure> {
        let dataset = data::load(&self.name, roots)?;
        let split = if self.split == "test" { &dataset.test } else { &dataset.train };
        let plan = self.plan(dataset.geometry());
        let is_warped =
            plan.as_ref().is_some_and(|plan| plan.augmentation.is_some() || plan.resize.is_some());
        if is_warped && !split.shape.is_image() {
            let message = format!(
                "{} holds sequences, and only images are shifted, rotated, flipped or resized",
                self.name
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        let sheet = preview::sheet(split, dataset.classes, self.count as usize, plan.as_ref(), self.seed)?;
        let path = self.out.clone().unwrap_or_else(|| format!("{}.png", self.name).into());
        picture::write_sheet(&path, &sheet)?;
        print(&format!("{}\n", path.display()));
        Ok(Exit::Success)
    }
}
