//! Servers that are not there yet.

use std::time::{Duration, Instant};

use anyhow::Result;
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;
use tokio::net::TcpSocket;

use crate::support::{Daemon, error_of};

#[test]
fn a_server_that_closes_at_once_is_tried_again() -> Result<()> {
    let desktop = FakeVncServer::start(Script::CloseFirst(2))?;
    let daemon = Daemon::start()?;
    let start = Instant::now();
    let patient = Handshake::vnc(desktop.port()).with("autoretry", "2");
    daemon.watch(&patient)?;
    assert_eq!(desktop.accepted(), 3);
    assert!(Duration::from_secs(2) <= start.elapsed());
    Ok(())
}

#[test]
fn extra_attempts_are_counted() -> Result<()> {
    let desktop = FakeVncServer::start(Script::CloseFirst(2))?;
    let daemon = Daemon::start()?;
    for (extra, accepted) in [("", 1), ("1", 3)] {
        let handshake = Handshake::vnc(desktop.port()).with("autoretry", extra);
        let result = daemon
            .open(&handshake)?
            .read_until(PATIENCE, |i| i.is("error") || i.is("sync"))?;
        // The second round gets through: the server has closed twice by then.
        assert_eq!(result.is("sync"), accepted == 3, "{result:?}");
        assert_eq!(desktop.accepted(), accepted);
    }
    Ok(())
}

#[test]
fn a_server_that_refuses_for_a_while_is_tried_again() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Refuse("starting up".into()))?;
    let daemon = Daemon::start()?;
    let patient = Handshake::vnc(desktop.port()).with("autoretry", "1");
    assert_eq!(error_of(&mut daemon.open(&patient)?)?, 0x0203);
    assert_eq!(desktop.accepted(), 2);
    Ok(())
}

#[test]
fn what_makes_no_sense_is_not_tried_again() -> Result<()> {
    let scripts = [
        Script::Greet(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Script::Offer(vec![99]),
        // The server has been told all that the client knows.
        Script::CloseAtRequest,
    ];
    let daemon = Daemon::start()?;
    for script in scripts {
        let desktop = FakeVncServer::start(script.clone())?;
        let handshake = Handshake::vnc(desktop.port()).with("autoretry", "3");
        assert_eq!(error_of(&mut daemon.open(&handshake)?)?, 0x0203);
        assert_eq!(desktop.accepted(), 1, "{script:?}");
    }
    Ok(())
}

#[test]
fn a_server_that_is_started_late_is_found() -> Result<()> {
    let late = TcpSocket::new_v4()?;
    late.bind(([127, 0, 0, 1], 0).into())?;
    let port = late.local_addr()?.port();
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(port).with("autoretry", "15"))?;
    // A sign of life comes after the first attempt has failed.
    owner.expect("nop")?;
    let _entered = daemon.runtime.enter();
    let listener = late.listen(1)?;
    let (mut stream, _) = daemon.runtime.block_on(listener.accept())?;
    daemon
        .runtime
        .block_on(tokio::io::AsyncWriteExt::write_all(&mut stream, b"no VNC"))?;
    assert_eq!(error_of(&mut owner)?, 0x0203);
    Ok(())
}
