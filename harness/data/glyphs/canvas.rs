//! Strokes on a grey canvas, antialiased by distance. Only correctly rounded arithmetic, so the
//! pixels are the same on every platform.

/// Pixels down and across.
pub const SIDE: usize = 28;

/// A point in pixels: (x, y), the centre of the first pixel at (0, 0).
pub type Point = [f64; 2];

/// A square canvas of intensities; 0 is empty.
#[derive(Debug)]
pub struct Canvas {
    /// The intensities, row after row.
    pub pixels: [f64; SIDE * SIDE],
}

impl Canvas {
    /// Returns a canvas of one intensity.
    pub fn filled(intensity: f64) -> Self {
        Canvas { pixels: [intensity; SIDE * SIDE] }
    }

    /// Draws lines from each point to the next, `width` pixels wide, over what is there.
    pub fn draw(&mut self, points: &[Point], width: f64, intensity: f64) {
        let mut cover = [0.0; SIDE * SIDE];
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            cover_segment(&mut cover, *from, *to, width / 2.0 + 0.5);
        }
        for (pixel, cover) in self.pixels.iter_mut().zip(cover) {
            *pixel += (intensity - *pixel) * cover;
        }
    }
}

/// Raises `cover` to the share of each pixel that is nearer than `reach - 0.5` to the segment, with
/// a ramp one pixel wide.
fn cover_segment(cover: &mut [f64; SIDE * SIDE], from: Point, to: Point, reach: f64) {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length_squared = dx * dx + dy * dy;
    for y in span(from[1], to[1], reach) {
        let row = &mut cover[y * SIDE..(y + 1) * SIDE];
        for x in span(from[0], to[0], reach) {
            let [px, py] = [x as f64 - from[0], y as f64 - from[1]];
            let along = if length_squared > 0.0 { (px * dx + py * dy) / length_squared } else { 0.0 };
            let along = along.clamp(0.0, 1.0);
            let [ex, ey] = [px - along * dx, py - along * dy];
            let share = (reach - (ex * ex + ey * ey).sqrt()).clamp(0.0, 1.0);
            row[x] = row[x].max(share);
        }
    }
}

/// The pixels of one axis within `reach` of the way from `a` to `b`.
fn span(a: f64, b: f64, reach: f64) -> std::ops::Range<usize> {
    let clip = |value: f64| value.clamp(0.0, SIDE as f64) as usize;
    clip(a.min(b) - reach)..clip(a.max(b) + reach + 1.0)
}

/// Points on the Catmull-Rom spline through `points` (Catmull and Rom 1974; uniform, ends
/// repeated), `steps` a piece.
pub fn smooth(points: &[Point], steps: u32) -> Vec<Point> {
    let at = |index: usize| points[index.min(points.len() - 1)];
    let mut curve: Vec<Point> = points.first().copied().into_iter().collect();
    for piece in 1..points.len() {
        let [p0, p1, p2, p3] = [at(piece.saturating_sub(2)), at(piece - 1), at(piece), at(piece + 1)];
        for step in 1..=steps {
            let t = f64::from(step) / f64::from(steps);
            curve.push(std::array::from_fn(|axis| {
                let [a, b, c, d] = [p0[axis], p1[axis], p2[axis], p3[axis]];
                let bend = 2.0 * a - 5.0 * b + 4.0 * c - d + (3.0 * (b - c) + d - a) * t;
                0.5 * (2.0 * b + (c - a + bend * t) * t)
            }));
        }
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizontal_line_covers_what_it_should() {
        let mut canvas = Canvas::filled(0.0);
        canvas.draw(&[[5.0, 10.0], [9.0, 10.0]], 2.0, 1.0);
        let column: Vec<f64> = (8..13).map(|y| canvas.pixels[y * SIDE + 7]).collect();
        assert_eq!(column, [0.0, 0.5, 1.0, 0.5, 0.0]);
        let row: Vec<f64> = (3..12).map(|x| canvas.pixels[10 * SIDE + x]).collect();
        assert_eq!(row, [0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn strokes_outside_leave_the_canvas_alone() {
        let mut canvas = Canvas::filled(0.25);
        canvas.draw(&[[-50.0, -9.0], [90.0, -9.0], [f64::MAX, 5.0]], 3.0, 1.0);
        canvas.draw(&[[40.0, 40.0]], 3.0, 1.0);
        assert!(canvas.pixels[5 * SIDE..].iter().all(|&pixel| pixel == 0.25));
    }

    #[test]
    fn a_smooth_curve_goes_through_its_points() {
        let points = [[0.0, 0.0], [3.0, 1.0], [4.0, 6.0], [1.0, 2.0]];
        let curve = smooth(&points, 4);
        assert_eq!(curve.len(), 13);
        for (index, point) in points.iter().enumerate() {
            assert_eq!(curve[4 * index], *point);
        }
    }
}
