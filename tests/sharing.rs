//! One desktop, several people: each at their own pace, with their own rights.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use system_tests::Stage;
use system_tests::keyboard::type_ascii;
use system_tests::stage::SIZE;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, Picture};

#[test]
fn two_browsers_show_one_desktop_and_one_may_only_look() -> Result<()> {
    let stage = Stage::new()?;
    stage
        .desktop
        .paint_root(&Picture::pattern(SIZE.0.into(), SIZE.1.into(), 5))?;
    let mut recorder = stage.desktop.recorder(100, 100, 200, 150)?;
    let mut owner = stage.open("1.6.0", &[])?;
    owner.park_pointer(&stage.desktop)?;
    let id = owner.connection_id()?;
    let mut guest = stage.join("1.5.0", &id, &[("read-only", "true")])?;
    guest.await_picture("guest-first", &stage.desktop)?;

    type_ascii(&mut guest.page, "guest")?;
    type_ascii(&mut owner.page, "owner")?;
    recorder.await_typed("owner", PATIENCE)?;
    let window = stage
        .desktop
        .window(10, 10, &Picture::pattern(123, 99, 6))?;
    owner.await_picture("owner-change", &stage.desktop)?;
    guest.await_picture("guest-change", &stage.desktop)?;

    drop(owner);
    until_true("one VNC client still", PATIENCE, || {
        Ok(stage.xvnc.vnc_clients()? == 1)
    })?;
    window.move_to(333, 222)?;
    guest.await_picture("guest-alone", &stage.desktop)?;
    type_ascii(&mut guest.page, "guest")?;
    assert!(guest.is_connected()?);

    // Somebody who comes when the owner has left sees the same, and may type.
    let mut late = stage.join("1.6.0", &id, &[])?;
    late.await_picture("late", &stage.desktop)?;
    type_ascii(&mut late.page, "!")?;
    recorder.await_typed("owner!", PATIENCE)?;

    drop(guest);
    drop(late);
    until_true("the end of the VNC connection", PATIENCE, || {
        Ok(stage.xvnc.vnc_clients()? == 0)
    })
}

#[test]
fn the_last_one_out_ends_the_session() -> Result<()> {
    let mut daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    let id = owner.id.clone();
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&id))?;
    assert_eq!(guest.id, id);
    guest.expect("sync")?;
    drop(owner);
    guest.send("disconnect", &[])?;
    guest.read_to_end(PATIENCE)?;
    until_true("the end of the VNC connection", PATIENCE, || {
        Ok(server.connections() == 0)
    })?;
    assert_eq!(server.accepted(), 1);
    daemon.await_log("\" removed.", 0, PATIENCE)?;
    let mut late = FakeClient::connect(daemon.address())?;
    late.send("select", &[&id])?;
    let error = late.read_until(PATIENCE, |i| i.is("error"))?;
    assert_eq!(error.args, ["No such connection.", "516"]);
    Ok(())
}

#[test]
fn the_owner_is_told_who_comes_and_goes() -> Result<()> {
    const NOTICE: Duration = Duration::from_secs(2);
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    let join = Handshake::join(&owner.id).named("Käthe");
    let mut guest = FakeClient::open(daemon.address(), &join)?;
    guest.expect("sync")?;
    let joined = owner.read_until(NOTICE, |i| i.is("msg"))?;
    assert_eq!((joined.arg(0), joined.arg(2)), ("1", "Käthe"));
    assert!(joined.arg(1).starts_with('@'), "{joined:?}");
    drop(guest);
    let left = owner.read_until(NOTICE, |i| i.is("msg"))?;
    assert_eq!(
        (left.arg(0), left.arg(1), left.arg(2)),
        ("2", joined.arg(1), "Käthe")
    );
    // A client that does not know the instruction is not sent it.
    let old = Handshake::vnc(server.port()).version("VERSION_1_3_0");
    let mut old = FakeClient::open(daemon.address(), &old)?;
    old.expect("sync")?;
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&old.id))?;
    guest.expect("sync")?;
    drop(guest);
    server.send(&raw_update(0, 0, 9, 9, 0xff))?;
    let seen = old.read_until(PATIENCE, |i| i.is("msg") || i.is("cfill") || i.is("img"))?;
    assert!(!seen.is("msg"), "{seen:?}");
    Ok(())
}

#[test]
fn the_pointer_of_one_is_shown_to_the_other() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
    guest.expect("sync")?;
    owner.send("mouse", &["123", "45", "0"])?;
    let seen = guest.read_until(PATIENCE, |i| i.is("mouse") && i.arg(0) == "123")?;
    assert_eq!((seen.arg(1), seen.arg(2)), ("45", "0"));
    Ok(())
}

/// Noise that no encoder makes small, so that a reader who stops soon fills every buffer.
fn noise(server: &FakeVncServer, seed: u32) -> Result<()> {
    let picture = Picture::pattern(640, 480, seed);
    let mut update = raw_update(0, 0, 640, 480, 0);
    update.truncate(update.len() - picture.pixels.len() * 4);
    update.extend(picture.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
    server.send(&update)
}

/// One of two stops reading. The other gets every change in time, with its keys.
fn one_stops_reading(owner_stops: bool) -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::with_size(Script::Serve, 640, 480)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
    guest.expect("sync")?;
    let (mut stopped, mut reader) = if owner_stops {
        (owner, guest)
    } else {
        (guest, owner)
    };
    let mut last_word = Instant::now();
    for round in 0..60 {
        noise(&server, round)?;
        let start = Instant::now();
        reader.read_until(PATIENCE, |i| i.is("img"))?;
        reader.expect("sync")?;
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "round {round}: {:?}",
            start.elapsed()
        );
        // It stays a user, only a slow one.
        if Duration::from_secs(4) < last_word.elapsed() {
            stopped.send("nop", &[])?;
            last_word = Instant::now();
        }
    }
    let key = 0x61 + u32::from(owner_stops);
    reader.send("key", &[&key.to_string(), "1"])?;
    server.await_messages("a key", Duration::from_secs(1), |said| {
        use testkit::vnc_server::ClientMessage::Key;
        said.contains(&Key {
            keysym: key,
            pressed: true,
        })
        .then_some(())
    })?;
    let memory = daemon.resident_kib()?;
    assert!(
        memory < 150 * 1024,
        "{memory} KiB are held for a viewer that does not read"
    );
    // When it reads again it is brought up to date, not through all that it missed.
    let again = stopped.read_until(PATIENCE, |i| i.is("sync"));
    again.context("the slow one goes on")?;
    Ok(())
}

#[test]
fn a_guest_that_stops_reading_slows_nobody() -> Result<()> {
    one_stops_reading(false)
}

#[test]
fn an_owner_that_stops_reading_slows_nobody() -> Result<()> {
    one_stops_reading(true)
}
