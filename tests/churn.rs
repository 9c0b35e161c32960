//! Sessions that come and go leave nothing behind.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, Xvnc};

/// After these the daemon has all it needs.
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;
/// How much more memory the rest may leave resident.
const GROWTH_KIB: usize = 2048;

/// What the daemon holds while no session runs.
#[derive(Debug, Clone, Copy)]
struct Level {
    descriptors: usize,
    threads: usize,
    resident_kib: usize,
}

/// Waits until all of so many sessions have ended, in the daemon's own word, then looks.
fn level(daemon: &Guacd, server: &Xvnc, sessions: usize) -> Result<Level> {
    let removed = |line: &&String| line.contains("Connection \"$") && line.ends_with("\" removed.");
    until_true("the sessions' ends", PATIENCE, || {
        let ended = daemon.log().iter().filter(removed).count();
        Ok(ended == sessions && server.vnc_clients()? == 0)
    })?;
    Ok(Level {
        descriptors: daemon.descriptors()?,
        threads: daemon.threads()?,
        resident_kib: daemon.resident_kib()?,
    })
}

/// One session to its first frame, ended in one of the ways that sessions end.
fn visit(daemon: &Guacd, server: &Xvnc, round: usize) -> Result<()> {
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    match round % 4 {
        0 => {
            client.send("disconnect", &[])?;
            client.read_to_end(PATIENCE)?;
        }
        1 => drop(client),
        2 => {
            let mut joiner = FakeClient::open(daemon.address(), &Handshake::join(&client.id))?;
            joiner.expect("sync")?;
            drop(client);
            joiner.send("disconnect", &[])?;
            joiner.read_to_end(PATIENCE)?;
        }
        _ => {
            client.send_raw(b"garbage")?;
            client.read_to_end(PATIENCE)?;
        }
    }
    Ok(())
}

#[test]
fn two_hundred_sessions_leave_nothing_behind() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = Xvnc::start()?;
    for round in 0..WARM_UP {
        visit(&daemon, &server, round).with_context(|| format!("round {round}"))?;
    }
    let before = level(&daemon, &server, WARM_UP)?;
    for round in WARM_UP..ROUNDS {
        visit(&daemon, &server, round).with_context(|| format!("round {round}"))?;
    }
    let mut after = level(&daemon, &server, ROUNDS)?;
    let settled = until_true("the level after the first sessions", PATIENCE, || {
        after = level(&daemon, &server, ROUNDS)?;
        // Idle threads of a pool may end; more of them may not come.
        Ok(after.descriptors <= before.descriptors
            && after.threads <= before.threads
            && after.resident_kib <= before.resident_kib + GROWTH_KIB)
    });
    settled.with_context(|| format!("{before:?} became {after:?}"))
}

#[test]
fn a_client_that_vanishes_frees_its_desktop_within_a_second() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = Xvnc::start()?;
    let desktop = server.desktop()?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    client.send("key", &["65505", "1"])?;
    client.send("mouse", &["10", "10", "1"])?;
    until_true("Shift and a button held", PATIENCE, || {
        let held = desktop.held()?;
        Ok(!held.keys.is_empty() && !held.buttons.is_empty())
    })?;
    drop(client);
    let mut state = (desktop.held()?, server.vnc_clients()?);
    let freed = until_true("everything let go", Duration::from_secs(1), || {
        state = (desktop.held()?, server.vnc_clients()?);
        Ok(state.0.keys.is_empty() && state.0.buttons.is_empty() && state.1 == 0)
    });
    freed.with_context(|| format!("{state:?}"))
}
