//! Each decoder alone, against the second decoder.

use guac_vnc::Encoding;

use super::duet::{Duet, HEIGHT, WIDTH};
use crate::reference::{Area, Reader};

/// Rectangles of one input: more would only take longer.
const RECTANGLES_MAX: usize = 16;

/// An update of as many rectangles as can be.
pub(super) const UPDATE: &[u8] = &[0, 0, 0xff, 0xff];

/// The rectangle that ends an update.
pub(super) const LAST: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x20];

/// Rectangles of Raw pixels: see `rectangles`.
pub fn decode_raw(bytes: &[u8]) {
    rectangles(Encoding::Raw, bytes);
}

/// Rectangles of RRE: see `rectangles`.
pub fn decode_rre(bytes: &[u8]) {
    rectangles(Encoding::Rre, bytes);
}

/// Rectangles of CoRRE: see `rectangles`.
pub fn decode_corre(bytes: &[u8]) {
    rectangles(Encoding::CoRre, bytes);
}

/// Rectangles of Hextile: see `rectangles`.
pub fn decode_hextile(bytes: &[u8]) {
    rectangles(Encoding::Hextile, bytes);
}

/// Rectangles of Zlib: see `rectangles`.
pub fn decode_zlib(bytes: &[u8]) {
    rectangles(Encoding::Zlib, bytes);
}

/// Rectangles of Tight: see `rectangles`.
pub fn decode_tight(bytes: &[u8]) {
    rectangles(Encoding::Tight, bytes);
}

/// Rectangles of TRLE: see `rectangles`.
pub fn decode_trle(bytes: &[u8]) {
    rectangles(Encoding::Trle, bytes);
}

/// Rectangles of ZRLE: see `rectangles`.
pub fn decode_zrle(bytes: &[u8]) {
    rectangles(Encoding::Zrle, bytes);
}

/// Whatever the bytes are, the decoder neither panics nor holds much, gives the same in any split,
/// and gives what the second decoder gives: the same pixels or none. A JPEG's pixels are taken
/// from the client: only its length and place are compared.
///
/// The first byte tells how pixels look, four bytes each place of a rectangle, and what follows it
/// is read as that rectangle, as far as it goes.
fn rectangles(encoding: Encoding, bytes: &[u8]) {
    let Some((look, mut rest)) = bytes.split_first() else {
        return;
    };
    let mut duet = Duet::new(*look);
    assert!(duet.feed(UPDATE));
    for _ in 0..RECTANGLES_MAX {
        let Some((place, data)) = rest.split_first_chunk() else {
            break;
        };
        let area = area(*place);
        let mut input = Reader::new(data);
        let expected = duet
            .reference
            .rectangle(encoding.number(), area, &mut input);
        let damages = duet.damages();
        if expected.is_err() {
            let taken = duet.feed(&[&header(area, encoding.number()), data].concat());
            assert!(
                !taken || duet.damages() == damages,
                "the second decoder has {expected:?}"
            );
            return;
        }
        let (data, after) = data.split_at(input.position());
        let taken = duet.feed(&[&header(area, encoding.number()), data].concat());
        let jpegs = duet.reference.take_undecoded();
        if !taken {
            let doubtful = duet.reference.is_doubtful() || !jpegs.is_empty();
            assert!(doubtful, "the second decoder has no objection");
            return;
        }
        for area in jpegs {
            for ((x, y), color) in area.places().zip(duet.shown(area)) {
                let color = duet.as_shown(color);
                duet.reference.canvas.set(x, y, color);
            }
        }
        let drawn = usize::from(0 < area.width && 0 < area.height);
        assert_eq!(duet.damages(), damages + drawn, "the rectangle is complete");
        duet.compare(area);
        if duet.reference.is_doubtful() {
            return;
        }
        rest = after;
    }
    let frames = duet.frames();
    assert!(duet.feed(LAST));
    assert_eq!(duet.frames(), frames + 1, "the update is complete");
    duet.compare_all();
}

/// A place within the framebuffer.
fn area(place: [u8; 4]) -> Area {
    let [x, y, width, height] = place.map(usize::from);
    let (x, y) = (x.min(WIDTH.into()), y.min(HEIGHT.into()));
    let (right, bottom) = (usize::from(WIDTH) - x, usize::from(HEIGHT) - y);
    Area::new(x, y, width.min(right), height.min(bottom))
}

/// The header of a rectangle.
pub(super) fn header(area: Area, encoding: i32) -> Vec<u8> {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    let mut header = Vec::new();
    for value in [x, y, width, height] {
        let value = u16::try_from(value).expect("a byte was given");
        header.extend(value.to_be_bytes());
    }
    header.extend(encoding.to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [fn(&[u8]); 8] = [
        decode_raw,
        decode_rre,
        decode_corre,
        decode_hextile,
        decode_zlib,
        decode_tight,
        decode_trle,
        decode_zrle,
    ];

    proptest! {
        #[test]
        fn arbitrary_bytes_pass(
            which in 0..ALL.len(),
            look in any::<u8>(),
            place in (0..20_u8, 0..20_u8, 0..20_u8, 0..20_u8),
            data in proptest::collection::vec(prop_oneof![any::<u8>(), 0..4_u8], 0..300),
        ) {
            let (x, y, width, height) = place;
            ALL[which](&[&[look, x, y, width, height], &data[..]].concat());
        }
    }
}
