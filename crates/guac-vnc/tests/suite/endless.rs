//! Servers that do not stop: bombs, floods, and numbers at the edge of sixteen bits.

use std::time::{Duration, Instant};

use flate2::{Compress, Compression, FlushCompress};
use guac_vnc::{ClientConfig, Clipboard, DecodeError, Encoding, Error, Event, Rect};

use crate::server::{BANNER, Viewer, rectangle, server_init, update};

/// What a client may hold beside the picture, whatever is said to it.
const HELD: usize = 1 << 20;

/// More than any of this takes, by far, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

fn viewer() -> Viewer {
    Viewer::connected(ClientConfig::default(), 100, 100)
}

fn refused(encoding: Encoding, error: DecodeError) -> Result<(), Error> {
    Err(Error::Decode { encoding, error })
}

#[test]
fn bombs_are_refused_at_their_first_piece() {
    // A quarter of a gigabyte of zeros in a quarter of a megabyte: Raw pixels and tiles alike.
    let bomb = {
        let mut compress = Compress::new(Compression::best(), true);
        let mut bomb = Vec::with_capacity(1 << 20);
        let zeros = vec![0; 1 << 20];
        for _ in 0..256 {
            let flush = FlushCompress::None;
            compress.compress_vec(&zeros, &mut bomb, flush).unwrap();
        }
        compress
            .compress_vec(&[], &mut bomb, FlushCompress::Sync)
            .unwrap();
        bomb
    };
    let length = u32::try_from(bomb.len()).unwrap();
    let announced = [&length.to_be_bytes(), &bomb[..]].concat();
    let compact = [
        length & 0x7f | 0x80,
        length >> 7 & 0x7f | 0x80,
        length >> 14,
    ]
    .map(|byte| u8::try_from(byte).unwrap());
    let tight = |control: &[u8]| [control, &compact, &bomb].concat();
    let palette = [&[0x40, 1, 2][..], &[0; 9]].concat();
    let rows = [
        (Encoding::Zlib, announced.clone()),
        (Encoding::Zrle, announced),
        (Encoding::Tight, tight(&[0x00])),
        (Encoding::Tight, tight(&[0x40, 2])),
        (Encoding::Tight, tight(&palette)),
    ];
    for (encoding, data) in rows {
        let started = Instant::now();
        let mut viewer = viewer();
        let message = update(&[rectangle(Rect::new(0, 0, 9, 9), encoding.number(), &data)]);
        let mut result = Ok(());
        for piece in message.chunks(4096) {
            result = result.and(viewer.try_feed(piece));
            assert!(viewer.client.held_bytes() < HELD, "{encoding:?}");
        }
        assert_eq!(result, refused(encoding, DecodeError::TooLong));
        assert!(started.elapsed() < PATIENCE, "{encoding:?}");
    }
}

#[test]
fn floods_of_every_message_are_read_and_forgotten() {
    let colours = {
        let mut colours = vec![1, 0, 0xff, 0xff, 0xff, 0xff];
        colours.resize(6 + 0xffff * 6, 7);
        colours
    };
    let text = {
        let mut text = vec![3, 0, 0, 0, 0, 3, 0, 0];
        text.resize(8 + 0x30000, b'x');
        text
    };
    let fence = [&[248, 0, 0, 0, 0x80, 0, 0, 7, 64][..], &[9; 64]].concat();
    let name = {
        let length = 0x10000_u32.to_be_bytes();
        let mut data = length.to_vec();
        data.resize(4 + 0x10000, b'n');
        update(&[rectangle(Rect::default(), -307, &data)])
    };
    let cursor = update(&[rectangle(
        Rect::new(0, 0, 64, 64),
        -239,
        &[5; 64 * 64 * 4 + 8 * 64],
    )]);
    let rows: [(&str, Vec<u8>, usize); 7] = [
        ("colours", colours, 50),
        ("texts", text, 50),
        ("bells", vec![2; 10_000], 50),
        ("fences", fence, 20_000),
        ("names", name, 50),
        ("cursors", cursor, 500),
        ("empty updates", update(&[]).repeat(1000), 50),
    ];
    for (what, message, times) in rows {
        let started = Instant::now();
        let clipboard = Clipboard {
            receive: Some(1000),
            ..Clipboard::default()
        };
        let config = ClientConfig {
            clipboard,
            ..ClientConfig::default()
        };
        let mut viewer = Viewer::connected(config, 100, 100);
        for _ in 0..times {
            // Nobody polls events, and nobody fetches output.
            viewer.feed(&message);
            assert!(viewer.client.held_bytes() < HELD, "{what}");
        }
        assert!(viewer.events().len() < 8, "{what}");
        assert!(viewer.output().len() < 300_000, "{what}");
        assert!(started.elapsed() < PATIENCE, "{what}");
        viewer.feed(&[2]);
        assert_eq!(viewer.events(), [Event::Bell], "after {what}");
    }
}

#[test]
fn a_text_that_never_ends_is_dropped_as_it_comes() {
    let clipboard = Clipboard {
        receive: Some(1000),
        ..Clipboard::default()
    };
    let config = ClientConfig {
        clipboard,
        ..ClientConfig::default()
    };
    let mut viewer = Viewer::connected(config, 100, 100);
    viewer.feed(&[3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
    let piece = vec![b'x'; 1 << 16];
    for _ in 0..4000 {
        viewer.feed(&piece);
        assert!(viewer.client.held_bytes() < HELD);
    }
    assert_eq!(viewer.events(), []);
}

#[test]
fn a_giant_name_in_the_handshake_is_cut_or_refused() {
    let init = |claimed: u32| {
        let mut init = server_init(4, 3, b"");
        let end = init.len() - 4;
        init[end..].copy_from_slice(&claimed.to_be_bytes());
        [BANNER, &[1, 1, 0, 0, 0, 0], &init].concat()
    };
    let mut viewer = Viewer::new(ClientConfig::default());
    assert!(viewer.try_feed(&init(u32::MAX)).is_err());

    let mut viewer = Viewer::new(ClientConfig::default());
    viewer.feed(&init(1 << 20));
    for piece in vec![b'n'; 1 << 20].chunks(1 << 14) {
        viewer.feed(piece);
        assert!(viewer.client.held_bytes() < HELD / 16);
    }
    assert_eq!(viewer.client.size(), Some((4, 3)));
    let longest = viewer.events().into_iter().find_map(|event| match event {
        Event::DesktopName(name) => Some(name.len()),
        _ => None,
    });
    assert_eq!(longest, Some(256));
}

#[test]
fn numbers_at_the_edge_of_sixteen_bits_do_not_wrap_around() {
    let whole = Rect::new(0, 0, 100, 100);
    let draw = |rect, encoding: Encoding, data: &[u8]| {
        let mut viewer = viewer();
        let result = viewer.try_feed(&update(&[rectangle(rect, encoding.number(), data)]));
        assert_eq!(viewer.picture.damage, [], "nothing was completed");
        result
    };
    let outside = DecodeError::OutsideRectangle;
    let part = |place: [u16; 4]| {
        let head = [&[0, 0, 0, 1][..], &[0; 4], &[9; 4]].concat();
        let place = place.map(u16::to_be_bytes).concat();
        [head, place].concat()
    };
    for place in [
        [0xffff, 0, 1, 1],
        [0, 0xffff, 1, 1],
        [1, 1, 0xffff, 1],
        [0xffff; 4],
        [0x8000, 0x8000, 0x8000, 0x8000],
    ] {
        let result = draw(whole, Encoding::Rre, &part(place));
        assert_eq!(result, refused(Encoding::Rre, outside), "{place:?}");
    }
    let part = [&[0, 0, 0, 1][..], &[0; 4], &[9; 4], &[0xff; 4]].concat();
    assert_eq!(
        draw(whole, Encoding::CoRre, &part),
        refused(Encoding::CoRre, outside)
    );
    let source = DecodeError::CopySource {
        x: 0xffff,
        y: 0xffff,
    };
    let result = draw(Rect::new(0, 0, 2, 2), Encoding::CopyRect, &[0xff; 4]);
    assert_eq!(result, refused(Encoding::CopyRect, source));
    for encoding in Encoding::DEFAULT {
        for rect in [
            Rect::new(0xffff, 0xffff, 0xffff, 0xffff),
            Rect::new(1, 0, 0xffff, 1),
            Rect::new(0, 1, 1, 0xffff),
            Rect::new(0x8000, 0, 0x8000, 1),
        ] {
            let result = draw(rect, encoding, &[]);
            assert!(
                matches!(result, Err(Error::Protocol(_))),
                "{encoding:?} {rect:?}"
            );
        }
    }
}

#[test]
fn few_bytes_cannot_ask_for_hours_of_drawing() {
    let started = Instant::now();
    let mut viewer = Viewer::connected(ClientConfig::default(), 4096, 4096);
    let everything = [0_u16, 0, 4096, 4096].map(u16::to_be_bytes).concat();
    let part = [&[1, 2, 3, 0][..], &everything].concat();
    let data = [&10_000_u32.to_be_bytes()[..], &[0; 4], &part.repeat(10_000)].concat();
    let rect = Rect::new(0, 0, 4096, 4096);
    let result = viewer.try_feed(&update(&[rectangle(rect, 2, &data)]));
    assert_eq!(result, refused(Encoding::Rre, DecodeError::Overdrawn));
    assert!(started.elapsed() < PATIENCE);
}
