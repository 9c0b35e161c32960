//! Flags that open ways to desktops, and what the log says where they are closed.

use std::net::TcpStream;
use std::os::unix::net::UnixListener;

use anyhow::Result;
use testkit::client::{FakeClient, Handshake};
use testkit::process::free_port;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::{Daemon, command};

/// The status that a session ends with.
fn status(daemon: &Daemon, handshake: &Handshake) -> Result<i64> {
    let mut owner = FakeClient::open(daemon.address("127.0.0.1")?, handshake)?;
    let told = owner.read_to_end(PATIENCE)?;
    let error = told.iter().find(|instruction| instruction.is("error"));
    error.map_or(Ok(0), |error| error.number(1))
}

#[test]
fn a_closed_door_is_a_warning_that_names_the_parameter() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    for (name, value) in [
        ("hostname", "unix:/run/desktop/vnc.sock"),
        ("dest-host", "desktop.example"),
        ("reverse-connect", "true"),
    ] {
        let handshake = Handshake::vnc(desktop.port()).with(name, value);
        assert_eq!(status(&daemon, &handshake)?, 0x0303);
        daemon.await_log(&format!(
            "WARNING:\tThe session is refused: parameter \"{name}\" asks for what the policy does \
             not open."
        ))?;
    }
    let handshake = Handshake::vnc(desktop.port()).with("wol-send-packet", "true");
    FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?.expect("sync")?;
    daemon.await_log(
        "WARNING:\tParameter \"wol-send-packet\" has no effect: the policy does not open \
         \"wake-on-lan\".",
    )
}

#[test]
fn flags_and_the_file_open_doors() -> Result<()> {
    let folder = tempfile::tempdir_in(std::env::temp_dir().canonicalize()?)?;
    let path = folder.path().join("a vnc.sock");
    let socket = UnixListener::bind(&path)?;
    let door = format!("unix:{}", path.display());
    let config = folder.path().join("guacd.conf");
    std::fs::write(
        &config,
        format!("[vnc]\nallow = repeater\nallow = \"{door}\"\n"),
    )?;
    let by_flag = Daemon::start(&["-b", "127.0.0.1", "--allow", "repeater", "--allow", &door])?;
    let by_file = Daemon::start_command(
        command(["-f", "-l", "0", "-b", "127.0.0.1", "--config"]).arg(&config),
    )?;
    for daemon in [&by_flag, &by_file] {
        let handshake = Handshake::default().with("hostname", &door);
        let mut owner = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
        drop(socket.accept()?);
        let error = owner.read_until(PATIENCE, |i| i.is("error"))?;
        // The server that connected said nothing.
        assert_eq!(error.number(1)?, 0x0203);
        let not_this = Handshake::default().with("hostname", &format!("{door}2"));
        assert_eq!(status(daemon, &not_this)?, 0x0303);
    }
    Ok(())
}

#[test]
fn what_is_no_setting_keeps_the_daemon_from_starting() -> Result<()> {
    for (flag, value, problem) in [
        (
            "--allow",
            "unix:vnc.sock",
            "the path of a socket begins with \"/\"",
        ),
        (
            "--allow",
            "sftp",
            "the doors are \"unix:/path\", \"reverse-connect\"",
        ),
        (
            "--max-desktop",
            "0x0",
            "a size is two numbers from 1 to 8192",
        ),
        ("--vnc-minimum-security", "high", "the levels are \"none\","),
        ("--vnc-fingerprint", "0a:0b", "a fingerprint is SHA-256"),
        ("--vnc-fingerprint", "", "a fingerprint is SHA-256"),
    ] {
        let ended = crate::support::end_of(command(["-f"]).args([flag, value]))?;
        crate::support::assert_code(&ended, 1)?;
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
    }
    Ok(())
}

#[test]
fn servers_are_waited_for_where_the_flag_says() -> Result<()> {
    let allow = ["-b", "127.0.0.1", "--allow", "reverse-connect"];
    let elsewhere = [&allow[..], &["--vnc-listen-host", "127.0.0.2"]].concat();
    for (flags, open, closed) in [
        (&allow[..], "127.0.0.1", "127.0.0.2"),
        (&elsewhere, "127.0.0.2", "127.0.0.1"),
    ] {
        let mut daemon = Daemon::start(flags)?;
        let port = free_port()?;
        let handshake = Handshake::vnc(port)
            .with("reverse-connect", "true")
            .with("listen-timeout", "20000");
        let _owner = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
        daemon.await_log(&format!("INFO:\tListening for connections on port {port}"))?;
        assert!(TcpStream::connect((closed, port)).is_err(), "{flags:?}");
        assert!(TcpStream::connect((open, port)).is_ok(), "{flags:?}");
    }
    Ok(())
}

#[test]
fn a_desktop_above_the_limit_is_logged_with_it() -> Result<()> {
    let desktop = FakeVncServer::with_size(Script::Serve, 1024, 768)?;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1", "--max-desktop", "800x600"])?;
    assert_eq!(status(&daemon, &Handshake::vnc(desktop.port()))?, 0x0203);
    daemon.await_log(
        "ERROR:\tThe session ends: the desktop of 1024x768 is larger than the limit of 800x600 \
         (--max-desktop).",
    )?;
    until_true("no connection", PATIENCE, || Ok(desktop.connections() == 0))
}

#[test]
fn what_is_typed_is_in_no_log() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPassword)?;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1", "-L", "trace"])?;
    let handshake = Handshake::vnc(desktop.port());
    let mut owner = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
    for _ in 0..3 {
        owner.expect("required")?;
        owner.send("argv", &["0", "text/plain", "password"])?;
        // "geheimnis"
        owner.send("blob", &["0", "Z2VoZWltbmlz"])?;
        owner.send("end", &["0"])?;
    }
    daemon.await_log("The session ends: the VNC server does not accept the password.")?;
    let log = daemon.process.lines().join("\n");
    assert!(
        !log.contains("geheimnis") && !log.contains("Z2VoZWltbmlz"),
        "{log}"
    );
    let again =
        "WARNING:\tThe VNC server does not accept what the user typed; the user is asked again.";
    assert_eq!(log.matches(again).count(), 2, "{log}");
    Ok(())
}

#[test]
fn authorities_that_cannot_be_used_keep_the_daemon_from_starting() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String> {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (path, problem) in [
        (
            "/nonexistent/ca.pem".to_owned(),
            "Unable to load certificate authorities. /nonexistent/ca.pem: ",
        ),
        (file("empty", "")?, "no certificate in it"),
        (
            file("broken", broken)?,
            "not certificates that can stand for others",
        ),
    ] {
        let ended = crate::support::end_of(
            command(["-f", "-b", "127.0.0.1", "-l", "0", "--vnc-ca"]).arg(&path),
        )?;
        crate::support::assert_code(&ended, 1)?;
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
    }
    Ok(())
}
