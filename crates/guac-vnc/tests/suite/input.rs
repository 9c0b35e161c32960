//! What a user does, as the server gets it.

use guac_vnc::{ClientConfig, Event, Rect};

use crate::server::{Viewer, in_every_split, rectangle, update};

fn viewer() -> Viewer {
    Viewer::connected(ClientConfig::default(), 4, 3)
}

fn key(keysym: u16, pressed: bool) -> Vec<u8> {
    let [high, low] = keysym.to_be_bytes();
    vec![4, u8::from(pressed), 0, 0, 0, 0, high, low]
}

/// The server's locks in QEMU's form: 1 scroll, 2 num, 4 caps.
fn leds(bits: u8) -> Vec<u8> {
    update(&[rectangle(Rect::default(), -261, &[bits])])
}

#[test]
fn input_reaches_the_server_within_the_framebuffer() {
    let mut viewer = viewer();
    viewer.client.key(0x0100_20ac, true);
    viewer.client.pointer(99, 2, 0b101);
    let expected = [&[4, 1, 0, 0, 1, 0, 0x20, 0xac][..], &[5, 5, 0, 3, 0, 2]];
    assert_eq!(viewer.output(), expected.concat());
}

#[test]
fn input_before_the_session_is_dropped() {
    let mut viewer = Viewer::new(ClientConfig::default());
    viewer.client.key(1, true);
    viewer.client.pointer(1, 1, 1);
    viewer.client.cut_text("x");
    viewer.client.refresh();
    assert_eq!(viewer.output(), b"");
}

#[test]
fn keys_and_buttons_take_the_form_that_the_server_announces() {
    let mut viewer = viewer();
    viewer.client.key_with_scancode(0xff53, 0xcd, true);
    viewer.client.pointer(1, 2, 0x181);
    assert_eq!(
        viewer.output(),
        [key(0xff53, true), vec![5, 1, 0, 1, 0, 2]].concat()
    );
    let announced = [
        rectangle(Rect::default(), -258, &[]),
        rectangle(Rect::default(), -316, &[]),
    ];
    viewer.feed(&update(&announced));
    viewer.output();
    viewer.client.key_with_scancode(0xff53, 0xcd, false);
    viewer.client.pointer(1, 2, 0x181);
    viewer.client.key(0x61, true);
    let extended = [
        &[255, 0, 0, 0, 0, 0, 0xff, 0x53, 0, 0, 0, 0xcd][..],
        &[5, 0x81, 0, 1, 0, 2, 3],
        &key(0x61, true),
    ];
    assert_eq!(viewer.output(), extended.concat());
}

#[test]
fn the_servers_locks_are_told_and_follow_the_users_keys() {
    let config = ClientConfig::default();
    let told = Event::Leds {
        caps: true,
        num: false,
        scroll: true,
    };
    let vmware = update(&[rectangle(Rect::default(), 0x574d_5668, &[9, 9, 9, 0xf5])]);
    for stream in [leds(5), vmware] {
        assert_eq!(
            in_every_split(&config, &stream),
            [told.clone(), Event::FrameEnd]
        );
    }
    let mut viewer = viewer();
    viewer.feed(&leds(4));
    viewer.output();
    viewer.client.key(0x61, true);
    viewer.client.key(0x61, false);
    let caps = [key(0xffe5, true), key(0xffe5, false)];
    let letter = [key(0x61, true), key(0x61, false)];
    assert_eq!(viewer.output(), [caps, letter.clone()].concat().concat());

    let config = ClientConfig {
        sync_locks: false,
        ..config
    };
    let mut viewer = Viewer::connected(config, 4, 3);
    viewer.feed(&leds(4));
    viewer.output();
    viewer.client.key(0x61, true);
    viewer.client.key(0x61, false);
    assert_eq!(viewer.output(), letter.concat());
}
