//! The filters of Tight: copy, palette, gradient.

use crate::{
    DecodeError, Rect,
    decode::{Canvas, raster::Raster},
    input::Input,
    pixel::Format,
};

/// What turns the bytes of a rectangle into pixels.
#[derive(Debug)]
pub(super) enum Filter {
    Copy(Raster),
    Palette(Raster, Box<Palette>),
    Gradient(Gradient),
}

impl Default for Filter {
    fn default() -> Self {
        Self::copy(Rect::default())
    }
}

impl Filter {
    pub(super) const fn copy(rect: Rect) -> Self {
        Self::Copy(Raster::new(rect))
    }

    pub(super) fn palette(rect: Rect, bytes: &[u8], format: Format<'_>) -> Self {
        let mut palette = Box::new(Palette {
            colors: [0; 256],
            len: bytes.len() / format.bytes(),
        });
        format.convert(bytes, &mut palette.colors);
        Self::Palette(Raster::new(rect), palette)
    }

    /// There are no gradients of pixels of one byte.
    pub(super) fn gradient(rect: Rect, format: Format<'_>) -> Result<Self, DecodeError> {
        const GRADIENT: u8 = 2;
        let max = format
            .parts_max()
            .ok_or(DecodeError::UnknownSubencoding(GRADIENT))?;
        Ok(Self::Gradient(Gradient {
            raster: Raster::new(rect),
            max,
            above: vec![[0; 3]; rect.width.into()],
            column: 0,
            left: [0; 3],
            above_left: [0; 3],
        }))
    }

    /// How many bytes the whole rectangle has.
    pub(super) fn data_bytes(&self, format: Format<'_>) -> usize {
        match self {
            Self::Copy(raster) => raster.area() * format.bytes(),
            Self::Palette(raster, palette) => raster.height() * palette.row_bytes(raster.width()),
            Self::Gradient(gradient) => gradient.raster.area() * format.bytes(),
        }
    }

    /// Writes what the bytes at hand allow. True once the rectangle is complete.
    pub(super) fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<bool, DecodeError> {
        let format = canvas.formats.tight;
        match self {
            Self::Copy(raster) => Ok(raster.pixels(input, format, &mut canvas.surface)),
            Self::Palette(raster, palette) => palette.decode(raster, input, canvas),
            Self::Gradient(gradient) => Ok(gradient.decode(input, canvas)),
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Copy(_) => 0,
            Self::Palette(..) => size_of::<Palette>(),
            Self::Gradient(gradient) => gradient.above.capacity() * 3,
        }
    }
}

/// Colours that pixels are given by.
#[derive(Debug)]
pub(super) struct Palette {
    /// There is one for every byte, so that looking one up needs no check.
    colors: [u32; 256],
    /// How many of them the server named.
    len: usize,
}

impl Palette {
    /// Two colours have a bit each, more have a byte each.
    const fn row_bytes(&self, width: usize) -> usize {
        if self.len <= 2 {
            width.div_ceil(8)
        } else {
            width
        }
    }

    fn decode(
        &self,
        raster: &mut Raster,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<bool, DecodeError> {
        while !raster.is_done() {
            let row = raster.row(&mut canvas.surface);
            let count = if self.len <= 2 {
                let Some(bytes) = input.take(self.row_bytes(raster.width())) else {
                    return Ok(false);
                };
                self.bits(bytes, row)?;
                raster.width()
            } else {
                let bytes = input.up_to(row.len());
                if bytes.is_empty() {
                    return Ok(false);
                }
                self.bytes(bytes, row)?;
                bytes.len()
            };
            raster.advance(count);
        }
        Ok(true)
    }

    /// Writes a row of one or two colours.
    fn bits(&self, bytes: &[u8], row: &mut [u32]) -> Result<(), DecodeError> {
        let [first, second, ..] = self.colors;
        let mut used = 0;
        for (pixels, byte) in row.chunks_mut(8).zip(bytes) {
            // What pads the last byte means nothing.
            used |= u16::from(*byte) >> (8 - pixels.len());
            for (bit, pixel) in (0..8).rev().zip(pixels) {
                *pixel = if byte >> bit & 1 == 0 { first } else { second };
            }
        }
        self.check(u8::from(used != 0))
    }

    /// Writes pixels of three colours or more.
    fn bytes(&self, bytes: &[u8], row: &mut [u32]) -> Result<(), DecodeError> {
        self.check(bytes.iter().copied().max().unwrap_or(0))?;
        for (pixel, index) in row.iter_mut().zip(bytes) {
            *pixel = self
                .colors
                .get(usize::from(*index))
                .copied()
                .unwrap_or_default();
        }
        Ok(())
    }

    /// Whether there is a colour of this index.
    fn check(&self, index: u8) -> Result<(), DecodeError> {
        if usize::from(index) < self.len {
            return Ok(());
        }
        let colors = u16::try_from(self.len).unwrap_or(u16::MAX);
        Err(DecodeError::PaletteIndex { index, colors })
    }
}

/// Each part of a colour is sent as its difference from what its neighbours suggest.
#[derive(Debug)]
pub(super) struct Gradient {
    raster: Raster,
    /// The largest value of each part of a colour.
    max: [u8; 3],
    /// The row above, of which the part before `column` is the current row already.
    above: Vec<[u8; 3]>,
    column: usize,
    left: [u8; 3],
    above_left: [u8; 3],
}

impl Gradient {
    fn decode(&mut self, input: &mut Input<'_>, canvas: &mut Canvas<'_>) -> bool {
        let format = canvas.formats.tight;
        while !self.raster.is_done() {
            let row = self.raster.row(&mut canvas.surface);
            let above = self.above.get_mut(self.column..).unwrap_or_default();
            let mut count = 0;
            for (pixel, above) in row.iter_mut().zip(above) {
                let Some(difference) = format.take_parts(input) else {
                    break;
                };
                let color = predicted(self.left, *above, self.above_left, difference, self.max);
                (self.above_left, self.left) = (*above, color);
                *above = color;
                *pixel = format.color_of_parts(color);
                count += 1;
            }
            if count == 0 {
                return false;
            }
            self.column += count;
            if self.column == self.raster.width() {
                (self.column, self.left, self.above_left) = (0, [0; 3], [0; 3]);
            }
            self.raster.advance(count);
        }
        true
    }
}

fn predicted(
    left: [u8; 3],
    above: [u8; 3],
    above_left: [u8; 3],
    difference: [u8; 3],
    max: [u8; 3],
) -> [u8; 3] {
    let mut color = difference;
    let neighbours = left.into_iter().zip(above).zip(above_left).zip(max);
    for (part, (((left, above), above_left), max)) in color.iter_mut().zip(neighbours) {
        let guess = i16::from(left) + i16::from(above) - i16::from(above_left);
        let guess = u8::try_from(guess.clamp(0, max.into())).unwrap_or(max);
        *part = part.wrapping_add(guess) & max;
    }
    color
}
