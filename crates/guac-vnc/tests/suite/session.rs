//! Messages of a running session, and what the client answers.

use guac_vnc::{
    ClientConfig, ColorDepth, CursorShape, Encoding, Event, Rect, ResizeOutcome, ResizeRequest,
};

use crate::server::{BANNER, Viewer, rectangle, request, screens, server_init, update};

fn viewer() -> Viewer {
    Viewer::connected(ClientConfig::default(), 4, 3)
}

/// One rectangle that paints a pixel.
fn pixel() -> Vec<u8> {
    rectangle(Rect::new(1, 1, 1, 1), 0, &[3, 2, 1, 0])
}

#[test]
fn each_update_is_painted_reported_and_followed_by_one_request() {
    let mut viewer = viewer();
    viewer.feed(&update(&[pixel()]));
    assert_eq!(viewer.picture.pixels[5], 0x010203);
    assert_eq!(viewer.picture.damage, [Rect::new(1, 1, 1, 1)]);
    assert_eq!(viewer.events(), [Event::FrameEnd]);
    assert_eq!(viewer.output(), request(true, 4, 3));
    assert_eq!(viewer.output(), b"", "one is outstanding");
    viewer.feed(&update(&[]));
    assert_eq!(
        viewer.output(),
        request(true, 4, 3),
        "an empty update is one all the same"
    );
}

#[test]
fn a_copy_is_reported_as_one() {
    let mut viewer = viewer();
    viewer.feed(&update(&[
        pixel(),
        rectangle(Rect::new(2, 0, 2, 2), 1, &[0, 1, 0, 0]),
    ]));
    assert_eq!(
        viewer.picture.pixels[..8],
        [0, 0, 0, 0, 0, 0x010203, 0x010203, 0]
    );
    assert_eq!(viewer.picture.copies, [(Rect::new(1, 0, 2, 2), 2, 0)]);
    assert_eq!(viewer.picture.damage[1..], [Rect::new(2, 0, 2, 2)]);
}

#[test]
fn a_last_rectangle_ends_an_update_of_any_number() {
    let mut viewer = viewer();
    let last = rectangle(Rect::default(), -224, &[]);
    let mut message = update(&[pixel(), last]);
    message[2..4].copy_from_slice(&[0xff, 0xff]);
    viewer.feed(&message);
    assert_eq!(viewer.events(), [Event::FrameEnd]);
    assert_eq!(viewer.output(), request(true, 4, 3));
    viewer.feed(&[2]);
    assert_eq!(viewer.events(), [Event::Bell]);
}

#[test]
fn no_request_is_sent_in_a_pause_and_one_after_it() {
    let mut viewer = viewer();
    viewer.client.set_updates_paused(true);
    viewer.feed(&update(&[pixel()]));
    viewer.feed(&update(&[pixel()]));
    assert_eq!(viewer.output(), b"");
    viewer.client.set_updates_paused(false);
    assert_eq!(viewer.output(), request(true, 4, 3));
    viewer.client.refresh();
    assert_eq!(viewer.output(), request(false, 4, 3));
}

#[test]
fn a_new_size_is_followed_by_a_request_of_everything() {
    for rectangle in [
        rectangle(Rect::new(0, 0, 9, 7), -223, &[]),
        screens(0, 0, 9, 7, 5),
    ] {
        let mut viewer = viewer();
        viewer.feed(&update(&[rectangle]));
        assert_eq!((viewer.picture.width, viewer.picture.height), (9, 7));
        assert_eq!(viewer.client.size(), Some((9, 7)));
        assert_eq!(
            viewer.events(),
            [
                Event::Resized {
                    width: 9,
                    height: 7
                },
                Event::FrameEnd
            ]
        );
        assert_eq!(viewer.output(), request(false, 9, 7));
    }
}

#[test]
fn the_same_size_again_changes_nothing() {
    let mut viewer = viewer();
    viewer.feed(&update(&[pixel()]));
    viewer.output();
    viewer.feed(&update(&[screens(0, 0, 4, 3, 5)]));
    assert_eq!(
        viewer.picture.pixels[5], 0x010203,
        "the picture is not wiped"
    );
    assert_eq!(viewer.output(), request(true, 4, 3));
}

#[test]
fn a_wish_for_a_size_is_sent_with_the_servers_own_screen() {
    let mut viewer = viewer();
    assert_eq!(
        viewer.client.request_size(20000, 10000),
        ResizeRequest::Deferred
    );
    assert_eq!(viewer.output(), b"");
    viewer.feed(&update(&[screens(0, 0, 4, 3, 0x0102_0304)]));
    let expected = [
        251, 0, 0x20, 0, 0x10, 0, 1, 0, // 8192x4096, one screen
        1, 2, 3, 4, 0, 0, 0, 0, 0x20, 0, 0x10, 0, 0, 0, 0, 9,
    ];
    assert_eq!(
        viewer.output(),
        [&expected[..], &request(true, 4, 3)].concat()
    );

    // The answer to it.
    viewer.feed(&update(&[screens(1, 0, 8192, 4096, 0x0102_0304)]));
    let resized = Event::Resized {
        width: 8192,
        height: 4096,
    };
    let accepted = Event::ResizeAnswered(ResizeOutcome::Accepted);
    assert_eq!(viewer.events(), [resized, accepted, Event::FrameEnd]);
    assert_eq!(
        viewer.client.request_size(8192, 4096),
        ResizeRequest::Unchanged
    );
}

#[test]
fn a_refused_resize_leaves_the_size_and_says_so() {
    let mut viewer = viewer();
    viewer.feed(&update(&[screens(0, 0, 4, 3, 1)]));
    let sent = ResizeRequest::Sent {
        width: 800,
        height: 600,
    };
    assert_eq!(viewer.client.request_size(800, 600), sent);
    viewer.events();
    viewer.feed(&update(&[screens(1, 2, 0, 0, 1)]));
    let refused = Event::ResizeAnswered(ResizeOutcome::Refused { code: 2 });
    assert_eq!(viewer.events(), [refused, Event::FrameEnd]);
    assert_eq!(viewer.client.size(), Some((4, 3)));
    assert_eq!(
        viewer.client.request_size(800, 600),
        sent,
        "it may be tried again"
    );
}

#[test]
fn a_server_that_ignores_a_resize_does_not_freeze_the_picture() {
    let mut viewer = viewer();
    viewer.feed(&update(&[screens(0, 0, 4, 3, 1)]));
    viewer.client.request_size(800, 600);
    viewer.output();
    for _ in 0..3 {
        viewer.feed(&update(&[pixel()]));
        assert_eq!(viewer.output(), request(true, 4, 3));
    }
}

#[test]
fn messages_that_mean_nothing_here_are_read_to_their_end() {
    let mut viewer = viewer();
    let colours = [&[1, 0, 0, 0, 0, 2][..], &[7; 12]].concat();
    let extended = [&[3, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc][..], &[7; 4]].concat();
    viewer.feed(&[colours, extended, vec![150], vec![2]].concat());
    assert_eq!(viewer.events(), [Event::Bell]);
}

#[test]
fn new_colours_ask_for_everything_that_was_drawn_with_the_old() {
    let colours = |blue: u8| vec![1, 0, 0, 5, 0, 1, 0, 0, 0, 0, blue, 0];
    let config = ClientConfig {
        color_depth: ColorDepth::Indexed8,
        ..ClientConfig::default()
    };
    let pixel = || update(&[rectangle(Rect::new(1, 1, 1, 1), 0, &[5])]);
    let mut viewer = Viewer::connected(config, 4, 3);
    viewer.feed(&colours(7));
    assert_eq!(viewer.output(), b"", "nothing was drawn yet");
    viewer.feed(&pixel());
    assert_eq!(viewer.picture.pixels[5], 0x000007);
    viewer.output();
    viewer.feed(&colours(7));
    assert_eq!(viewer.output(), b"", "nothing changed");
    viewer.feed(&[colours(8), colours(9)].concat());
    assert_eq!(viewer.output(), request(false, 4, 3));
    viewer.feed(&pixel());
    assert_eq!(viewer.picture.pixels[5], 0x000009);

    let mut viewer = self::viewer();
    viewer.feed(&update(&[self::pixel()]));
    viewer.output();
    viewer.feed(&colours(8));
    assert_eq!(viewer.output(), b"", "true colours have no map");
}

#[test]
fn a_fence_is_answered_with_the_flags_that_are_known() {
    let fence = |flags: u32, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [
            &[248, 0, 0, 0][..],
            &flags.to_be_bytes(),
            &[length],
            payload,
        ]
        .concat()
    };
    let mut viewer = viewer();
    viewer.feed(&fence(0x8000_00f5, b"ping"));
    assert_eq!(viewer.output(), fence(5, b"ping"));
    viewer.feed(&fence(0x0000_0001, b"pong"));
    assert_eq!(viewer.output(), b"", "only requests are answered");
}

#[test]
fn cursors_and_names_become_events() {
    let mut viewer = viewer();
    let cursor = rectangle(Rect::new(0, 0, 1, 1), -239, &[3, 2, 1, 0, 0x80]);
    let name = rectangle(Rect::default(), -307, b"\0\0\0\x05a\tb\xffc");
    viewer.feed(&update(&[cursor, name]));
    let shape = CursorShape {
        width: 1,
        height: 1,
        pixels: vec![0xff01_0203],
        ..CursorShape::default()
    };
    let expected = [
        Event::Cursor(shape),
        Event::DesktopName("a b\u{fffd}c".into()),
        Event::FrameEnd,
    ];
    assert_eq!(viewer.events(), expected);
    assert_eq!(viewer.picture.damage, [], "nothing was painted");
}

#[test]
fn red_and_blue_are_exchanged_if_they_have_to_be() {
    let config = ClientConfig {
        swap_red_blue: true,
        ..ClientConfig::default()
    };
    let mut viewer = Viewer::connected(config, 4, 3);
    let cursor = rectangle(Rect::new(0, 0, 1, 1), -239, &[3, 2, 1, 0, 0x80]);
    viewer.feed(&update(&[pixel(), cursor]));
    assert_eq!(viewer.picture.pixels[5], 0x030201);
    let events = viewer.events();
    assert!(matches!(&events[0], Event::Cursor(shape) if shape.pixels == [0xff03_0201]));
}

#[test]
fn levels_are_told_before_pixels_are_asked_for() {
    for encoding in [Encoding::Tight, Encoding::Zrle, Encoding::Zlib] {
        let mut viewer = Viewer::new(ClientConfig {
            encodings: vec![encoding],
            compress_level: Some(6),
            quality_level: Some(7),
            ..ClientConfig::default()
        });
        let hello = [BANNER, &[1, 1, 0, 0, 0, 0], &server_init(4, 3, b"")].concat();
        viewer.feed(&hello);
        // The version, the security type, shared, and the format of pixels.
        let output = viewer.output().split_off(12 + 1 + 1 + 20);
        let (head, numbers) = output.split_at(4);
        assert_eq!(head[..3], [2, 0, 0]);
        let (numbers, asked) = numbers.split_at(4 * usize::from(head[3]));
        assert_eq!(asked, request(false, 4, 3), "nothing is asked for before");
        let (numbers, _) = numbers.as_chunks::<4>();
        let numbers: Vec<i32> = numbers.iter().map(|n| i32::from_be_bytes(*n)).collect();
        assert_eq!(numbers[0], encoding.number());
        assert!(numbers.ends_with(&[-250, -25]), "{numbers:?}");
    }
}
