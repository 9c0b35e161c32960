//! Rectangles: as they come from outside, and as they are once they fit their picture.

/// A rectangle in pixels, which may reach outside any picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: u16,
    /// Top edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl Rect {
    /// The part inside a picture of `width` by `height`; `None` when there is none.
    pub(crate) fn clip(self, width: u16, height: u16) -> Option<Area> {
        let area = Area {
            left: self.x,
            top: self.y,
            right: self.x.saturating_add(self.width).min(width),
            bottom: self.y.saturating_add(self.height).min(height),
        };
        (!area.is_empty()).then_some(area)
    }

    /// The same rectangle, if all of it is inside a picture of `width` by `height`.
    pub(crate) fn within(self, width: u16, height: u16) -> Option<Area> {
        let area = self.clip(width, height)?;
        (area.width() == self.width && area.height() == self.height).then_some(area)
    }
}

/// A rectangle inside a picture, by its edges; right and bottom are just outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: u16,
    pub(crate) top: u16,
    pub(crate) right: u16,
    pub(crate) bottom: u16,
}

/// Left, top, right and bottom, for tests.
#[cfg(test)]
pub(crate) const fn area(left: u16, top: u16, right: u16, bottom: u16) -> Area {
    Area {
        left,
        top,
        right,
        bottom,
    }
}

impl Area {
    /// No pixel; the neutral element of [`union`](Self::union).
    pub(crate) const EMPTY: Self = Self {
        left: u16::MAX,
        top: u16::MAX,
        right: 0,
        bottom: 0,
    };

    pub(crate) fn is_empty(self) -> bool {
        self.right <= self.left || self.bottom <= self.top
    }

    pub(crate) fn width(self) -> u16 {
        self.right.saturating_sub(self.left)
    }

    pub(crate) fn height(self) -> u16 {
        self.bottom.saturating_sub(self.top)
    }

    pub(crate) fn pixels(self) -> u32 {
        u32::from(self.width()) * u32::from(self.height())
    }

    /// The same area with its corner at (`x`, `y`), which leaves room for its sides.
    pub(crate) fn at(self, x: u16, y: u16) -> Self {
        Self {
            left: x,
            top: y,
            right: x.saturating_add(self.width()),
            bottom: y.saturating_add(self.height()),
        }
    }

    /// The smallest area that holds both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// What both hold; may be empty.
    pub(crate) fn intersection(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_bounds_what_comes_from_outside() {
        let rect = |x, y, width, height| Rect {
            x,
            y,
            width,
            height,
        };
        for (rect, expected) in [
            (rect(0, 0, 10, 10), Some((0, 0, 10, 10))),
            (rect(5, 6, 100, 100), Some((5, 6, 10, 10))),
            (rect(9, 9, u16::MAX, u16::MAX), Some((9, 9, 10, 10))),
            (rect(10, 0, 1, 1), None),
            (rect(0, 10, 1, 1), None),
            (rect(u16::MAX, u16::MAX, u16::MAX, u16::MAX), None),
            (rect(3, 3, 0, 5), None),
            (rect(3, 3, 5, 0), None),
        ] {
            let clipped = rect
                .clip(10, 10)
                .map(|a| (a.left, a.top, a.right, a.bottom));
            assert_eq!(clipped, expected, "{rect:?}");
        }
        assert_eq!(rect(5, 5, 6, 5).within(10, 10), None);
        assert!(rect(5, 5, 5, 5).within(10, 10).is_some());
    }
}
