//! The ten glyphs, as strokes in a square from -1 to 1 (x to the right, y down). They come in
//! pairs that differ in one trait.

/// A stroke through control points.
#[derive(Debug)]
pub struct Stroke {
    /// Whether it is a smooth curve through its points, or straight from each to the next.
    pub smooth: bool,
    /// At least two (x, y).
    pub points: &'static [[f64; 2]],
}

const fn lines(points: &'static [[f64; 2]]) -> Stroke {
    Stroke { smooth: false, points }
}

const fn curve(points: &'static [[f64; 2]]) -> Stroke {
    Stroke { smooth: true, points }
}

/// Three quarters of a ring, open to the right.
const RING: Stroke =
    curve(&[[0.75, -0.6], [0.2, -0.97], [-0.5, -0.8], [-0.9, 0.0], [-0.5, 0.8], [0.2, 0.97], [0.75, 0.6]]);
const TENT: Stroke = lines(&[[-0.85, 0.95], [0.0, -0.95], [0.85, 0.95]]);
const POST: Stroke = lines(&[[0.0, -0.95], [0.0, 0.95]]);

/// The strokes of each class.
pub static GLYPHS: [&[Stroke]; 10] = [
    // An open ring, empty or with a tongue.
    &[RING],
    &[RING, lines(&[[-0.9, 0.0], [0.45, 0.0]])],
    // A bolt and its mirror image.
    &[lines(&[[-0.8, -0.9], [0.8, -0.5], [-0.8, 0.5], [0.8, 0.9]])],
    &[lines(&[[0.8, -0.9], [-0.8, -0.5], [0.8, 0.5], [-0.8, 0.9]])],
    // A tent with its bar at the knees or on the ground.
    &[TENT, lines(&[[-0.45, 0.1], [0.45, 0.1]])],
    &[TENT, lines(&[[-0.85, 0.95], [0.85, 0.95]])],
    // A snail wound one way or the other.
    &[curve(&[
        [0.95, 0.9],
        [-0.3, 0.95],
        [-0.95, 0.1],
        [-0.4, -0.8],
        [0.5, -0.75],
        [0.75, 0.05],
        [0.2, 0.45],
        [-0.25, 0.05],
    ])],
    &[curve(&[
        [-0.95, 0.9],
        [0.3, 0.95],
        [0.95, 0.1],
        [0.4, -0.8],
        [-0.5, -0.75],
        [-0.75, 0.05],
        [-0.2, 0.45],
        [0.25, 0.05],
    ])],
    // A post with arms, raised or hanging.
    &[POST, curve(&[[-0.9, -0.9], [-0.75, -0.1], [0.0, 0.2], [0.75, -0.1], [0.9, -0.9]])],
    &[POST, curve(&[[-0.9, 0.9], [-0.75, 0.1], [0.0, -0.2], [0.75, 0.1], [0.9, 0.9]])],
];
