//! Raw: pixels as they are (RFC 6143, "Raw Encoding").

use super::{Canvas, Decoder, Progress, raster::Raster};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of Raw rectangles.
#[derive(Debug, Default)]
pub(super) struct Raw {
    raster: Raster,
}

impl Decoder for Raw {
    fn begin(&mut self, rect: Rect) {
        self.raster = Raster::new(rect);
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let done = self
            .raster
            .pixels(input, canvas.formats.full, &mut canvas.surface);
        Ok(if done { Progress::Done } else { Progress::Wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteOrder, ColorDepth, decode::testing::Table};

    #[test]
    fn pixels_are_written_row_by_row() {
        let data = [
            0x33, 0x22, 0x11, 0, 0x66, 0x55, 0x44, 0xff, // first row
            0x03, 0x02, 0x01, 0, 0x06, 0x05, 0x04, 0x80, // second row
        ];
        Table::new(4, 3, Rect::new(1, 1, 2, 2)).expect::<Raw>(
            &data,
            &[
                [0, 0, 0, 0],
                [0, 0x112233, 0x445566, 0],
                [0, 0x010203, 0x040506, 0],
            ],
        );
    }

    #[test]
    fn eight_and_sixteen_bit_pixels_are_spread() {
        let table = Table::new(2, 1, Rect::new(0, 0, 2, 1));
        table
            .depth(ColorDepth::Bits8)
            .expect::<Raw>(&[7, 0xff], &[[0xff0000, 0xffffff]]);
        let data = [0xe0, 0x07, 0xff, 0xff];
        table
            .depth(ColorDepth::Bits16)
            .expect::<Raw>(&data, &[[0x00ff00, 0xffffff]]);
    }

    #[test]
    fn pixels_come_in_either_byte_order() {
        let table = Table::new(2, 1, Rect::new(0, 0, 2, 1));
        let big = table.order(ByteOrder::Big);
        let data = [0xff, 0x11, 0x22, 0x33, 0, 4, 5, 6];
        big.expect::<Raw>(&data, &[[0x112233, 0x040506]]);
        let big = big.depth(ColorDepth::Bits16);
        big.expect::<Raw>(&[0x07, 0xe0, 0xf8, 0x1f], &[[0x00ff00, 0xff00ff]]);
        let fifteen = table.depth(ColorDepth::Bits15);
        fifteen.expect::<Raw>(&[0xe0, 0x03, 0x1f, 0xfc], &[[0x00ff00, 0xff00ff]]);
        let big = fifteen.order(ByteOrder::Big);
        big.expect::<Raw>(&[0x03, 0xe0, 0x7c, 0x1f], &[[0x00ff00, 0xff00ff]]);
    }

    #[test]
    fn indices_are_looked_up() {
        let table = Table::new(2, 1, Rect::new(0, 0, 2, 1));
        let indexed = table.depth(ColorDepth::Indexed8);
        indexed.expect::<Raw>(&[1, 16], &[[0x010203, 0x102030]]);
    }

    #[test]
    fn an_empty_rectangle_has_no_bytes() {
        Table::new(1, 1, Rect::new(0, 0, 0, 1)).expect::<Raw>(&[], &[[0]]);
        Table::new(1, 1, Rect::new(0, 0, 1, 0)).expect::<Raw>(&[], &[[0]]);
    }
}
