//! Zlib: Raw pixels, compressed in one stream for the whole session (community specification,
//! "Zlib Encoding").

use super::{Canvas, Decoder, Progress, inflate::Announced, raster::Raster};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of Zlib rectangles.
#[derive(Debug, Default)]
pub(super) struct Zlib {
    raster: Raster,
    announced: Announced,
}

impl Zlib {
    pub(super) fn held_bytes(&self) -> usize {
        self.announced.held_bytes()
    }
}

impl Decoder for Zlib {
    fn begin(&mut self, rect: Rect) {
        self.raster = Raster::new(rect);
        self.announced.begin();
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let format = canvas.formats.full;
        self.announced.drive(input, |bytes| {
            Ok(self.raster.pixels(bytes, format, &mut canvas.surface))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{Table, announced, deflated, stored};

    #[test]
    fn raw_pixels_are_inflated() {
        let pixels = [0x33, 0x22, 0x11, 0, 0x66, 0x55, 0x44, 0];
        let table = Table::new(2, 2, Rect::new(1, 0, 1, 2));
        let rows = [[0, 0x112233], [0, 0x445566]];
        table.expect::<Zlib>(&announced(&stored(&pixels)), &rows);
        table.expect::<Zlib>(&announced(&deflated(&pixels)), &rows);
    }

    #[test]
    fn a_picture_larger_than_the_place_for_inflated_bytes_is_complete() {
        let rect = Rect::new(0, 0, 300, 200);
        let color = |index: usize| u32::try_from(index).unwrap().wrapping_mul(0x9e37) & 0xffffff;
        let pixels: Vec<u8> = (0..rect.area())
            .flat_map(|i| color(i).to_le_bytes())
            .collect();
        let data = announced(&deflated(&pixels));
        let table = Table::new(300, 200, rect);
        let expected: Vec<u32> = (0..rect.area()).map(color).collect();
        for piece in [1, 7, 4096, data.len()] {
            let mut zlib = Zlib::default();
            zlib.begin(rect);
            let mut out = vec![0; rect.area()];
            let pieces: Vec<&[u8]> = data.chunks(piece).collect();
            table.run(&mut zlib, &pieces, &mut out).unwrap();
            assert!(out == expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn data_that_does_not_fit_the_rectangle_is_refused() {
        let table = Table::new(1, 1, Rect::new(0, 0, 1, 1));
        table.refuse::<Zlib>(&announced(&stored(&[1, 2, 3])), DecodeError::TooShort);
        table.refuse::<Zlib>(&announced(&stored(&[1, 2, 3, 4, 5])), DecodeError::TooLong);
        let ended = announced(&[0x78, 0x01, 0x03, 0x00, 0, 0, 0, 1, 0xff]);
        table.refuse::<Zlib>(&ended, DecodeError::Inflate);
    }
}
