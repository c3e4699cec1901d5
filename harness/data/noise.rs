//! Noise on training labels and pixels.

use crate::recipe::PixelNoise;
use crate::rng::{Purpose, Stream};

/// Draws the class of a `fraction` of the labels anew, uniformly from all classes (so that some
/// keep theirs). Whether and as what a label is drawn depends on its index alone.
pub fn labels(labels: &mut [u16], fraction: f64, classes: u32, seed: u64) {
    let stream = Stream::new(seed, Purpose::LabelNoise, 0);
    for (index, label) in labels.iter_mut().enumerate() {
        let mut stream = stream.item(index as u64);
        if stream.unit() < fraction {
            *label = stream.below(classes) as u16;
        }
    }
}

/// Adds Gaussian noise to an image.
pub fn pixels(image: &mut [f32], noise: &PixelNoise, stream: &mut Stream) {
    let mean = noise.mean as f32;
    let std = noise.std as f32;
    for pair in image.chunks_mut(2) {
        for (pixel, normal) in pair.iter_mut().zip(two_normals(stream)) {
            *pixel += mean + std * normal;
        }
    }
}

/// Two standard normal values (Box and Muller 1958), in single precision: enough for pixels, and
/// several times faster.
fn two_normals(stream: &mut Stream) -> [f32; 2] {
    let radius = (-2.0 * libm::logf(1.0 - stream.unit_f32())).sqrt();
    let (sin, cos) = libm::sincosf(std::f32::consts::TAU * stream.unit_f32());
    [radius * cos, radius * sin]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::AugmentationTiming;

    #[test]
    fn a_fraction_of_the_labels_is_drawn_anew() {
        let clean = vec![3u16; 50_000];
        let noisy = |fraction| {
            let mut noisy = clean.clone();
            labels(&mut noisy, fraction, 10, 7);
            noisy
        };
        assert_eq!(noisy(0.0), clean);
        // Nine in ten of those drawn anew change: 0.2 * 0.9 = 0.18, five standard errors around.
        let changed = noisy(0.2).iter().filter(|&&label| label != 3).count() as f64 / 5e4;
        assert!((changed - 0.18).abs() < 0.009, "{changed}");
        let all = noisy(1.0);
        for class in 0..10 {
            let share = all.iter().filter(|&&label| label == class).count() as f64 / 5e4;
            assert!((share - 0.1).abs() < 0.007, "class {class}: {share}");
        }
        // More noise adds to less.
        let kept = noisy(0.2).iter().zip(&noisy(0.5)).all(|(&less, &more)| less == 3 || less == more);
        assert!(kept);
    }

    #[test]
    fn pixel_noise_has_its_mean_and_deviation() {
        let noise = PixelNoise { when: AugmentationTiming::Once, mean: 0.5, std: 2.0 };
        let mut image = vec![1.0; 99_999];
        pixels(&mut image, &noise, &mut Stream::new(1, Purpose::PixelNoise, 0));
        let mean = image.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / 1e5;
        let variance = image.iter().map(|&pixel| (f64::from(pixel) - 1.5).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 1.5).abs() < 0.03 && (variance - 4.0).abs() < 0.09, "{mean} {variance}");
    }

    #[test]
    fn pixel_noise_is_pinned() {
        let noise = PixelNoise { when: AugmentationTiming::Once, mean: 0.0, std: 1.0 };
        let mut image = [0.0; 3];
        pixels(&mut image, &noise, &mut Stream::new(1, Purpose::PixelNoise, 0));
        assert_eq!(image.map(f32::to_bits), [1_063_058_187, 3_219_049_367, 1_067_404_214]);
    }
}
