//! When updates are asked for, and when they come by themselves.

use guac_vnc::{ClientConfig, Rect};

use crate::server::{Viewer, rectangle, request, screens, update};

const END_OF_CONTINUOUS_UPDATES: u8 = 150;

fn viewer() -> Viewer {
    Viewer::connected(ClientConfig::default(), 4, 3)
}

/// One rectangle that paints a pixel.
fn pixel() -> Vec<u8> {
    rectangle(Rect::new(1, 1, 1, 1), 0, &[3, 2, 1, 0])
}

fn continuous(on: bool, width: u8, height: u8) -> Vec<u8> {
    vec![150, u8::from(on), 0, 0, 0, 0, 0, width, 0, height]
}

/// A viewer whose server sends updates continuously.
fn running() -> Viewer {
    let mut viewer = viewer();
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES]);
    assert_eq!(viewer.output(), b"", "everything has to come first");
    viewer.feed(&update(&[pixel()]));
    let expected = [continuous(true, 4, 3), request(true, 4, 3)].concat();
    assert_eq!(viewer.output(), expected);
    viewer
}

#[test]
fn the_next_update_is_asked_for_before_this_one_is_drawn() {
    let mut viewer = viewer();
    let message = update(&[pixel()]);
    for byte in &message[..3] {
        viewer.feed(&[*byte]);
        assert_eq!(viewer.output(), b"");
    }
    viewer.feed(&message[3..4]);
    assert_eq!(viewer.output(), request(true, 4, 3));
    viewer.feed(&message[4..]);
    assert_eq!(viewer.output(), b"", "one is outstanding");
}

#[test]
fn a_new_size_asks_for_everything_beside_what_was_asked_for() {
    let mut viewer = viewer();
    let message = update(&[screens(0, 0, 9, 7, 5), pixel()]);
    viewer.feed(&message[..4]);
    assert_eq!(viewer.output(), request(true, 4, 3));
    viewer.feed(&message[4..]);
    assert_eq!(viewer.output(), request(false, 9, 7));
    viewer.feed(&update(&[]));
    assert_eq!(viewer.output(), request(true, 9, 7));
}

#[test]
fn a_server_that_only_announces_continuous_updates_is_asked_as_ever() {
    let mut viewer = running();
    for _ in 0..3 {
        viewer.feed(&update(&[pixel()]));
        assert_eq!(viewer.output(), request(true, 4, 3));
    }
}

#[test]
fn continuous_updates_are_not_asked_for_unless_configured() {
    let config = ClientConfig {
        continuous_updates: false,
        ..ClientConfig::default()
    };
    let mut viewer = Viewer::connected(config, 4, 3);
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES]);
    viewer.feed(&update(&[pixel()]));
    assert_eq!(viewer.output(), request(true, 4, 3));
}

#[test]
fn the_area_grows_with_the_framebuffer() {
    let mut viewer = running();
    viewer.feed(&update(&[screens(0, 0, 9, 7, 5)]));
    let expected = [continuous(true, 9, 7), request(false, 9, 7)].concat();
    assert_eq!(viewer.output(), expected);
}

#[test]
fn a_pause_ends_them_and_they_go_on_once_the_server_has_stopped() {
    let mut viewer = running();
    viewer.client.set_updates_paused(true);
    assert_eq!(viewer.output(), continuous(false, 4, 3));
    // Updates that were on their way.
    viewer.feed(&update(&[pixel()]));
    assert_eq!(viewer.output(), b"");
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES]);
    assert_eq!(viewer.output(), b"");
    viewer.client.set_updates_paused(false);
    let expected = [continuous(true, 4, 3), request(true, 4, 3)].concat();
    assert_eq!(viewer.output(), expected);
}

#[test]
fn a_pause_shorter_than_the_way_to_the_server_ends_as_well() {
    let mut viewer = running();
    viewer.client.set_updates_paused(true);
    viewer.output();
    viewer.client.set_updates_paused(false);
    assert_eq!(
        viewer.output(),
        request(true, 4, 3),
        "if it never says that it stopped"
    );
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES]);
    // What was asked for may have been ignored in the meantime.
    let expected = [continuous(true, 4, 3), request(true, 4, 3)].concat();
    assert_eq!(viewer.output(), expected);
}

#[test]
fn a_server_that_stops_by_itself_is_asked_from_then_on() {
    let mut viewer = running();
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES]);
    assert_eq!(viewer.output(), request(true, 4, 3));
    viewer.feed(&[END_OF_CONTINUOUS_UPDATES; 1000]);
    assert_eq!(viewer.output(), b"");
    viewer.feed(&update(&[pixel()]));
    assert_eq!(viewer.output(), request(true, 4, 3));
}

#[test]
fn fences_are_answered_in_order() {
    let fence = |flags: [u8; 4], payload: u8| [&[248, 0, 0, 0][..], &flags, &[1, payload]].concat();
    let mut viewer = viewer();
    // As Xvnc has it: before and after an update.
    let update = update(&[pixel()]);
    viewer.feed(&[fence([0x80, 0, 0, 1], 7), update[..6].to_vec()].concat());
    let answered = [fence([0, 0, 0, 1], 7), request(true, 4, 3)].concat();
    assert_eq!(viewer.output(), answered);
    viewer.feed(&update[6..]);
    viewer.feed(&[fence([0x80, 0, 0, 2], 8), fence([0x80, 0, 0, 0], 9)].concat());
    let answered = [fence([0, 0, 0, 2], 8), fence([0; 4], 9)].concat();
    assert_eq!(viewer.output(), answered);
}
