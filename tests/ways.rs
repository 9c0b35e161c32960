//! Real desktops reached in other ways than by their TCP port, and passwords that people type.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use system_tests::Stage;
use system_tests::stage::{CLIENTS, SIZE};
use tempfile::TempDir;
use testkit::process::{Process, find_program, free_port};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, Picture, Xvnc, guacd};

/// A folder whose path has no symbolic link in it.
fn folder() -> Result<TempDir> {
    Ok(tempfile::tempdir_in(std::env::temp_dir().canonicalize()?)?)
}

/// The daemon with these flags.
fn daemon(flags: &[&str]) -> Result<Guacd> {
    Guacd::start_command(Command::new(guacd::binary()?).args(flags))
}

fn unix(path: &Path) -> String {
    format!("unix:{}", path.display())
}

fn await_socket(path: &Path) -> Result<()> {
    until_true("the socket", PATIENCE, || {
        Ok(UnixStream::connect(path).is_ok())
    })
}

#[test]
fn a_desktop_beside_the_daemon_needs_no_port() -> Result<()> {
    let folder = folder()?;
    let path = folder.path().join("vnc.sock");
    let options = Xvnc::options()
        .geometry(SIZE.0, SIZE.1)
        .argument("-rfbunixpath")
        .argument(&path.display().to_string());
    let stage = Stage::with(&options, daemon(&["--allow", &unix(&path)])?)?;
    let ground = Picture::pattern(SIZE.0.into(), SIZE.1.into(), 1);
    stage.desktop.paint_root(&ground)?;
    for client in CLIENTS {
        let mut session = stage.open(client, &[("hostname", &unix(&path)), ("port", "")])?;
        // The desktop's port is not used.
        assert_eq!(stage.xvnc.vnc_clients()?, 0);
        session.park_pointer(&stage.desktop)?;
        session.await_picture(&format!("unix-{client}"), &stage.desktop)?;
        for size in [(640, 480), SIZE] {
            session.ask_for_size(size.0, size.1)?;
            session.await_size(size.0, size.1)?;
        }
        session.disconnect()?;
    }
    Ok(())
}

/// x11vnc has no Unix socket of its own: socat gives it one.
#[test]
fn a_desktop_behind_socat() -> Result<()> {
    let folder = folder()?;
    let path = folder.path().join("vnc.sock");
    let mut display = Process::start(
        Command::new(find_program(&["Xvfb"])?)
            .args(["-displayfd", "1", "-screen", "0", "640x480x24"])
            .args(["-nolisten", "tcp"]),
    )?;
    let number: u32 =
        display.await_line("the display", 0, PATIENCE, |line| line.trim().parse().ok())?;
    let port = free_port()?.to_string();
    let mut server = Process::start(
        Command::new(find_program(&["x11vnc"])?)
            .args(["-display", &format!(":{number}"), "-rfbport", &port])
            .args(["-localhost", "-forever", "-shared", "-passwd", "secret"])
            .env_remove("WAYLAND_DISPLAY"),
    )?;
    server.await_line("x11vnc", 0, PATIENCE, |line| {
        line.contains("PORT=").then_some(())
    })?;
    let _relay = Process::start(
        Command::new(find_program(&["socat"])?)
            .arg(format!("UNIX-LISTEN:{},fork,mode=600", path.display()))
            .arg(format!("TCP:127.0.0.1:{port}")),
    )?;
    await_socket(&path)?;
    let daemon = daemon(&["--allow", &unix(&path)])?;
    let handshake = Handshake::default()
        .with("hostname", &unix(&path))
        .with("password", "secret");
    let mut owner = FakeClient::open(daemon.address(), &handshake)?;
    let size = owner.expect("size")?;
    assert_eq!(size.args[1..], ["640", "480"]);
    owner.expect("sync")?;
    Ok(())
}

/// TigerVNC closes the connection after each wrong password.
#[test]
fn a_person_may_mistype_a_password_twice() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = Xvnc::options().password("right").start()?;
    let answer = |owner: &mut FakeClient, password: &str| -> Result<()> {
        assert_eq!(owner.expect("required")?.args, ["password"]);
        owner.send("argv", &["0", "text/plain", "password"])?;
        owner.send("blob", &["0", &STANDARD.encode(password)])?;
        owner.send("end", &["0"])
    };
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    for password in ["wrong", "wronger", "right"] {
        answer(&mut owner, password)?;
    }
    owner.expect("sync")?;
    drop(owner);

    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    for password in ["wrong", "wronger", "wrongest"] {
        answer(&mut owner, password)?;
    }
    let told = owner.read_to_end(PATIENCE)?;
    let error = told.iter().find(|instruction| instruction.is("error"));
    assert_eq!(
        error.map(|error| error.number(1)).transpose()?,
        Some(0x0301)
    );
    let log = daemon.log().join("\n");
    ensure!(!log.contains("wrong") && !log.contains("right"), "{log}");
    Ok(())
}

#[test]
fn the_stock_client_asks_again() -> Result<()> {
    for client in CLIENTS {
        let options = Xvnc::options().geometry(SIZE.0, SIZE.1).password("right");
        let stage = Stage::with(&options, Guacd::start()?)?;
        let mut session = stage.try_open(client, &[("protocol", "VERSION_1_5_0")])?;
        for password in ["wrong", "right"] {
            // The page empties its form when it is sent.
            until_true("the question", PATIENCE, || {
                let field = "document.querySelector('#fields input')?.name";
                Ok(session.page.evaluate(field)? == "password")
            })?;
            session.page.evaluate(&format!(
                "document.querySelector('#fields input').value = '{password}';
                document.querySelector('#credentials').requestSubmit()"
            ))?;
        }
        session.await_connected()?;
    }
    Ok(())
}
