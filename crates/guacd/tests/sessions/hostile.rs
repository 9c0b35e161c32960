//! Viewers and desktops that do not play by the rules cost their own session at most.

use std::time::Duration;

use anyhow::Result;
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, await_key, error_of};

/// A framebuffer update of one rectangle that takes no pixels: `DesktopSize`.
fn resize(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0];
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend((-223_i32).to_be_bytes());
    bytes
}

#[test]
fn a_storm_of_resizes_ends_its_session_only() -> Result<()> {
    let (hostile, honest) = (
        FakeVncServer::start(Script::Serve)?,
        FakeVncServer::start(Script::Serve)?,
    );
    let daemon = Daemon::start()?;
    let mut victim = daemon.watch(&Handshake::vnc(hostile.port()))?;
    let mut other = daemon.watch(&Handshake::vnc(honest.port()))?;
    let storm = [resize(4096, 4096), resize(4095, 4095)]
        .concat()
        .repeat(2000);
    // The daemon may have hung up before it was sent all.
    let _ = hostile.send(&storm);
    assert_eq!(error_of(&mut victim)?, 0x0203);
    other.send("key", &["97", "1"])?;
    await_key(&honest, 0x61, true)
}

#[test]
fn odd_instructions_end_nothing() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let ahead = (owner.last_sync + 1_000_000).to_string();
    owner.send("sync", &[&ahead])?;
    owner.send("sync", &["-1"])?;
    owner.send("sync", &[])?;
    for side in ["0", "-1", "100000", "x", ""] {
        owner.send("size", &[side, side])?;
    }
    owner.send("mouse", &["99999", "-5", "1"])?;
    owner.send("key", &["97"])?;
    owner.send("", &["ping", "1"])?;
    owner.send("ack", &["1", "OK", "0"])?;
    owner.send("key", &["98", "1"])?;
    await_key(&desktop, 0x62, true)
}

#[test]
fn a_viewer_that_does_not_read_slows_nobody() -> Result<()> {
    let desktop = FakeVncServer::with_size(Script::Serve, 512, 512)?;
    let daemon = Daemon::start()?;
    let deaf = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let mut guest = daemon.watch(&Handshake::join(&deaf.id))?;
    for round in 0..200 {
        let update = testkit::vnc_server::message::raw_update(0, 0, 512, 512, round * 77);
        desktop.send(&update)?;
        guest.expect("sync")?;
    }
    drop(deaf);
    Ok(())
}

#[test]
fn one_session_takes_a_bounded_number_of_users() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let guests: Vec<_> = (1..64)
        .map(|_| daemon.watch(&Handshake::join(&owner.id)))
        .collect::<Result<_>>()?;
    let mut refused = daemon.open(&Handshake::join(&owner.id))?;
    assert_eq!(error_of(&mut refused)?, 0x031d);
    drop(guests);
    Ok(())
}

#[test]
fn a_flood_of_input_gets_through_or_ends_and_the_daemon_goes_on() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let moves = "5.mouse,1.5,1.6,1.0;5.mouse,1.6,1.5,1.0;".repeat(20_000);
    owner.send_raw(moves.as_bytes())?;
    owner.send("key", &["97", "1"])?;
    await_key(&desktop, 0x61, true)?;
    // Moves are merged while they wait, so that fewer arrive than were made.
    assert!(desktop.messages().len() < 40_000);
    assert!(!owner.closes_within(Duration::from_millis(1)));
    Ok(())
}

#[test]
fn sessions_in_a_row_leave_nothing_behind() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    for round in 0..50 {
        let client = daemon.open(&Handshake::vnc(desktop.port()))?;
        if round % 2 == 0 {
            drop(client);
        } else {
            let mut client = client;
            client.send("disconnect", &[])?;
            client.read_to_end(PATIENCE)?;
        }
    }
    let tasks = daemon.runtime.metrics();
    testkit::wait::until_true("only the listener's task is left", PATIENCE, || {
        Ok(tasks.num_alive_tasks() <= 1)
    })
}
