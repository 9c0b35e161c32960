//! A rectangle of a larger picture.

/// The longest side of an image in pixels.
pub const MAX_SIDE: usize = 8192;

/// One row in so many tells a photograph from a page.
const PHOTO_ROW_STEP: usize = 4;

/// A rectangle of a larger picture: never empty, never outside it, no side over [`MAX_SIDE`].
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Begins at the rectangle's first pixel and reaches at least to its last.
    pixels: &'a [u32],
    stride: usize,
    width: usize,
    height: usize,
}

impl<'a> View<'a> {
    /// The rectangle of `width` by `height` at (`x`, `y`) of a picture whose rows begin `stride`
    /// pixels apart; `None` when it is empty, too large, or not wholly inside the picture.
    #[must_use]
    pub fn new(
        pixels: &'a [u32],
        stride: usize,
        x: usize,
        y: usize,
        width: usize,
        height: usize,
    ) -> Option<Self> {
        let sides_fit = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
        if !sides_fit || stride < x.checked_add(width)? {
            return None;
        }
        let pixels = pixels.get(y.checked_mul(stride)?.checked_add(x)?..)?;
        let needed = (height - 1).checked_mul(stride)?.checked_add(width)?;
        (needed <= pixels.len()).then_some(Self {
            pixels,
            stride,
            width,
            height,
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels from its first to its last, with those of the picture between its rows.
    #[cfg(feature = "turbojpeg")]
    pub(crate) fn pixels(&self) -> &'a [u32] {
        let length = (self.height - 1) * self.stride + self.width;
        self.pixels.get(..length).unwrap_or_default()
    }

    /// How many pixels apart its rows begin.
    #[cfg(feature = "turbojpeg")]
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// The rows from top to bottom, each [`width`](Self::width) pixels long.
    pub fn rows(&self) -> impl Iterator<Item = &'a [u32]> + use<'a> {
        let width = self.width;
        self.pixels
            .chunks(self.stride)
            .take(self.height)
            .filter_map(move |row| row.get(..width))
    }

    /// Whether it looks like a photograph: most pixels differ from the one beside them.
    #[must_use]
    pub fn is_photographic(&self) -> bool {
        let (mut pairs, mut equal) = (0, 0);
        for row in self.rows().step_by(PHOTO_ROW_STEP) {
            let next = row.get(1..).unwrap_or_default();
            equal += row.iter().zip(next).filter(|(a, b)| a == b).count();
            pairs += next.len();
        }
        2 * equal < pairs
    }

    /// The colour of the whole rectangle, if there is only one. The top byte counts.
    #[must_use]
    pub fn flat_colour(&self) -> Option<u32> {
        let mut rows = self.rows();
        let first = rows.next()?;
        let colour = *first.first()?;
        // Later rows are compared with the first as memory, which is faster than by pixel.
        (first.iter().all(|pixel| *pixel == colour) && rows.all(|row| row == first))
            .then_some(colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rectangles_inside_the_picture_are_views() {
        let picture = vec![0; 20 * 10];
        let view = |x, y, w, h| View::new(&picture, 20, x, y, w, h).is_some();
        for (x, y, w, h, inside) in [
            (0, 0, 20, 10, true),
            (19, 9, 1, 1, true),
            (0, 0, 0, 1, false),
            (0, 0, 1, 0, false),
            (1, 0, 20, 1, false),
            (0, 1, 20, 10, false),
            (20, 0, 1, 1, false),
            (0, 10, 1, 1, false),
            (usize::MAX, 0, 1, 1, false),
            (0, usize::MAX, 1, 1, false),
            (0, 0, 1, usize::MAX, false),
            (0, 0, MAX_SIDE + 1, 1, false),
        ] {
            assert_eq!(view(x, y, w, h), inside, "{x} {y} {w} {h}");
        }
    }

    #[test]
    fn rows_are_those_of_the_rectangle() {
        let picture: Vec<u32> = (0..12).collect();
        let view = View::new(&picture, 4, 1, 1, 2, 2).unwrap();
        assert_eq!(view.rows().collect::<Vec<_>>(), [[5, 6], [9, 10]]);
    }

    #[test]
    fn a_photograph_is_where_neighbours_differ() {
        for (run, photographic) in [(1, true), (2, false), (3, false), (64, false)] {
            let picture: Vec<u32> = (0..64 * 64).map(|pixel| pixel / run).collect();
            let view = View::new(&picture, 64, 0, 0, 64, 64).unwrap();
            assert_eq!(view.is_photographic(), photographic, "runs of {run}");
        }
    }

    #[test]
    fn flat_is_one_colour_in_the_rectangle_only() {
        let mut picture = vec![7; 12];
        picture[0] = 1;
        let whole = View::new(&picture, 4, 0, 0, 4, 3).unwrap();
        let lower = View::new(&picture, 4, 0, 1, 4, 2).unwrap();
        assert_eq!(whole.flat_colour(), None);
        assert_eq!(lower.flat_colour(), Some(7));
        picture[11] = 8;
        assert_eq!(
            View::new(&picture, 4, 0, 1, 4, 2).unwrap().flat_colour(),
            None
        );
    }
}
