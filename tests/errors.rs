//! Errors a person understands, and what must not be one.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use system_tests::Stage;
use system_tests::stage::CLIENTS;
use testkit::process::free_port;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, Xvnc};

const CLIENT_UNAUTHORIZED: i64 = 0x0301;
const CLIENT_TIMEOUT: i64 = 0x0308;
const UPSTREAM_ERROR: i64 = 0x0203;
const UPSTREAM_NOT_FOUND: i64 = 0x0207;

/// What the webapp's failover understands.
const FAILOVER: [i64; 4] = [UPSTREAM_ERROR, UPSTREAM_NOT_FOUND, 0x0202, 0x0208];

/// Reads to the end, which must be an error before any frame and a closed connection.
fn failure(client: &mut FakeClient, limit: Duration) -> Result<i64> {
    let said = client.read_to_end(limit)?;
    let error = said.iter().position(|i| i.is("error"));
    let Some(error) = error else {
        anyhow::bail!("the connection closed after {said:?} without an error")
    };
    ensure!(
        !said[..error].iter().any(|i| i.is("sync")),
        "a frame came before the error"
    );
    ensure!(
        said[error].arg(0) == "Aborted. See logs.",
        "{:?} tells too much",
        said[error]
    );
    said[error].number(1)
}

#[test]
fn a_wrong_password_is_said_to_be_one() -> Result<()> {
    let mut daemon = Guacd::start()?;
    let server = Xvnc::options().password("right").start()?;
    for password in ["wrong", "righ", "RIGHT"] {
        let before = daemon.log().len();
        let handshake = Handshake::vnc(server.port()).with("password", password);
        let mut client = FakeClient::open(daemon.address(), &handshake)?;
        assert_eq!(
            failure(&mut client, PATIENCE)?,
            CLIENT_UNAUTHORIZED,
            "{password}"
        );
        daemon.await_log("ERROR:", before, PATIENCE)?;
        assert!(
            !daemon.log().join("\n").contains(password),
            "a password is in the log"
        );
    }
    let handshake = Handshake::vnc(server.port()).with("password", "right");
    FakeClient::open(daemon.address(), &handshake)?.expect("sync")?;
    Ok(())
}

#[test]
fn an_unreachable_server_is_reported_every_time() -> Result<()> {
    let daemon = Guacd::start()?;
    for round in 0..20 {
        let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(free_port()?))?;
        assert_eq!(
            failure(&mut client, PATIENCE)?,
            UPSTREAM_NOT_FOUND,
            "round {round}"
        );
    }
    let nowhere = Handshake::vnc(5900).with("hostname", "no-such-host.invalid");
    let mut client = FakeClient::open(daemon.address(), &nowhere)?;
    assert_eq!(failure(&mut client, PATIENCE)?, UPSTREAM_NOT_FOUND);
    Ok(())
}

#[test]
fn servers_that_make_no_sense_fail_so_that_another_is_tried() -> Result<()> {
    let daemon = Guacd::start()?;
    let scripts = [
        Script::Close,
        Script::Greet(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Script::Refuse("Too many connections".into()),
        Script::Offer(vec![77, 78]),
        Script::CloseAtRequest,
    ];
    for script in scripts {
        let server = FakeVncServer::start(script.clone())?;
        let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
        let status = failure(&mut client, PATIENCE)?;
        assert!(FAILOVER.contains(&status), "{script:?} gives {status:#x}");
        until_true("the end of the VNC connection", PATIENCE, || {
            Ok(server.connections() == 0)
        })?;
    }
    Ok(())
}

#[test]
fn a_server_that_dies_ends_the_session_at_once() -> Result<()> {
    for client in CLIENTS {
        let stage = Stage::new()?;
        let mut session = stage.open(client, &[])?;
        let start = Instant::now();
        stage.xvnc.kill()?;
        session.await_disconnected(Duration::from_secs(2))?;
        assert!(start.elapsed() < Duration::from_secs(2));
        assert_eq!(
            session.errors()?.first(),
            Some(&(UPSTREAM_ERROR as u64)),
            "{client}"
        );
    }
    Ok(())
}

#[test]
fn a_browser_is_told_the_same() -> Result<()> {
    for client in CLIENTS {
        let stage = Stage::with(&Xvnc::options().password("right"), Guacd::start()?)?;
        let mut session = stage.try_open(client, &[("password", "wrong")])?;
        session.await_disconnected(PATIENCE)?;
        assert_eq!(
            session.errors()?.first(),
            Some(&(CLIENT_UNAUTHORIZED as u64)),
            "{client}"
        );
        let port = free_port()?.to_string();
        let mut session = stage.try_open(client, &[("port", &port)])?;
        session.await_disconnected(PATIENCE)?;
        assert_eq!(
            session.errors()?.first(),
            Some(&(UPSTREAM_NOT_FOUND as u64)),
            "{client}"
        );
    }
    Ok(())
}

#[test]
fn a_missing_password_is_asked_for() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = Xvnc::options().password("right").start()?;
    for version in ["VERSION_1_3_0", "VERSION_1_5_0"] {
        let handshake = Handshake::vnc(server.port()).version(version);
        let mut client = FakeClient::open(daemon.address(), &handshake)?;
        let required = client.expect("required")?;
        assert_eq!(required.args, ["password"]);
        client.send("argv", &["7", "text/plain", "password"])?;
        let ack = client.expect("ack")?;
        assert_eq!(ack.args, ["7", "Ready for updated parameter.", "0"]);
        // In two pieces, as a long one would be.
        let encoded = |part: &str| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(part)
        };
        client.send("blob", &["7", &encoded("ri")])?;
        client.send("blob", &["7", &encoded("ght")])?;
        client.send("end", &["7"])?;
        client.expect("sync")?;
    }
    // A client that cannot be asked is told what is missing.
    let old = Handshake::vnc(server.port()).version("VERSION_1_1_0");
    let mut client = FakeClient::open(daemon.address(), &old)?;
    assert_eq!(failure(&mut client, PATIENCE)?, CLIENT_UNAUTHORIZED);
    Ok(())
}

#[test]
fn a_silent_client_is_timed_out_and_a_silent_desktop_is_not() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    // Signs of life every four seconds keep the session for longer than the timeout, and in all
    // that time the daemon says something every five seconds at least.
    client.answer_syncs(false);
    let (start, mut last_heard, mut last_said) = (Instant::now(), Instant::now(), Instant::now());
    while start.elapsed() < Duration::from_secs(17) {
        if Duration::from_secs(4) <= last_said.elapsed() {
            client.send("nop", &[])?;
            last_said = Instant::now();
        }
        for instruction in client.read_for(Duration::from_millis(100))? {
            ensure!(
                !instruction.is("error"),
                "{instruction:?} after {:?}",
                start.elapsed()
            );
            last_heard = Instant::now();
        }
        // A busy machine may take a while to look.
        assert!(
            last_heard.elapsed() < Duration::from_millis(5500),
            "silent for {:?}",
            last_heard.elapsed()
        );
    }
    let error = client.read_until(Duration::from_secs(17), |i| i.is("error"))?;
    let silence = last_said.elapsed();
    assert_eq!(error.number(1)?, CLIENT_TIMEOUT);
    assert!(
        (Duration::from_secs(14)..Duration::from_secs(17)).contains(&silence),
        "after {silence:?}"
    );
    client.read_to_end(Duration::from_secs(2))?;
    until_true(
        "the end of the VNC connection",
        Duration::from_secs(1),
        || Ok(server.connections() == 0),
    )
}

#[test]
fn a_desktop_that_takes_its_time_keeps_nobody_guessing() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Mute)?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    for _ in 0..2 {
        client.read_until(Duration::from_millis(5500), |i| i.is("nop"))?;
    }
    drop(client);
    until_true(
        "the end of the VNC connection",
        Duration::from_secs(1),
        || Ok(server.connections() == 0),
    )
}

#[test]
fn the_end_of_the_daemon_is_told() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    daemon.terminate()?;
    let said = client.read_to_end(PATIENCE)?;
    assert!(
        said.iter().any(|i| i.is("disconnect") || i.is("error")),
        "{said:?}"
    );
    Ok(())
}
