//! How sessions end, and what is left of them: nothing.

use std::time::Duration;

use anyhow::Result;
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;
use tokio::net::TcpSocket;

use crate::support::{Daemon, await_freed, await_key, error_of};

/// What a vanished browser may cost the desktop.
const FREED_WITHIN: Duration = Duration::from_secs(1);

const SHIFT: u32 = 0xffe1;

#[test]
fn keys_are_released_when_the_last_user_vanishes() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    owner.send("key", &["65505", "1"])?;
    await_key(&desktop, SHIFT, true)?;
    drop(owner);
    await_freed(&desktop, FREED_WITHIN)?;
    await_key(&desktop, SHIFT, false)
}

#[test]
fn keys_are_released_when_the_daemon_ends() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    owner.send("key", &["65505", "1"])?;
    await_key(&desktop, SHIFT, true)?;
    let server = daemon.server.clone();
    let ending = daemon.runtime.spawn(async move { server.shutdown().await });
    assert_eq!(error_of(&mut owner)?, 0);
    drop(owner);
    daemon.runtime.block_on(ending)?;
    await_key(&desktop, SHIFT, false)?;
    await_freed(&desktop, FREED_WITHIN)
}

#[test]
fn a_browser_that_leaves_while_the_desktop_says_nothing_frees_it() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Mute)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    // Signs of life come also while the desktop is being connected.
    owner.expect("nop")?;
    assert_eq!(desktop.connections(), 1);
    drop(owner);
    await_freed(&desktop, FREED_WITHIN)
}

#[test]
fn each_failure_has_its_status() -> Result<()> {
    let daemon = Daemon::start()?;
    let rows = [
        (Script::WrongPassword, 0x0301),
        (Script::Close, 0x0203),
        (Script::Greet(b"HTTP/1.1 400 Bad".to_vec()), 0x0203),
        (Script::Refuse("no\nentry".into()), 0x0203),
        (Script::Offer(vec![99]), 0x0203),
        (Script::CloseAtRequest, 0x0203),
    ];
    for (script, status) in rows {
        let desktop = FakeVncServer::start(script.clone())?;
        let handshake = Handshake::vnc(desktop.port()).with("password", "secret");
        let mut owner = daemon.open(&handshake)?;
        assert_eq!(error_of(&mut owner)?, status, "{script:?}");
        await_freed(&desktop, FREED_WITHIN)?;
    }
    // Bound, so that no other test gets the port, and not listening.
    let deaf = TcpSocket::new_v4()?;
    deaf.bind(([127, 0, 0, 1], 0).into())?;
    let gone = deaf.local_addr()?.port();
    for host in ["127.0.0.1", "no-such-host.invalid", ""] {
        for _ in 0..5 {
            let handshake = Handshake::vnc(gone).with("hostname", host);
            let mut owner = daemon.open(&handshake)?;
            assert_eq!(error_of(&mut owner)?, 0x0207, "{host}");
        }
    }
    Ok(())
}

#[test]
fn what_cannot_be_done_as_asked_is_refused() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    for (name, value) in [
        ("reverse-connect", "true"),
        ("dest-host", "elsewhere"),
        ("recording-path", "/dev/null/not-a-folder"),
    ] {
        let handshake = Handshake::vnc(desktop.port()).with(name, value);
        let mut owner = daemon.open(&handshake)?;
        let told = owner.read_to_end(PATIENCE)?;
        let error = told.iter().find(|i| i.is("error")).map(|i| i.number(1));
        assert_eq!(error.transpose()?, Some(0x0303), "{name}");
        assert!(!told.iter().any(|i| i.is("img") || i.is("sync")), "{name}");
    }
    Ok(())
}

#[test]
fn a_desktop_that_goes_away_ends_its_session_at_once() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let mut guest = daemon.watch(&Handshake::join(&owner.id))?;
    desktop.hang_up();
    assert_eq!(error_of(&mut owner)?, 0x0203);
    assert_eq!(error_of(&mut guest)?, 0x0203);
    drop((owner, guest));
    Ok(())
}

#[test]
fn what_is_no_guacamole_is_closed_without_a_word() -> Result<()> {
    let daemon = Daemon::start()?;
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"3.nop;", b"6.select;"] {
        let mut client = testkit::client::FakeClient::connect(daemon.address)?;
        client.send_raw(bytes)?;
        // The client keeps its side open: the daemon has to close first.
        assert!(client.read(Duration::from_secs(1))?.is_none());
    }
    Ok(())
}
