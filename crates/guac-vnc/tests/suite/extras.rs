//! What other families of servers say and take.

use guac_vnc::{ClientConfig, Error, Event, ProtocolError, Rect, XvpAction};

use crate::server::{Viewer, in_every_split, rectangle, update};

fn viewer(config: ClientConfig) -> Viewer {
    Viewer::connected(config, 4, 3)
}

#[test]
fn messages_that_nobody_asked_for_are_passed_over() {
    let bell = [2];
    let sign_of_life = [13];
    let state = [173, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    let chat = b"\x0b\0\0\0\0\0\0\x02hi".as_slice();
    let chat_opens = [11, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    let xvp = [250, 0, 1, 1];
    let stream = [&sign_of_life[..], &state, chat, &chat_opens, &xvp, &bell].concat();
    let mut viewer = viewer(ClientConfig::default());
    viewer.feed(&stream);
    assert_eq!(viewer.events(), [Event::Bell]);
    assert_eq!(viewer.output(), b"");
}

#[test]
fn a_message_without_a_known_length_ends_the_client() {
    let mut viewer = viewer(ClientConfig::default());
    let error = Error::Protocol(ProtocolError::UnknownMessage(7));
    assert_eq!(viewer.try_feed(&[7, 0, 0, 0]), Err(error));
}

#[test]
fn sizes_of_other_families_are_followed() {
    for message in [
        &[4, 0, 0, 9, 0, 7][..],
        &[15, 0, 0, 99, 0, 99, 0, 9, 0, 7, 0, 0],
    ] {
        let (width, height) = (9, 7);
        let resized = Event::Resized { width, height };
        let config = ClientConfig::default();
        assert_eq!(in_every_split(&config, message), [resized]);
        let mut viewer = viewer(config);
        viewer.feed(message);
        assert_eq!(viewer.client.size(), Some((9, 7)));
        assert_eq!(viewer.output(), [3, 0, 0, 0, 0, 0, 0, 9, 0, 7]);
    }
}

#[test]
fn a_size_beyond_the_limits_is_refused_in_any_message() {
    let mut viewer = viewer(ClientConfig::default());
    let result = viewer.try_feed(&[4, 0, 0xff, 0xff, 0, 1]);
    let (width, height) = (0xffff, 1);
    let error = ProtocolError::BadFramebufferSize { width, height };
    assert_eq!(result, Err(error.into()));
}

#[test]
fn the_desktops_own_pointer_is_told() {
    let mut viewer = viewer(ClientConfig::default());
    let pointer = |x, y| rectangle(Rect::new(x, y, 0, 0), -232, &[]);
    viewer.feed(&update(&[pointer(1, 2), pointer(3, 0xffff)]));
    let (x, y) = (3, 0xffff);
    assert_eq!(
        viewer.events(),
        [Event::PointerMoved { x, y }, Event::FrameEnd]
    );
}

#[test]
fn machines_are_shut_down_only_if_the_server_said_that_they_can_be() {
    let config = ClientConfig {
        xvp: true,
        ..ClientConfig::default()
    };
    let mut viewer = viewer(config);
    assert!(!viewer.client.xvp(XvpAction::Reset));
    assert_eq!(viewer.output(), b"");
    viewer.feed(&[250, 0, 7, 1]);
    assert_eq!(viewer.events(), [Event::XvpAvailable]);
    for (action, code) in [
        (XvpAction::ShutDown, 2),
        (XvpAction::Reboot, 3),
        (XvpAction::Reset, 4),
    ] {
        assert!(viewer.client.xvp(action));
        assert_eq!(viewer.output(), [250, 0, 7, code]);
    }
    viewer.feed(&[250, 0, 7, 0, 250, 0, 7, 99]);
    assert_eq!(viewer.events(), [Event::XvpFailed]);
}

#[test]
fn whoever_sits_before_the_desktop_can_be_kept_from_it() {
    let mut viewer = viewer(ClientConfig::default());
    viewer.client.disable_server_input(true);
    viewer.client.disable_server_input(false);
    assert_eq!(viewer.output(), [9, 1, 0, 0, 9, 0, 0, 0]);
}
