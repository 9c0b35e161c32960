//! Servers that mean harm: an error that names it, and bounded memory.

use guac_vnc::{
    ClientConfig, DecodeError, Encoding, Error, Limits, PixelSink, ProtocolError, Rect, Surface,
};

use crate::server::{BANNER, Viewer, rectangle, screens, server_init, update};

/// What one session may hold beside its picture.
const MAX_HELD: usize = 8 << 20;

fn viewer() -> Viewer {
    Viewer::connected(ClientConfig::default(), 100, 100)
}

#[test]
fn what_breaks_the_protocol_is_an_error_that_names_it() {
    let rect = |x, y, width, height, encoding| {
        update(&[rectangle(Rect::new(x, y, width, height), encoding, &[])])
    };
    let outside = |x, y, width, height| ProtocolError::OutsideFramebuffer {
        x,
        y,
        width,
        height,
    };
    let size = |width, height| ProtocolError::BadFramebufferSize { width, height };
    let rows: [(Vec<u8>, ProtocolError); 17] = [
        (vec![99], ProtocolError::UnknownMessage(99)),
        (vec![5], ProtocolError::UnknownMessage(5)),
        (vec![127], ProtocolError::UnknownMessage(127)),
        (vec![255, 1, 0, 3], ProtocolError::UnknownMessage(255)),
        (vec![255, 2, 0, 0], ProtocolError::UnknownMessage(255)),
        (rect(0, 0, 1, 1, 1234), ProtocolError::UnknownEncoding(1234)),
        (rect(0, 0, 1, 1, -27), ProtocolError::UnknownEncoding(-27)),
        (rect(0, 0, 101, 1, 0), outside(0, 0, 101, 1)),
        (rect(100, 0, 1, 1, 5), outside(100, 0, 1, 1)),
        (
            rect(65535, 65535, 65535, 65535, 7),
            outside(65535, 65535, 65535, 65535),
        ),
        (rect(1, 1, 100, 100, 1), outside(1, 1, 100, 100)),
        (rect(0, 0, 0, 10, -223), size(0, 10)),
        (rect(0, 0, 65535, 65535, -223), size(65535, 65535)),
        (update(&[screens(0, 0, 8193, 10, 1)]), size(8193, 10)),
        (
            vec![248, 0, 0, 0, 0x80, 0, 0, 0, 65],
            ProtocolError::FenceTooLong(65),
        ),
        (
            update(&[rectangle(Rect::default(), -307, &[0xff; 4])]),
            ProtocolError::NameTooLong(u32::MAX),
        ),
        (
            update(&[rectangle(Rect::new(0, 0, 1, 1), -314, &[0, 0, 0, 7])]),
            ProtocolError::CursorEncoding(7),
        ),
    ];
    for (bytes, error) in rows {
        assert_eq!(viewer().try_feed(&bytes), Err(error.into()));
    }
    let copy = update(&[rectangle(Rect::new(0, 0, 2, 2), 1, &[0, 99, 0, 0])]);
    let error = DecodeError::CopySource { x: 99, y: 0 };
    let error = Error::Decode {
        encoding: Encoding::CopyRect,
        error,
    };
    assert_eq!(viewer().try_feed(&copy), Err(error));
    assert!(error.is_garbled());
}

#[test]
fn a_limit_of_the_operator_holds_for_the_first_size_and_for_later_ones() {
    let mut limits = Limits::default();
    limits.max_width = 50;
    let config = ClientConfig {
        limits,
        ..ClientConfig::default()
    };
    let mut viewer = Viewer::connected(config.clone(), 50, 60);
    let bad = ProtocolError::BadFramebufferSize {
        width: 51,
        height: 1,
    };
    assert_eq!(
        viewer.try_feed(&update(&[screens(0, 0, 51, 1, 1)])),
        Err(bad.into())
    );
    let mut viewer = Viewer::new(config);
    let init = server_init(51, 1, b"");
    assert!(
        viewer
            .try_feed(&[BANNER, &[1, 1, 0, 0, 0, 0], &init].concat())
            .is_err()
    );
}

#[test]
fn sixty_five_thousand_rectangles_take_no_memory() {
    let mut viewer = viewer();
    let mut message = vec![0, 0, 0xff, 0xff];
    for _ in 0..0xffff {
        message.extend(rectangle(Rect::new(0, 0, 0, 0), 0, &[]));
    }
    viewer.feed(&message);
    assert_eq!(viewer.events(), [guac_vnc::Event::FrameEnd]);
    assert!(viewer.client.held_bytes() < 4096);
}

#[test]
fn announced_lengths_take_no_memory_before_the_bytes_come() {
    let whole = Rect::new(0, 0, 100, 100);
    let starts: [Vec<u8>; 6] = [
        vec![3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff],
        update(&[rectangle(whole, 16, &[0xff; 4])]),
        update(&[rectangle(whole, 6, &[0xff; 4])]),
        update(&[rectangle(whole, 7, &[0x00, 0xff, 0xff, 0xff])]),
        update(&[rectangle(whole, 7, &[0x90, 0x80, 0x80, 0x20])]),
        update(&[rectangle(Rect::new(0, 0, 65535, 65535), -239, &[])]),
    ];
    for start in starts {
        let mut viewer = viewer();
        viewer.feed(&start);
        assert!(viewer.client.held_bytes() < 200_000, "{start:?}");
    }
}

#[test]
fn a_cursor_too_large_to_keep_is_not_kept_while_it_arrives() {
    let mut viewer = viewer();
    let size: usize = 1000 * 1000 * 4 + 125 * 1000;
    viewer.feed(&update(&[rectangle(
        Rect::new(0, 0, 1000, 1000),
        -239,
        &vec![0; size],
    )]));
    assert_eq!(viewer.events(), [guac_vnc::Event::FrameEnd]);
    assert!(viewer.client.held_bytes() < 4096);
}

#[test]
fn the_largest_jpeg_keeps_within_the_bound() {
    let mut viewer = Viewer::connected(ClientConfig::default(), 4096, 64);
    let length = 1 << 19;
    let head = rectangle(Rect::new(0, 0, 4096, 64), 7, &[0x90, 0x80, 0x80, 32]);
    viewer.feed(&update(&[head]));
    for chunk in vec![0; length - 1].chunks(60_000) {
        viewer.feed(chunk);
        assert!(viewer.client.held_bytes() < MAX_HELD / 3);
    }
    let error = Error::Decode {
        encoding: Encoding::Tight,
        error: DecodeError::Jpeg,
    };
    assert_eq!(viewer.try_feed(&[0]), Err(error));
}

#[test]
fn endless_messages_neither_fill_the_queue_nor_the_output() {
    let mut viewer = viewer();
    let fence = [&[248, 0, 0, 0, 0x80, 0, 0, 0, 64][..], &[0; 64]].concat();
    let flood = [
        vec![2],
        update(&[]),
        fence,
        update(&[screens(0, 0, 100, 100, 1)]),
    ]
    .concat();
    for _ in 0..20_000 {
        viewer.feed(&flood);
    }
    assert!(viewer.events().len() < 10);
    assert!(viewer.output().len() < 300_000);
}

#[test]
fn a_caller_that_lends_too_little_is_told_so() {
    struct Small;
    impl PixelSink for Small {
        fn resize(&mut self, _: u16, _: u16) {}
        fn surface(&mut self) -> Surface<'_> {
            Surface {
                pixels: &mut [],
                stride: 100,
                width: 100,
                height: 100,
            }
        }
        fn damage(&mut self, _: Rect) {}
    }
    for data in [
        rectangle(Rect::new(0, 0, 1, 1), 0, &[0; 4]),
        rectangle(Rect::new(0, 0, 1, 1), 1, &[0; 4]),
    ] {
        let result = viewer().client.feed(&update(&[data]), &mut Small);
        assert_eq!(result, Err(Error::SurfaceTooSmall));
    }
}
