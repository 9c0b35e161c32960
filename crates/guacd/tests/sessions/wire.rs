//! What parameters make of the connection to the VNC server, seen from there.

use anyhow::Result;
use guac_policy::Policy;
use testkit::client::Handshake;
use testkit::vnc_server::message::{raw_update, screen_layout};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, error_of};

const CURSORS: [i32; 3] = [-239, -240, -314];

/// What the daemon says first with these parameters: its pixel format and its encodings.
fn greeting(parameters: &[(&str, &str)]) -> Result<([u8; 16], Vec<i32>)> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let handshake = parameters
        .iter()
        .fold(Handshake::vnc(desktop.port()), |all, (name, value)| {
            all.with(name, value)
        });
    let _owner = daemon.open(&handshake)?;
    let format = desktop.await_messages("the pixel format", PATIENCE, |messages| {
        messages.iter().find_map(|message| match message {
            ClientMessage::PixelFormat(format) => Some(*format),
            _ => None,
        })
    })?;
    let encodings = desktop.await_messages("the encodings", PATIENCE, |messages| {
        messages.iter().find_map(|message| match message {
            ClientMessage::Encodings(encodings) => Some(encodings.clone()),
            _ => None,
        })
    })?;
    Ok((format, encodings))
}

#[test]
fn encodings_are_asked_for_as_named() -> Result<()> {
    // A server on this host is not asked to compress.
    let (_, local) = greeting(&[])?;
    assert_eq!(local[..2], [1, 0]);
    let (_, named) = greeting(&[("encodings", "zrle ultra hextile copyrect raw")])?;
    assert_eq!(named[..4], [16, 5, 1, 0]);
    Ok(())
}

#[test]
fn levels_are_asked_for_where_they_are_set() -> Result<()> {
    let levels = |encodings: &[i32]| {
        let mut levels: Vec<i32> = encodings.to_vec();
        levels.retain(|number| (-256..=-247).contains(number) || (-32..=-23).contains(number));
        levels
    };
    let (_, none) = greeting(&[("encodings", "tight")])?;
    assert_eq!(levels(&none), [0; 0]);
    let (_, both) = greeting(&[("compress-level", "6"), ("quality-level", "7")])?;
    assert_eq!(levels(&both), [-250, -25]);
    Ok(())
}

#[test]
fn the_cursor_is_left_to_the_server_where_it_is_not_the_viewers() -> Result<()> {
    let (_, local) = greeting(&[("cursor", "local")])?;
    assert!(CURSORS.iter().all(|cursor| local.contains(cursor)));
    for parameter in [("cursor", "remote"), ("read-only", "true")] {
        let (_, encodings) = greeting(&[parameter])?;
        let asked = CURSORS.iter().find(|cursor| encodings.contains(cursor));
        assert_eq!(asked, None, "{parameter:?}");
    }
    Ok(())
}

#[test]
fn pixels_come_as_deep_as_was_asked() -> Result<()> {
    // Bits per pixel, depth, byte order, true colour, three maxima, three shifts.
    let deep = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0];
    let high = [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0];
    for (depth, format) in [
        ("", deep),
        ("24", deep),
        ("32", deep),
        ("17", deep),
        ("16", high),
    ] {
        let (sent, _) = greeting(&[("color-depth", depth)])?;
        assert_eq!(sent[..13], format, "{depth}");
    }
    let (sent, _) = greeting(&[("color-depth", "8")])?;
    assert_eq!(sent[0], 8);
    Ok(())
}

#[test]
fn red_and_blue_change_places() -> Result<()> {
    for (swap, red) in [("false", 0), ("true", 255)] {
        let desktop = FakeVncServer::start(Script::Serve)?;
        let daemon = Daemon::start()?;
        let handshake = Handshake::vnc(desktop.port()).with("swap-red-blue", swap);
        let mut owner = daemon.watch(&handshake)?;
        // Blue, as the server means it.
        desktop.send(&raw_update(0, 0, 320, 200, 0xff))?;
        let fill = owner.expect("cfill")?;
        assert_eq!(fill.number(2)?, red, "{fill:?}");
        assert_eq!(fill.number(4)?, 255 - red, "{fill:?}");
    }
    Ok(())
}

#[test]
fn no_desktop_is_larger_than_the_operator_says() -> Result<()> {
    let desktop = FakeVncServer::with_size(Script::Serve, 320, 201)?;
    let limited = |width, height| Daemon::with_largest(Policy::builtin(), (width, height));
    for size in [(319, 201), (320, 200)] {
        let daemon = limited(size.0, size.1)?;
        let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
        assert_eq!(error_of(&mut owner)?, 0x0203, "{size:?}");
    }
    limited(320, 201)?.watch(&Handshake::vnc(desktop.port()))?;
    Ok(())
}

#[test]
fn no_larger_desktop_is_asked_for() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::with_largest(Policy::builtin(), (640, 400))?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    desktop.send(&screen_layout(320, 200, 7))?;
    owner.send("size", &["2000", "1000"])?;
    // The browser's first size is 1024x768; both are scaled down.
    desktop
        .await_messages("both sizes", PATIENCE, |messages| {
            let resizes = messages.iter().filter_map(|message| match message {
                ClientMessage::Resize { width, height, .. } => Some((*width, *height)),
                _ => None,
            });
            let sizes: Vec<_> = resizes.collect();
            sizes.contains(&(640, 320)).then_some(sizes)
        })
        .map(|sizes| {
            assert!(
                sizes
                    .iter()
                    .all(|(width, height)| *width <= 640 && *height <= 400)
            )
        })
}

#[test]
fn whoever_sits_before_the_desktop_is_kept_from_it_where_that_is_asked_for() -> Result<()> {
    for (value, disabled) in [("true", true), ("false", false)] {
        let desktop = FakeVncServer::start(Script::Serve)?;
        let daemon = Daemon::start()?;
        let handshake = Handshake::vnc(desktop.port()).with("disable-server-input", value);
        let mut owner = daemon.open(&handshake)?;
        owner.expect("sync")?;
        // What is sent at the start of a session comes before what a user does.
        owner.send("key", &["97", "1"])?;
        desktop.await_messages("the key", PATIENCE, |messages| {
            let key = |message: &ClientMessage| matches!(message, ClientMessage::Key { .. });
            messages.iter().any(key).then_some(())
        })?;
        let asked = ClientMessage::ServerInput { disabled: true };
        assert_eq!(desktop.messages().contains(&asked), disabled, "{value}");
    }
    Ok(())
}
