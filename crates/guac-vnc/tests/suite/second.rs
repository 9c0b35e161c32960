//! The second decoder of testkit: the same bytes show the same picture in both, or are refused by
//! both. What was not recorded from servers, TRLE first of all, is compared here.

use guac_vnc::{ByteOrder, ColorDepth, Encoding};
use proptest::prelude::*;
use testkit::{
    oracles,
    reference::{Decoder, PixelFormat, Session, Stop},
};

use crate::{
    encoder::{Block, Encoder, Wire},
    server::{BANNER, Viewer, server_init},
    splits::{self, SIDE, Stroke},
};

/// The second decoder, asked for the pixels that a viewer asks for.
fn session(wire: Wire) -> Session {
    let mut viewer = Viewer::new(splits::config(wire));
    viewer.feed(&[BANNER, &[1, 1, 0, 0, 0, 0], &server_init(SIDE, SIDE, b"")].concat());
    // The banner, the security type and the wish to share come before the format.
    let format = viewer.output()[18..34].try_into().unwrap();
    let decoder = Decoder::new(PixelFormat::parse(format), SIDE.into(), SIDE.into());
    Session::new(decoder)
}

fn read(session: &mut Session, mut stream: &[u8]) -> Result<(), Stop> {
    while !stream.is_empty() {
        let taken = session.message(stream)?;
        stream = &stream[taken..];
    }
    Ok(())
}

/// What the oracle of one encoding takes: the format, a place, and a rectangle's bytes.
fn alone(stroke: &Stroke, wire: Wire) -> Vec<u8> {
    let big = wire.order == ByteOrder::Big;
    let look = match wire.depth {
        ColorDepth::Bits24 | ColorDepth::Bits32 => u8::from(big),
        ColorDepth::Bits16 => 2 | u8::from(big),
        ColorDepth::Bits15 => 4 | u8::from(big),
        ColorDepth::Indexed8 => 6,
        ColorDepth::Bits8 => 7,
    };
    let rect = stroke.rect;
    let place = [rect.x, rect.y, rect.width, rect.height].map(|side| u8::try_from(side).unwrap());
    let pixels = stroke.pixels(wire);
    let block = Block {
        pixels: &pixels,
        width: rect.width.into(),
    };
    let data = Encoder::new(wire).encode(stroke.encoding, block, stroke.variant);
    [&[look][..], &place, &data].concat()
}

fn oracle(encoding: Encoding) -> Option<fn(&[u8])> {
    Some(match encoding {
        Encoding::Raw => oracles::decode_raw,
        Encoding::Rre => oracles::decode_rre,
        Encoding::CoRre => oracles::decode_corre,
        Encoding::Hextile => oracles::decode_hextile,
        Encoding::Zlib => oracles::decode_zlib,
        Encoding::Tight => oracles::decode_tight,
        Encoding::Trle => oracles::decode_trle,
        Encoding::Zrle => oracles::decode_zrle,
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn painted_streams_show_the_same_in_the_second_decoder(
        strokes in splits::strokes_of(&Encoding::DEFAULT),
        wire in splits::wires(),
    ) {
        let (stream, picture) = splits::paint(&strokes, wire);
        let mut session = session(wire);
        prop_assert_eq!(read(&mut session, &splits::color_map()), Ok(()));
        prop_assert_eq!(read(&mut session, &stream), Ok(()));
        prop_assert!(session.decoder.canvas.pixels == picture, "the second decoder");
        let mut viewer = splits::viewer(wire);
        viewer.feed(&stream);
        prop_assert!(viewer.picture.pixels == picture, "the client");
    }

    #[test]
    fn damaged_rectangles_are_the_same_in_the_second_decoder_or_refused_by_both(
        strokes in splits::strokes_of(&Encoding::DEFAULT),
        wire in splits::wires(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        cut in prop_oneof![Just(None), any::<usize>().prop_map(Some)],
    ) {
        for stroke in &strokes {
            let Some(oracle) = oracle(stroke.encoding) else {
                continue;
            };
            let mut bytes = alone(stroke, wire);
            for (place, value) in &changes {
                let place = 5 + place % (bytes.len() - 4);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = *value;
                }
            }
            bytes.truncate(cut.map_or(bytes.len(), |cut| cut % (bytes.len() + 1)));
            // It panics where the two differ.
            oracle(&bytes);
        }
    }
}
