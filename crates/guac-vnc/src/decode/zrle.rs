//! ZRLE: 64x64 tiles, compressed in one stream for the whole session (RFC 6143, "ZRLE").

use super::{
    Canvas, Decoder, Progress,
    inflate::Announced,
    tiles::{Reuse, Tiles},
};
use crate::{DecodeError, Rect, input::Input};

/// The decoder of ZRLE rectangles.
#[derive(Debug, Default)]
pub(super) struct Zrle {
    tiles: Tiles<64>,
    announced: Announced,
}

impl Zrle {
    pub(super) fn held_bytes(&self) -> usize {
        self.announced.held_bytes()
    }
}

impl Decoder for Zrle {
    fn begin(&mut self, rect: Rect) {
        self.tiles.begin(rect);
        self.announced.begin();
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        self.announced.drive(input, |bytes| {
            self.tiles.decode(bytes, canvas, Reuse::Never)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{Table, announced, deflated, stored};

    #[test]
    fn tiles_have_64_pixels_and_one_stream() {
        let tiles = [
            &[1, 0, 0, 0xff][..],                              // red
            &[2, 0, 0, 0, 0xff, 0xff, 0xff, 0x80, 0x00, 0x80], // white at the left, then black
        ]
        .concat();
        let mut rows = vec![[0xff0000; 66]; 3];
        for (row, colors) in rows.iter_mut().zip([[1, 0], [0, 0], [1, 0]]) {
            row[64] = 0xffffff * colors[0];
            row[65] = 0xffffff * colors[1];
        }
        let table = Table::new(66, 3, Rect::new(0, 0, 66, 3));
        table.expect::<Zrle>(&announced(&stored(&tiles)), &rows);
        table.expect::<Zrle>(&announced(&deflated(&tiles)), &rows);
    }

    #[test]
    fn the_stream_goes_on_from_rectangle_to_rectangle() {
        let rect = Rect::new(0, 0, 1, 1);
        let table = Table::new(1, 1, rect);
        let (mut zrle, mut pixels) = (Zrle::default(), [0]);
        zrle.begin(rect);
        let data = announced(&stored(&[1, 0, 0, 0xff]));
        table.run(&mut zrle, &[&data], &mut pixels).unwrap();
        assert_eq!(pixels, [0xff0000]);
        zrle.begin(rect);
        // Without the two bytes that start a stream.
        let data = announced(&stored(&[1, 0, 0xff, 0])[2..]);
        table.run(&mut zrle, &[&data], &mut pixels).unwrap();
        assert_eq!(pixels, [0x00ff00]);
    }

    #[test]
    fn trle_only_tiles_are_refused() {
        let table = Table::new(1, 1, Rect::new(0, 0, 1, 1));
        for number in [17, 127, 129] {
            let data = announced(&stored(&[number]));
            table.refuse::<Zrle>(&data, DecodeError::UnknownSubencoding(number));
        }
    }

    #[test]
    fn data_that_does_not_fit_the_rectangle_is_refused() {
        let table = Table::new(1, 1, Rect::new(0, 0, 1, 1));
        table.refuse::<Zrle>(&announced(&stored(&[1, 0, 0])), DecodeError::TooShort);
        table.refuse::<Zrle>(&announced(&stored(&[1, 0, 0, 0, 9])), DecodeError::TooLong);
        table.refuse::<Zrle>(&announced(&[]), DecodeError::TooShort);
        table.refuse::<Zrle>(&announced(b"no zlib stream"), DecodeError::Inflate);
    }

    #[test]
    fn a_bomb_ends_at_the_first_piece_of_it() {
        let table = Table::new(1, 1, Rect::new(0, 0, 1, 1));
        let bomb = announced(&deflated(&vec![1; 64 << 20]));
        assert!(bomb.len() < 100_000);
        let mut zrle = Zrle::default();
        zrle.begin(Rect::new(0, 0, 1, 1));
        assert_eq!(
            table.run(&mut zrle, &[&bomb], &mut [0]),
            Err(DecodeError::TooLong)
        );
        assert!(zrle.announced.stream.unwrap().total_out() <= crate::limits::INFLATED_BYTES as u64);
    }
}
