//! Changes of an image, drawn for augmentation or fixed: one bilinear sampling an image.

use crate::recipe::{Augmentation, Fill};
use crate::rng::Stream;

/// How one image is changed: mirrored, then shifted, then rotated about its centre, then scaled about
/// it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Down and across, in pixels.
    pub shift: [f64; 2],
    /// Counter-clockwise as seen, in degrees.
    pub rotate: f64,
    /// Left and right exchanged.
    pub flip: bool,
    /// How many times as large.
    pub scale: f64,
}

impl Change {
    /// The change that leaves an image as it is.
    pub const NONE: Change = Change { shift: [0.0, 0.0], rotate: 0.0, flip: false, scale: 1.0 };

    /// Draws a change for an image of `height` by `width`. It always takes the same numbers from
    /// the stream, so that a flip does not depend on whether images are rotated.
    pub fn draw(plan: &Augmentation, height: usize, width: usize, stream: &mut Stream) -> Self {
        let mut each_way = |most: f64| most * stream.uniform(-1.0, 1.0);
        let shift = [each_way(plan.shift * height as f64), each_way(plan.shift * width as f64)];
        let rotate = each_way(plan.rotate);
        Change { shift, rotate, flip: stream.unit() < 0.5 && plan.flip, ..Change::NONE }
    }
}

/// Warps images of one size; holds the frame of zeros around them.
#[derive(Clone, Debug)]
pub struct Warp {
    height: usize,
    width: usize,
    fill: Fill,
    framed: Vec<f32>,
}

impl Warp {
    /// Returns the plan for images of this size, with `fill` outside of them.
    pub fn new(height: usize, width: usize, fill: Fill) -> Self {
        Warp { height, width, fill, framed: vec![0.0; (height + 3) * (width + 3)] }
    }

    /// Fills `output` with the changed `input`, both row after row.
    pub fn apply(&mut self, change: &Change, input: &[f32], output: &mut [f32]) {
        let height = self.height;
        let width = self.width;
        let stride = self.width + 3;
        let inner = self.framed.chunks_exact_mut(stride).skip(1);
        for (row, framed) in input.chunks_exact(width).zip(inner) {
            framed[1..=width].copy_from_slice(row);
        }

        // Where in the framed input each output pixel comes from: the inverse change.
        let angle = change.rotate.to_radians();
        let sin = libm::sin(angle) as f32;
        let cos = libm::cos(angle) as f32;
        let [middle_y, middle_x] = [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0];
        let [shift_y, shift_x] = change.shift.map(|pixels| pixels as f32);
        let mirror = if change.flip { -1.0 } else { 1.0 };
        let scale = change.scale as f32;
        for (y, row) in output.chunks_exact_mut(width).enumerate() {
            let down = (y as f32 - middle_y) / scale;
            for (x, pixel) in row.iter_mut().enumerate() {
                let across = (x as f32 - middle_x) / scale;
                let from_y = sin * across + cos * down - shift_y;
                let from_x = mirror * (cos * across - sin * down - shift_x);
                let [from_y, from_x] = match self.fill {
                    Fill::Zero => [from_y + middle_y, from_x + middle_x],
                    Fill::Nearest => [
                        (from_y + middle_y).clamp(0.0, (height - 1) as f32),
                        (from_x + middle_x).clamp(0.0, (width - 1) as f32),
                    ],
                };
                *pixel = sample(&self.framed, stride, height, width, from_y, from_x);
            }
        }
    }
}

/// The bilinear value at (y, x) of an image of `height` by `width` within a frame of zeros, one
/// pixel wide before and two behind.
fn sample(framed: &[f32], stride: usize, height: usize, width: usize, y: f32, x: f32) -> f32 {
    let y = (y + 1.0).clamp(0.0, (height + 1) as f32);
    let x = (x + 1.0).clamp(0.0, (width + 1) as f32);
    let top = y as usize;
    let left = x as usize;
    let below = y - top as f32;
    let right = x - left as f32;
    let corner = &framed[top * stride + left..];
    let upper = &corner[..2];
    let lower = &corner[stride..stride + 2];
    let upper = upper[0] + right * (upper[1] - upper[0]);
    let lower = lower[0] + right * (lower[1] - lower[0]);
    upper + below * (lower - upper)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::recipe::AugmentationTiming;
    use crate::rng::Purpose;

    fn warped(change: &Change, size: [usize; 2], input: &[f32]) -> Vec<f32> {
        filled(Fill::Zero, change, size, input)
    }

    fn filled(fill: Fill, change: &Change, [height, width]: [usize; 2], input: &[f32]) -> Vec<f32> {
        let mut output = vec![f32::NAN; input.len()];
        Warp::new(height, width, fill).apply(change, input, &mut output);
        output
    }

    fn ramp(count: usize) -> Vec<f32> {
        (1..=count).map(|value| value as f32).collect()
    }

    #[test]
    fn no_change_is_none() {
        assert_eq!(warped(&Change::NONE, [3, 5], &ramp(15)), ramp(15));
    }

    #[test]
    fn whole_shifts_move_pixels_and_fill_with_zero() {
        let change = Change { shift: [1.0, -1.0], ..Change::NONE };
        assert_eq!(warped(&change, [3, 3], &ramp(9)), [0.0, 0.0, 0.0, 2.0, 3.0, 0.0, 5.0, 6.0, 0.0]);
    }

    #[test]
    fn the_nearest_pixel_stands_outside_where_it_is_asked_for() {
        let far = |down, across| {
            let change = Change { shift: [down, across], ..Change::NONE };
            filled(Fill::Nearest, &change, [3, 3], &ramp(9))
        };
        assert_eq!(far(1.0, -1.0), [2.0, 3.0, 3.0, 2.0, 3.0, 3.0, 5.0, 6.0, 6.0]);
        assert_eq!(far(0.0, 0.5), [1.0, 1.5, 2.5, 4.0, 4.5, 5.5, 7.0, 7.5, 8.5]);
        assert_eq!(far(9.0, 9.0), [1.0; 9]);
        assert_eq!(far(-9.0, -9.0), [9.0; 9]);
    }

    #[test]
    fn half_a_shift_averages() {
        let change = Change { shift: [0.0, 0.5], ..Change::NONE };
        assert_eq!(warped(&change, [1, 3], &[2.0, 4.0, 8.0]), [1.0, 3.0, 6.0]);
    }

    #[test]
    fn a_flip_mirrors_left_and_right() {
        let change = Change { flip: true, ..Change::NONE };
        assert_eq!(warped(&change, [2, 3], &ramp(6)), [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]);
    }

    #[test]
    fn a_quarter_turn_goes_counter_clockwise() {
        let change = Change { rotate: 90.0, ..Change::NONE };
        let turned = warped(&change, [3, 3], &ramp(9));
        let expected = [3.0, 6.0, 9.0, 2.0, 5.0, 8.0, 1.0, 4.0, 7.0];
        for (found, expected) in turned.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{turned:?}");
        }
    }

    #[test]
    fn twice_as_large_samples_halfway_between_pixels() {
        let change = Change { scale: 2.0, ..Change::NONE };
        // Output pixel i comes from (i - 1.5) / 2 + 1.5: 0.75, 1.25, 1.75, 2.25.
        assert_eq!(warped(&change, [1, 4], &[0.0, 4.0, 12.0, 28.0]), [3.0, 6.0, 10.0, 16.0]);
        // A corner: 0.75 down and across, so 9/16 of 16, 3/16 of 4 and of 8, 1/16 of 0.
        let square = [0.0, 4.0, 0.0, 0.0, 8.0, 16.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(warped(&change, [4, 4], &square)[0], 11.25);
    }

    #[test]
    fn half_as_large_is_framed_by_zeros() {
        let change = Change { scale: 0.5, ..Change::NONE };
        // From -1.5, 0.5, 2.5 and 4.5.
        assert_eq!(warped(&change, [1, 4], &[2.0, 4.0, 8.0, 16.0]), [0.0, 3.0, 12.0, 0.0]);
    }

    /// By SciPy 1.17.1, whose `ndimage.affine_transform` Keras's generator of images calls: `order=1`, the inverse of this
    /// change about the centre, and `mode` "nearest" or "grid-constant" (zeros, with values between them and the image).
    #[test]
    fn pixels_outside_are_those_of_scipy() {
        let image = [
            [0.0, 5.0, 10.0, 15.0, 3.0],
            [3.0, 9.0, 15.0, 4.0, 6.0],
            [12.0, 2.0, 5.0, 12.0, 15.0],
            [10.0, 1.0, 5.0, 9.0, 13.0],
        ];
        let change = Change { shift: [0.75, -1.25], rotate: 15.0, flip: true, scale: 1.0 };
        let nearest = [
            [11.468115, 6.638486, 1.808857, 0.0, 0.0],
            [12.762211, 7.970274, 4.069784, 1.577568, 2.354026],
            [8.347886, 13.94673, 7.095206, 7.426038, 9.755409],
            [9.637908, 6.216028, 2.243289, 9.440421, 10.566946],
        ];
        let zero = [
            [0.0, 0.280756, 0.544667, 0.0, 0.0],
            [9.563988, 7.970274, 4.069784, 1.032778, 0.0],
            [8.347886, 13.94673, 7.095206, 6.783564, 0.0],
            [9.637908, 6.216028, 2.243289, 9.440421, 2.180774],
        ];
        for (fill, expected) in [(Fill::Nearest, nearest), (Fill::Zero, zero)] {
            let found = filled(fill, &change, [4, 5], image.as_flattened());
            for (found, expected) in found.iter().zip(expected.as_flattened()) {
                assert!((found - expected).abs() < 2e-5, "{fill:?}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn changes_stay_within_the_plan() {
        let plan = Augmentation {
            when: AugmentationTiming::Once,
            shift: 0.25,
            rotate: 30.0,
            flip: true,
            fill: Fill::Zero,
        };
        let stream = Stream::new(1, Purpose::Augmentation, 0);
        let drawn: Vec<Change> =
            (0..1000).map(|index| Change::draw(&plan, 8, 16, &mut stream.item(index))).collect();
        assert!(drawn.iter().all(|change| change.shift[0].abs() <= 2.0));
        assert!(drawn.iter().all(|change| change.shift[1].abs() <= 4.0));
        assert!(drawn.iter().any(|change| change.shift[1].abs() > 3.9));
        assert!(drawn.iter().all(|change| change.rotate.abs() <= 30.0));
        assert!((400..600).contains(&drawn.iter().filter(|change| change.flip).count()));
    }

    proptest! {
        #[test]
        fn flipping_twice_is_no_change(pixels in proptest::collection::vec(0.0f32..1.0, 35)) {
            let change = Change { flip: true, ..Change::NONE };
            let twice = warped(&change, [5, 7], &warped(&change, [5, 7], &pixels));
            prop_assert_eq!(twice, pixels);
        }

        #[test]
        fn any_change_keeps_pixels_in_range(
            down in -1e30f64..1e30, across in -40.0f64..40.0, rotate in -720.0f64..720.0, flip: bool,
            scale in 0.01f64..100.0,
        ) {
            let change = Change { shift: [down, across], rotate, flip, scale };
            let pixels = warped(&change, [5, 7], &[1.0; 35]);
            prop_assert!(pixels.iter().all(|pixel| (-1e-6..=1.0 + 1e-6).contains(pixel)));
            let pixels = filled(Fill::Nearest, &change, [5, 7], &[1.0; 35]);
            prop_assert!(pixels.iter().all(|&pixel| pixel == 1.0));
        }
    }
}
