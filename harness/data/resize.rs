//! Bilinear resizing without antialiasing, as PyTorch's `interpolate` with `align_corners=False`:
//! output pixel `i` samples the input at `(i + 0.5) * input / output - 0.5`, not below 0.

/// A change of size, worked out once for all images.
#[derive(Clone, Debug)]
pub struct Resize {
    rows: Vec<Tap>,
    columns: Vec<Tap>,
    width: usize,
}

/// Where an output row or column comes from.
#[derive(Clone, Copy, Debug)]
struct Tap {
    first: usize,
    second: usize,
    share_of_second: f32,
}

fn taps(input: usize, output: usize) -> Vec<Tap> {
    let scale = input as f32 / output as f32;
    (0..output)
        .map(|index| {
            let at = ((index as f32 + 0.5) * scale - 0.5).max(0.0);
            let first = (at as usize).min(input.saturating_sub(1));
            let second = (first + 1).min(input.saturating_sub(1));
            Tap { first, second, share_of_second: at - first as f32 }
        })
        .collect()
}

impl Resize {
    /// Returns the resizing of images from [height, width] to another.
    pub fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        Resize { rows: taps(from[0], to[0]), columns: taps(from[1], to[1]), width: from[1] }
    }

    /// Fills `output` with the resized `input`, both row after row.
    pub fn apply(&self, input: &[f32], output: &mut [f32]) {
        for (row, output) in self.rows.iter().zip(output.chunks_exact_mut(self.columns.len())) {
            let upper = &input[row.first * self.width..][..self.width];
            let lower = &input[row.second * self.width..][..self.width];
            for (column, pixel) in self.columns.iter().zip(output) {
                let across = |line: &[f32]| {
                    let share = column.share_of_second;
                    (1.0 - share) * line[column.first] + share * line[column.second]
                };
                let share = row.share_of_second;
                *pixel = (1.0 - share) * across(upper) + share * across(lower);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resized(from: [usize; 2], to: [usize; 2], input: &[f32]) -> Vec<f32> {
        let mut output = vec![f32::NAN; to[0] * to[1]];
        Resize::new(from, to).apply(input, &mut output);
        output
    }

    #[test]
    fn halving_averages_four_pixels() {
        let input: Vec<f32> = (0..16).map(|value| value as f32).collect();
        assert_eq!(resized([4, 4], [2, 2], &input), [2.5, 4.5, 10.5, 12.5]);
    }

    #[test]
    fn doubling_matches_values_computed_by_hand() {
        // Samples at -0.25 (held at 0), 0.25, 0.75 and 1.25 (held at the last pixel).
        assert_eq!(resized([1, 2], [1, 4], &[0.0, 4.0]), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(resized([2, 1], [4, 1], &[0.0, 4.0]), [0.0, 1.0, 3.0, 4.0]);
    }

    #[test]
    fn an_uneven_ratio_samples_between_pixels() {
        // 3 to 2: samples at 0.25 and 1.75.
        assert_eq!(resized([1, 3], [1, 2], &[0.0, 4.0, 16.0]), [1.0, 13.0]);
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let input: Vec<f32> = (0..28 * 28).map(|value| value as f32 / 7.0).collect();
        assert_eq!(resized([28, 28], [28, 28], &input), input);
    }
}
