//! The picture that a caller lends, and how it learns what changed.

/// A rectangle in pixels, origin at the top left.
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
    /// A rectangle of this place and size.
    #[must_use]
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Whether there is no pixel in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// How many pixels there are in it.
    #[must_use]
    pub fn area(&self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    /// How many pixels there are in both.
    pub(crate) fn common_area(&self, other: Self) -> usize {
        let common = |start: u16, length: u16, other: u16, other_length: u16| {
            let end = (usize::from(start) + usize::from(length))
                .min(usize::from(other) + usize::from(other_length));
            end.saturating_sub(start.max(other).into())
        };
        common(self.x, self.width, other.x, other.width)
            * common(self.y, self.height, other.y, other.height)
    }

    /// Whether it lies wholly within a picture of this size.
    #[must_use]
    pub fn fits(&self, width: u16, height: u16) -> bool {
        u32::from(self.x) + u32::from(self.width) <= u32::from(width)
            && u32::from(self.y) + u32::from(self.height) <= u32::from(height)
    }
}

/// A picture lent for writing.
#[derive(Debug)]
pub struct Surface<'a> {
    /// Rows from the top, each pixel 0x00RRGGBB.
    pub pixels: &'a mut [u32],
    /// Pixels from the start of a row to that of the next; at least `width`.
    pub stride: usize,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

impl Surface<'_> {
    /// Whether a framebuffer of this size has room in it.
    pub(crate) fn holds(&self, width: u16, height: u16) -> bool {
        let (width, height) = (usize::from(width), usize::from(height));
        let needed = match height.checked_sub(1) {
            None => Some(0),
            Some(rows) => rows
                .checked_mul(self.stride)
                .and_then(|start| start.checked_add(width)),
        };
        width <= self.width
            && width <= self.stride
            && height <= self.height
            && needed.is_some_and(|needed| needed <= self.pixels.len())
    }

    /// The `count` pixels from `x`, `y` on, within one row. Empty if they reach out of the
    /// picture: callers have checked before, so that this is the second line of defence.
    pub(crate) fn span(&mut self, x: usize, y: usize, count: usize) -> &mut [u32] {
        let start = y.saturating_mul(self.stride).saturating_add(x);
        self.pixels
            .get_mut(start..start.saturating_add(count))
            .unwrap_or_default()
    }

    /// Fills a rectangle with one colour.
    pub(crate) fn fill(&mut self, rect: Rect, color: u32) {
        let (x, width) = (usize::from(rect.x), usize::from(rect.width));
        let mut start = usize::from(rect.y)
            .saturating_mul(self.stride)
            .saturating_add(x);
        for _ in 0..rect.height {
            let row = start..start.saturating_add(width);
            self.pixels.get_mut(row).unwrap_or_default().fill(color);
            start = start.saturating_add(self.stride);
        }
    }

    /// Moves what is at `source` to `x`, `y`, as if through a copy: the two may overlap.
    pub(crate) fn copy(&mut self, source: Rect, x: u16, y: u16) {
        let width = usize::from(source.width);
        let stride = self.stride;
        let mut copy_row = |row: u16| {
            let from = (usize::from(source.y) + usize::from(row)) * stride + usize::from(source.x);
            let to = (usize::from(y) + usize::from(row)) * stride + usize::from(x);
            if from.max(to) + width <= self.pixels.len() {
                self.pixels.copy_within(from..from + width, to);
            }
        };
        // Rows are taken in the order that overwrites no source before its use.
        if y <= source.y {
            (0..source.height).for_each(&mut copy_row);
        } else {
            (0..source.height).rev().for_each(&mut copy_row);
        }
    }
}

/// Where pixels go: the caller's picture.
pub trait PixelSink {
    /// The framebuffer has this size from now on. What it shows is undefined until the server
    /// sent it, which is asked for at once. Neither side is 0 or above the configured limits.
    fn resize(&mut self, width: u16, height: u16);

    /// The picture, at least as large as the last [`PixelSink::resize`] said.
    fn surface(&mut self) -> Surface<'_>;

    /// The pixels in `rect` were written. Rectangles come in the order of writing and lie within
    /// the framebuffer.
    fn damage(&mut self, rect: Rect);

    /// The pixels at `x`, `y` are a copy of what was at `source` just before. Comes in addition
    /// to [`PixelSink::damage`] of the destination, and before it.
    fn copied(&mut self, source: Rect, x: u16, y: u16) {
        let _ = (source, x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_copies_behave_as_if_through_a_second_picture() {
        for (to_x, to_y) in [(0, 0), (1, 1), (2, 2), (2, 0), (0, 2), (1, 2), (1, 0)] {
            let before: Vec<u32> = (0..25).collect();
            let mut pixels = before.clone();
            let mut surface = Surface {
                pixels: &mut pixels,
                stride: 5,
                width: 5,
                height: 5,
            };
            surface.copy(Rect::new(1, 1, 3, 3), to_x, to_y);
            let mut expected = before.clone();
            for y in 0..3 {
                for x in 0..3 {
                    expected[(usize::from(to_y) + y) * 5 + usize::from(to_x) + x] =
                        before[(1 + y) * 5 + 1 + x];
                }
            }
            assert_eq!(pixels, expected, "to {to_x},{to_y}");
        }
    }

    #[test]
    fn a_surface_holds_a_framebuffer_only_with_room_for_its_last_row() {
        let mut pixels = vec![0; 23];
        let surface = Surface {
            pixels: &mut pixels,
            stride: 10,
            width: 3,
            height: 3,
        };
        assert!(surface.holds(3, 3));
        assert!(!surface.holds(4, 3));
        assert!(!surface.holds(3, 4));
        let short = Surface {
            pixels: &mut [0; 22],
            stride: 10,
            width: 3,
            height: 3,
        };
        assert!(!short.holds(3, 3));
    }

    #[test]
    fn a_rectangle_at_the_edge_of_sixteen_bits_does_not_wrap_around() {
        assert!(!Rect::new(65535, 65535, 65535, 65535).fits(100, 100));
        assert!(Rect::new(99, 99, 1, 1).fits(100, 100));
        assert!(Rect::new(100, 100, 0, 0).fits(100, 100));
    }
}
