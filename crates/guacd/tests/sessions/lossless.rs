//! What the desktop sends as JPEG is asked for again without a loss.

use anyhow::{Result, ensure};
use testkit::client::{FakeClient, Handshake};
use testkit::jpeg;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::Daemon;

const TIGHT: i32 = 7;
const QUALITY: i32 = -31;

/// The two tiles that are asked for by themselves.
const LEFT: [u16; 4] = [0, 0, 64, 64];
const RIGHT: [u16; 4] = [64, 0, 64, 64];

/// A desktop that says only what the test says, and a viewer of its first picture.
fn session() -> Result<(FakeVncServer, Daemon, FakeClient)> {
    let desktop = FakeVncServer::start(Script::Withhold)?;
    let daemon = Daemon::start()?;
    let handshake = Handshake::vnc(desktop.port())
        .with("encodings", "tight zrle")
        .with("quality-level", "1");
    let mut viewer = daemon.open(&handshake)?;
    desktop.await_messages("the first request", PATIENCE, |messages| {
        messages.iter().find_map(area_asked_for)
    })?;
    desktop.send(&raw_update(0, 0, 320, 200, 0xffffff))?;
    viewer.expect("sync")?;
    Ok((desktop, daemon, viewer))
}

/// A grey photograph.
fn send_jpeg(desktop: &FakeVncServer, [x, y, width, height]: [u16; 4]) -> Result<()> {
    let mut bytes = vec![0, 0, 0, 1];
    for value in [x, y, width, height] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend(TIGHT.to_be_bytes());
    bytes.extend(jpeg::tight(&jpeg::grey(width, height)));
    desktop.send(&bytes)
}

/// What is asked for whether it changed or not.
fn area_asked_for(message: &ClientMessage) -> Option<[u16; 4]> {
    match message {
        ClientMessage::Request {
            incremental: false,
            area,
        } => Some(*area),
        _ => None,
    }
}

/// Waits for so many such requests; the last one's area, and the encodings that held for it.
fn await_asked(desktop: &FakeVncServer, count: usize) -> Result<([u16; 4], Vec<i32>)> {
    desktop.await_messages("a request", PATIENCE, |messages| {
        let mut encodings = None;
        let asked = messages.iter().filter_map(|message| {
            encodings = encodings_of(message).or_else(|| encodings.take());
            Some((area_asked_for(message)?, encodings.clone()?))
        });
        asked.take(count).skip(count - 1).last()
    })
}

fn encodings_of(message: &ClientMessage) -> Option<Vec<i32>> {
    match message {
        ClientMessage::Encodings(encodings) => Some(encodings.clone()),
        _ => None,
    }
}

#[test]
fn a_photograph_that_stands_still_is_asked_for_again() -> Result<()> {
    let (desktop, _daemon, mut viewer) = session()?;
    send_jpeg(&desktop, [10, 10, 40, 40])?;
    viewer.expect("sync")?;
    let (area, encodings) = await_asked(&desktop, 2)?;
    assert_eq!(area, LEFT);
    assert!(encodings.contains(&TIGHT) && !encodings.contains(&QUALITY));
    desktop.send(&raw_update(0, 0, 64, 64, 0x123456))?;
    viewer.expect("sync")?;
    desktop.await_messages("the encodings of before", PATIENCE, |messages| {
        let last = messages.iter().rev().find_map(encodings_of)?;
        last.contains(&QUALITY).then_some(())
    })
}

#[test]
fn a_server_that_sends_jpeg_all_the_same_is_not_asked_for_ever() -> Result<()> {
    let (desktop, _daemon, _viewer) = session()?;
    for attempt in 1..=3 {
        send_jpeg(&desktop, LEFT)?;
        let (area, encodings) = await_asked(&desktop, 1 + attempt)?;
        assert_eq!(area, LEFT);
        // A server that ignores one wish is told another.
        assert_eq!(encodings.contains(&TIGHT), attempt == 1);
        assert!(!encodings.contains(&QUALITY));
    }
    send_jpeg(&desktop, LEFT)?;
    // What is asked for next is what else is lossy, without the neighbour that was given up.
    send_jpeg(&desktop, RIGHT)?;
    let (area, _) = await_asked(&desktop, 5)?;
    ensure!(area == RIGHT, "{area:?} was asked for");
    Ok(())
}
