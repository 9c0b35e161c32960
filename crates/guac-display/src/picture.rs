//! A picture in memory.

use crate::area::Area;
use crate::pages::Pages;
use guac_encode::View;

/// Opaque pixels as `0x00RRGGBB`, row by row without gaps.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    width: u16,
    height: u16,
    pages: Pages,
}

impl Picture {
    pub(crate) fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    pub(crate) fn stride(&self) -> usize {
        usize::from(self.width)
    }

    pub(crate) fn pixels(&self) -> &[u32] {
        self.pages.pixels()
    }

    pub(crate) fn pixels_mut(&mut self) -> &mut [u32] {
        self.pages.pixels_mut()
    }

    /// Changes the size; what both sizes have in common stays, the rest is black.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        let (new, old) = (usize::from(width), self.stride());
        let mut pages = Pages::zeroed(new * usize::from(height));
        if 0 < new && 0 < old {
            let rows = pages.pixels_mut().chunks_mut(new);
            for (to, from) in rows.zip(self.pixels().chunks(old)) {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = *from;
                }
            }
        }
        *self = Self {
            width,
            height,
            pages,
        };
    }

    /// Becomes equal to `other`, and takes no more memory than it.
    pub(crate) fn assign(&mut self, other: &Self) {
        if self.size() != other.size() {
            (self.width, self.height) = other.size();
            self.pages = Pages::zeroed(other.pixels().len());
        }
        self.pixels_mut().copy_from_slice(other.pixels());
    }

    /// The pixels of an area, which is empty or inside the picture.
    pub(crate) fn view(&self, area: Area) -> Option<View<'_>> {
        View::new(
            self.pixels(),
            self.stride(),
            usize::from(area.left),
            usize::from(area.top),
            usize::from(area.width()),
            usize::from(area.height()),
        )
    }

    /// The pixels of a part of a row, which is inside the picture.
    pub(crate) fn row(&self, y: u16, left: u16, right: u16) -> &[u32] {
        let start = usize::from(y) * self.stride();
        let columns = start + usize::from(left)..start + usize::from(right);
        self.pixels().get(columns).unwrap_or_default()
    }

    /// The same to write to.
    pub(crate) fn row_mut(&mut self, y: u16, left: u16, right: u16) -> &mut [u32] {
        let start = usize::from(y) * self.stride();
        let columns = start + usize::from(left)..start + usize::from(right);
        self.pixels_mut().get_mut(columns).unwrap_or_default()
    }

    /// Moves the pixels of `source` so that its corner comes to (`x`, `y`). Both places are inside
    /// the picture, and may overlap.
    pub(crate) fn move_area(&mut self, source: Area, x: u16, y: u16) {
        let height = source.height();
        for step in 0..height {
            // Moving down, the lowest row goes first, before it is overwritten.
            let row = if source.top < y {
                height - 1 - step
            } else {
                step
            };
            let from = usize::from(source.top + row) * self.stride();
            let to = usize::from(y + row) * self.stride() + usize::from(x);
            let columns = from + usize::from(source.left)..from + usize::from(source.right);
            let pixels = self.pixels_mut();
            if columns.end <= pixels.len() && to + columns.len() <= pixels.len() {
                pixels.copy_within(columns, to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: u16, height: u16) -> Picture {
        let mut picture = Picture::default();
        picture.resize(width, height);
        for (number, pixel) in (0..).zip(picture.pixels_mut()) {
            *pixel = number;
        }
        picture
    }

    #[test]
    fn a_resize_keeps_what_both_sizes_have() {
        let mut picture = numbered(3, 2);
        picture.resize(2, 3);
        assert_eq!(picture.pixels(), [0, 1, 3, 4, 0, 0]);
        picture.resize(0, 0);
        picture.resize(1, 1);
        assert_eq!(picture.pixels(), [0]);
    }

    #[test]
    fn a_move_onto_itself_reads_before_it_writes() {
        for (x, y) in [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (2, 2)] {
            let mut picture = numbered(5, 5);
            let source = Area {
                left: 1,
                top: 1,
                right: 4,
                bottom: 4,
            };
            picture.move_area(source, x, y);
            for row in 0..3 {
                for column in 0..3 {
                    let at = usize::from(y + row) * 5 + usize::from(x + column);
                    let expected = u32::from((row + 1) * 5 + column + 1);
                    assert_eq!(picture.pixels()[at], expected, "to {x} {y}");
                }
            }
        }
    }
}
