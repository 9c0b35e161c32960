//! Cursor shapes (RFC 6143, "Cursor Pseudo-Encoding"; community specification, "X Cursor" and
//! "Cursor With Alpha").

use crate::{
    CursorShape, Error, ProtocolError, Rect, collect::Collect, input::Input, pixel, pixel::Format,
};

/// A cursor shape that is arriving.
#[derive(Debug)]
pub(crate) struct Cursor {
    kind: Kind,
    rect: Rect,
    data: Collect,
    too_large: bool,
}

/// How a cursor shape is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pixels of so many bytes as in the picture, then a mask of bits.
    Masked { bytes: usize },
    /// Two colours, then a bitmap of which is where, then a mask.
    TwoColours,
    /// The number of an encoding, then pixels with red, green, blue, alpha, the colours
    /// multiplied by alpha.
    Alpha,
}

/// What became of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The server has to send more.
    Wait,
    /// The cursor was too large to be kept.
    Dropped,
    /// The cursor is this.
    Shape(CursorShape),
}

impl Cursor {
    pub(crate) fn new(kind: Kind, rect: Rect, max_side: u16) -> Self {
        let area = rect.area() as u64;
        let mask = u64::from(rect.width.div_ceil(8)) * u64::from(rect.height);
        let length = match kind {
            Kind::Masked { bytes } => area * bytes as u64 + mask,
            Kind::TwoColours if area == 0 => 0,
            Kind::TwoColours => 6 + 2 * mask,
            Kind::Alpha => 4 + 4 * area,
        };
        let too_large = max_side < rect.width || max_side < rect.height;
        // Of a cursor that is too large, only the number of its encoding is looked at.
        let keep = if too_large { 4 } else { usize::MAX };
        Self {
            kind,
            rect,
            data: Collect::new(length, keep),
            too_large,
        }
    }

    pub(crate) fn feed(
        &mut self,
        input: &mut Input<'_>,
        format: Format<'_>,
    ) -> Result<Progress, Error> {
        let complete = self.data.feed(input);
        if self.kind == Kind::Alpha
            && let Some(encoding) = Input::new(self.data.bytes()).i32()
            && encoding != 0
        {
            return Err(ProtocolError::CursorEncoding(encoding).into());
        }
        Ok(match (complete, self.too_large) {
            (false, _) => Progress::Wait,
            (true, true) => Progress::Dropped,
            (true, false) => Progress::Shape(self.shape(format)),
        })
    }

    pub(crate) const fn held_bytes(&self) -> usize {
        self.data.capacity()
    }

    fn shape(&self, format: Format<'_>) -> CursorShape {
        let data = self.data.bytes();
        let pixels = match self.kind {
            Kind::Masked { bytes } => {
                let (colors, mask) = data.split_at(self.rect.area() * bytes);
                let mut pixels = vec![0; self.rect.area()];
                format.convert(colors, &mut pixels);
                let opaque = self.bits(mask);
                pixels
                    .iter()
                    .zip(opaque)
                    .map(|(color, opaque)| masked(*color, opaque))
                    .collect()
            }
            Kind::TwoColours => self.two_colors(data, format).unwrap_or_default(),
            Kind::Alpha => {
                let (pixels, _) = data.get(4..).unwrap_or_default().as_chunks::<4>();
                pixels
                    .iter()
                    .map(|&[r, g, b, alpha]| {
                        let [r, g, b] = [r, g, b].map(|part| unmultiplied(part, alpha));
                        format.swapped(u32::from_be_bytes([alpha, r, g, b]))
                    })
                    .collect()
            }
        };
        CursorShape {
            hotspot_x: self.rect.x,
            hotspot_y: self.rect.y,
            width: self.rect.width,
            height: self.rect.height,
            pixels,
        }
    }

    fn two_colors(&self, data: &[u8], format: Format<'_>) -> Option<Vec<u32>> {
        let (front, rest) = data.split_first_chunk::<3>()?;
        let (back, bitmaps) = rest.split_first_chunk::<3>()?;
        let (front, back) = (pixel::rgb(*front), pixel::rgb(*back));
        let (picture, mask) = bitmaps.split_at(bitmaps.len() / 2);
        let pixels = self
            .bits(picture)
            .zip(self.bits(mask))
            .map(|(is_front, opaque)| {
                masked(format.swapped(if is_front { front } else { back }), opaque)
            });
        Some(pixels.collect())
    }

    /// The bits of a bitmap whose rows are padded to whole bytes, row by row.
    fn bits<'a>(&self, bitmap: &'a [u8]) -> impl Iterator<Item = bool> + use<'a> {
        let width = usize::from(self.rect.width);
        bitmap
            .chunks_exact(width.div_ceil(8).max(1))
            .flat_map(move |row| {
                row.iter()
                    .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
                    .take(width)
            })
    }
}

/// A pixel that is either wholly there or not at all.
const fn masked(color: u32, opaque: bool) -> u32 {
    if opaque { 0xff00_0000 | color } else { 0 }
}

/// A part of a colour as it was before it was multiplied by alpha, to the nearest.
fn unmultiplied(part: u8, alpha: u8) -> u8 {
    let (part, alpha) = (u32::from(part), u32::from(alpha));
    let value = (part * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteOrder, ColorDepth, pixel::Formats};

    fn decode(kind: Kind, rect: Rect, data: &[u8]) -> Progress {
        let map = pixel::initial_map();
        let formats = Formats::new(ColorDepth::Bits24, ByteOrder::Little, false, &map);
        let format = formats.full;
        for cut in 0..data.len() {
            let mut cursor = Cursor::new(kind, rect, 16);
            let (first, second) = data.split_at(cut);
            assert_eq!(
                cursor.feed(&mut Input::new(first), format),
                Ok(Progress::Wait)
            );
            let whole = cursor.feed(&mut Input::new(second), format);
            assert_ne!(whole, Ok(Progress::Wait), "cut at {cut}");
        }
        let mut input = Input::new(data);
        let progress = Cursor::new(kind, rect, 16)
            .feed(&mut input, format)
            .unwrap();
        assert!(input.is_empty());
        progress
    }

    fn shape(rect: Rect, pixels: &[u32]) -> Progress {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        let pixels = pixels.to_vec();
        Progress::Shape(CursorShape {
            hotspot_x: x,
            hotspot_y: y,
            width,
            height,
            pixels,
        })
    }

    #[test]
    fn a_masked_cursor_is_opaque_where_the_mask_is() {
        let rect = Rect::new(1, 0, 2, 2);
        let data = [
            0x33,
            0x22,
            0x11,
            0,
            0x66,
            0x55,
            0x44,
            0,
            1,
            2,
            3,
            0,
            4,
            5,
            6,
            0, // pixels
            0b1000_0000,
            0b0100_0000, // mask
        ];
        let pixels = [0xff11_2233, 0, 0, 0xff06_0504];
        assert_eq!(
            decode(Kind::Masked { bytes: 4 }, rect, &data),
            shape(rect, &pixels)
        );
    }

    #[test]
    fn a_cursor_of_two_colours_has_rows_of_whole_bytes() {
        let rect = Rect::new(0, 0, 9, 1);
        let data = [
            0x10,
            0x20,
            0x30,
            0x40,
            0x50,
            0x60, // colours
            0b1000_0000,
            0b1000_0000, // picture
            0b1100_0000,
            0b1000_0000, // mask
        ];
        let (front, back) = (0xff10_2030, 0xff40_5060);
        let pixels = [front, back, 0, 0, 0, 0, 0, 0, front];
        assert_eq!(decode(Kind::TwoColours, rect, &data), shape(rect, &pixels));
    }

    #[test]
    fn a_cursor_with_alpha_is_unmultiplied() {
        let rect = Rect::new(0, 0, 3, 1);
        let data = [0, 0, 0, 0, 0x40, 0x20, 0, 0x80, 9, 9, 9, 0, 1, 2, 3, 0xff];
        let pixels = [0x8080_4000, 0, 0xff01_0203];
        assert_eq!(decode(Kind::Alpha, rect, &data), shape(rect, &pixels));
    }

    #[test]
    fn an_empty_cursor_hides_it() {
        let rect = Rect::default();
        assert_eq!(
            decode(Kind::Masked { bytes: 4 }, rect, &[]),
            shape(rect, &[])
        );
        assert_eq!(decode(Kind::TwoColours, rect, &[]), shape(rect, &[]));
    }

    #[test]
    fn a_cursor_above_the_limit_is_read_and_dropped() {
        let rect = Rect::new(0, 0, 17, 1);
        assert_eq!(
            decode(Kind::Masked { bytes: 4 }, rect, &[9; 17 * 4 + 3]),
            Progress::Dropped
        );
        assert_eq!(
            decode(Kind::Alpha, rect, &[0; 4 + 17 * 4]),
            Progress::Dropped
        );
    }

    #[test]
    fn a_cursor_in_an_encoding_nobody_uses_is_an_error() {
        let mut cursor = Cursor::new(Kind::Alpha, Rect::new(0, 0, 1, 1), 16);
        let map = pixel::initial_map();
        let formats = Formats::new(ColorDepth::Bits24, ByteOrder::Little, false, &map);
        let format = formats.full;
        let result = cursor.feed(&mut Input::new(&[0, 0, 0, 7]), format);
        assert_eq!(result, Err(ProtocolError::CursorEncoding(7).into()));
    }
}
