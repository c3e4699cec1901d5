//! The plot within a picture: where values stand.

use super::axis::Fitted;

/// The plot within a picture, in pixels, and its axes.
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Fitted,
    pub y: Fitted,
    /// Whether y goes down, as categories do.
    pub down: bool,
}

impl Frame {
    /// Returns where x and y stand; `None` if they cannot be shown.
    pub fn at(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        // Far outside the plot all places look alike, and viewers need not bear them.
        let within = |place: f64| place.clamp(-9.0, 10.0);
        let x = within(self.x.place(x)?);
        let y = within(self.share_from_top(y)?);
        Some([self.left + x * (self.right - self.left), self.top + y * (self.bottom - self.top)])
    }

    /// Returns where x and y stand, if that is within the plot.
    pub fn inside(&self, at: [f64; 2]) -> Option<[f64; 2]> {
        const SLACK: f64 = 0.01;
        let within = |value: f64, low: f64, high: f64| (low - SLACK..=high + SLACK).contains(&value);
        self.at(at).filter(|[x, y]| within(*x, self.left, self.right) && within(*y, self.top, self.bottom))
    }

    /// Returns where y stands at the left edge; `None` if it cannot be shown.
    pub fn y_at(&self, y: f64) -> Option<[f64; 2]> {
        Some([self.left, self.top + self.share_from_top(y)? * (self.bottom - self.top)])
    }

    /// Returns how far down y stands: 0 at the top, 1 at the bottom.
    fn share_from_top(&self, y: f64) -> Option<f64> {
        let place = self.y.place(y)?;
        Some(if self.down { place } else { 1.0 - place })
    }
}
