//! Rectangles on surfaces.

/// A rectangle in pixels, `x0 <= x < x1`. It may lie outside any surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x0: i64,
    pub(crate) y0: i64,
    pub(crate) x1: i64,
    pub(crate) y1: i64,
}

impl Rect {
    /// Negative sizes extend to the left and upwards, as in a browser's path.
    pub(crate) fn new(x: i64, y: i64, width: i64, height: i64) -> Self {
        let (x1, y1) = (x.saturating_add(width), y.saturating_add(height));
        Self {
            x0: x.min(x1),
            y0: y.min(y1),
            x1: x.max(x1),
            y1: y.max(y1),
        }
    }

    /// The columns and rows of this rectangle on a surface of this size.
    pub(crate) fn on(
        self,
        width: usize,
        height: usize,
    ) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        (
            clip(self.x0, self.x1, width),
            clip(self.y0, self.y1, height),
        )
    }
}

/// The part of `start..end` within `0..length`.
pub(crate) fn clip(start: i64, end: i64, length: usize) -> std::ops::Range<usize> {
    let place = |value: i64| {
        usize::try_from(value.max(0))
            .unwrap_or(usize::MAX)
            .min(length)
    };
    let start = place(start);
    start..place(end).max(start)
}
