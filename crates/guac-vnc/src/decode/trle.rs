//! TRLE: 16x16 tiles, not compressed (RFC 6143, "TRLE").

use super::{
    Canvas, Decoder, Progress,
    tiles::{Reuse, Tiles},
};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of TRLE rectangles.
#[derive(Debug, Default)]
pub(super) struct Trle {
    tiles: Tiles<16>,
}

impl Decoder for Trle {
    fn begin(&mut self, rect: Rect) {
        self.tiles.begin(rect);
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        let done = self.tiles.decode(input, canvas, Reuse::Allowed)?;
        Ok(if done { Progress::Done } else { Progress::Wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteOrder, ColorDepth, decode::testing::Table};

    const RED: [u8; 3] = [0, 0, 0xff];
    const GREEN: [u8; 3] = [0, 0xff, 0];
    const BLUE: [u8; 3] = [0xff, 0, 0];
    const R: u32 = 0xff0000;
    const G: u32 = 0x00ff00;
    const B: u32 = 0x0000ff;

    /// A table of one rectangle that starts at the framebuffer's corner.
    fn table(width: u16, height: u16) -> Table {
        Table::new(width.into(), height.into(), Rect::new(0, 0, width, height))
    }

    #[test]
    fn raw_and_solid_tiles() {
        let data = [&[0][..], &[3, 2, 1].repeat(16), &[1], &BLUE].concat();
        let mut row = [0x010203; 18];
        row[16..].fill(B);
        table(18, 1).expect::<Trle>(&data, &[row]);
    }

    #[test]
    fn packed_indices_have_one_two_or_four_bits_and_rows_of_whole_bytes() {
        let data = [&[2][..], &RED, &BLUE, &[0b0100_0000, 0b1000_0000]].concat();
        table(3, 2).expect::<Trle>(&data, &[[R, B, R], [B, R, R]]);

        let data = [&[3][..], &RED, &GREEN, &BLUE, &[0b0001_1000, 0b0100_0000]].concat();
        table(5, 1).expect::<Trle>(&data, &[[R, G, B, R, G]]);

        let five = [&RED[..], &GREEN, &BLUE, &RED, &GREEN].concat();
        let data = [&[5][..], &five, &[0x21, 0x40]].concat();
        table(3, 1).expect::<Trle>(&data, &[[B, G, G]]);
    }

    #[test]
    fn runs_go_on_from_row_to_row() {
        let data = [&[128][..], &RED, &[3], &BLUE, &[0], &GREEN, &[0]].concat();
        table(3, 2).expect::<Trle>(&data, &[[R, R, R], [R, B, G]]);
    }

    #[test]
    fn runs_may_be_longer_than_a_byte() {
        let data = [&[128][..], &RED, &[255, 0]].concat();
        table(16, 16).expect::<Trle>(&data, &[[R; 16]; 16]);
    }

    #[test]
    fn runs_of_a_palette_have_a_length_only_with_the_top_bit() {
        let data = [&[130][..], &RED, &BLUE, &[1, 0x80, 2, 0x81, 1]].concat();
        table(3, 2).expect::<Trle>(&data, &[[B, R, R], [R, B, B]]);
    }

    #[test]
    fn a_palette_can_be_used_again_by_the_next_tiles() {
        let first = [&[2][..], &RED, &BLUE, &[0; 2].repeat(16)].concat();
        let data = [&first[..], &[127], &[0x80; 16], &[129, 0x81, 15]].concat();
        let mut rows = vec![[R; 33]; 16];
        for row in &mut rows {
            row[16] = B;
            row[32] = B;
        }
        table(33, 16).expect::<Trle>(
            &[&first[..], &[127], &[0x80, 0].repeat(16), &[129, 0x81, 15]].concat(),
            &rows,
        );
        // Packed rows of one pixel have one byte, not two.
        let mut rows = vec![[R; 17]; 16];
        rows.iter_mut().for_each(|row| row[16] = B);
        table(17, 16).expect::<Trle>(&data[..first.len() + 17], &rows);
    }

    #[test]
    fn pixels_of_other_depths_are_not_shortened() {
        let data = [2, 0x00, 0xf8, 0x1f, 0x00, 0b0100_0000];
        table(2, 1)
            .depth(ColorDepth::Bits16)
            .expect::<Trle>(&data, &[[R, B]]);
        table(2, 1)
            .depth(ColorDepth::Bits8)
            .expect::<Trle>(&[1, 7], &[[R, R]]);
        table(2, 1)
            .depth(ColorDepth::Bits15)
            .expect::<Trle>(&[1, 0x00, 0x7c], &[[R, R]]);
        table(2, 1)
            .depth(ColorDepth::Indexed8)
            .expect::<Trle>(&[1, 3], &[[0x030609; 2]]);
    }

    #[test]
    fn pixels_in_big_endian_order_lose_their_first_byte() {
        let table = table(2, 1).order(ByteOrder::Big);
        // Red first: of 00 rr gg bb, the three lowest bytes.
        table.expect::<Trle>(&[0, 1, 2, 3, 4, 5, 6], &[[0x010203, 0x040506]]);
        let sixteen = table.depth(ColorDepth::Bits16);
        sixteen.expect::<Trle>(&[2, 0xf8, 0x00, 0x00, 0x1f, 0b0100_0000], &[[R, B]]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let table = table(3, 2);
        let refuse = |data: &[&[u8]], error| table.refuse::<Trle>(&data.concat(), error);
        refuse(&[&[17]], DecodeError::UnknownSubencoding(17));
        refuse(&[&[126]], DecodeError::UnknownSubencoding(126));
        refuse(&[&[127]], DecodeError::NoPalette);
        refuse(&[&[129]], DecodeError::NoPalette);
        let index = DecodeError::PaletteIndex {
            index: 3,
            colors: 3,
        };
        refuse(&[&[3], &RED, &GREEN, &BLUE, &[0xff, 0xff]], index);
        let index = DecodeError::PaletteIndex {
            index: 2,
            colors: 2,
        };
        refuse(&[&[130], &RED, &BLUE, &[0x82, 0]], index);
        refuse(&[&[128], &RED, &[6]], DecodeError::RunTooLong);
        refuse(&[&[128], &RED, &[255; 17]], DecodeError::RunTooLong);
    }

    #[test]
    fn a_palette_does_not_outlive_its_rectangle() {
        let rect = Rect::new(0, 0, 2, 1);
        let table = Table::new(2, 1, rect);
        let mut trle = Trle::default();
        trle.begin(rect);
        let data = [&[2][..], &RED, &BLUE, &[0]].concat();
        table.run(&mut trle, &[&data], &mut [0; 2]).unwrap();
        trle.begin(rect);
        let again = table.run(&mut trle, &[&[127, 0]], &mut [0; 2]);
        assert_eq!(again, Err(DecodeError::NoPalette));
    }
}
