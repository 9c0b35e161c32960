//! Writing pixels one after the other, row by row, into a rectangle.

use crate::{DecodeError, Rect, Surface, input::Input, pixel::Format};

/// A rectangle that is being filled from its top left to its bottom right.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Raster {
    rect: Rect,
    x: u16,
    y: u16,
}

impl Raster {
    pub(super) const fn new(rect: Rect) -> Self {
        Self { rect, x: 0, y: 0 }
    }

    pub(super) const fn is_done(&self) -> bool {
        self.rect.height <= self.y || self.rect.width == 0
    }

    /// The rectangle's width.
    pub(super) fn width(&self) -> usize {
        self.rect.width.into()
    }

    /// The rectangle's height.
    pub(super) fn height(&self) -> usize {
        self.rect.height.into()
    }

    /// How many pixels the rectangle has.
    pub(super) fn area(&self) -> usize {
        self.rect.area()
    }

    /// What is left of the current row: the place for its next pixels.
    pub(super) fn row<'a>(&self, surface: &'a mut Surface<'_>) -> &'a mut [u32] {
        if self.is_done() {
            return &mut [];
        }
        let x = usize::from(self.rect.x) + usize::from(self.x);
        let y = usize::from(self.rect.y) + usize::from(self.y);
        surface.span(x, y, usize::from(self.rect.width - self.x))
    }

    /// Goes on by pixels that were written into [`Raster::row`].
    pub(super) fn advance(&mut self, pixels: usize) {
        let x = usize::from(self.x) + pixels;
        if x < usize::from(self.rect.width) {
            self.x = u16::try_from(x).unwrap_or(u16::MAX);
        } else {
            self.x = 0;
            self.y += 1;
        }
    }

    /// Takes whole pixels until the rectangle is complete. True once it is.
    pub(super) fn pixels(
        &mut self,
        input: &mut Input<'_>,
        format: Format<'_>,
        surface: &mut Surface<'_>,
    ) -> bool {
        let size = format.bytes();
        while !self.is_done() {
            let row = self.row(surface);
            let count = row.len().min(input.len() / size);
            if count == 0 {
                return false;
            }
            let bytes = input.up_to(count * size);
            format.convert(bytes, row.get_mut(..count).unwrap_or_default());
            self.advance(count);
        }
        true
    }

    /// Writes one colour so many times.
    pub(super) fn run(
        &mut self,
        color: u32,
        mut count: usize,
        surface: &mut Surface<'_>,
    ) -> Result<(), DecodeError> {
        while 0 < count {
            if self.is_done() {
                return Err(DecodeError::RunTooLong);
            }
            let row = self.row(surface);
            let part = row.len().min(count);
            row.get_mut(..part).unwrap_or_default().fill(color);
            // A surface that is too small was ruled out; this keeps the loop finite all the same.
            if part == 0 {
                return Err(DecodeError::OutsideRectangle);
            }
            self.advance(part);
            count -= part;
        }
        Ok(())
    }
}
