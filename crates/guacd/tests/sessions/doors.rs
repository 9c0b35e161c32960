//! Other ways to a desktop than a TCP port: closed, and opened.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use guac_policy::{Door, Policy};
use testkit::client::Handshake;
use testkit::process::free_port;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until};

use crate::support::{Daemon, error_of};

fn opened(door: &str) -> Result<Daemon> {
    let door: Door = door.parse()?;
    Daemon::with_policy(Policy::builder().open(door).build())
}

/// Carries bytes both ways between a stream and a desktop, in threads that end with them.
fn bridge<S: Stream>(stream: S, desktop: &FakeVncServer) -> Result<()> {
    let server = TcpStream::connect(("127.0.0.1", desktop.port()))?;
    carry(stream.another()?, server.another()?);
    carry(server, stream);
    Ok(())
}

fn carry(mut from: impl Stream, mut to: impl Stream) {
    thread::spawn(move || {
        // Either side may be gone, which ends both.
        let _ = std::io::copy(&mut from, &mut to);
        to.finish();
    });
}

trait Stream: Read + Write + Send + Sized + 'static {
    fn another(&self) -> Result<Self>;
    fn finish(&self);
}

impl Stream for TcpStream {
    fn another(&self) -> Result<Self> {
        Ok(self.try_clone()?)
    }
    fn finish(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Stream for std::os::unix::net::UnixStream {
    fn another(&self) -> Result<Self> {
        Ok(self.try_clone()?)
    }
    fn finish(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

/// What the daemon asks the desktop for.
fn encodings(desktop: &FakeVncServer) -> Result<Vec<i32>> {
    desktop.await_messages("the encodings", PATIENCE, |messages| {
        messages.iter().find_map(|message| match message {
            ClientMessage::Encodings(encodings) => Some(encodings.clone()),
            _ => None,
        })
    })
}

#[test]
fn closed_doors_open_no_socket() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("vnc.sock");
    let socket = UnixListener::bind(&path)?;
    socket.set_nonblocking(true)?;
    let repeater = TcpListener::bind(("127.0.0.1", 0))?;
    repeater.set_nonblocking(true)?;
    let port = repeater.local_addr()?.port();
    let unused = free_port()?;
    let daemon = Daemon::start()?;
    let unix = format!("unix:{}", path.display());
    for handshake in [
        Handshake::vnc(port).with("hostname", &unix),
        Handshake::vnc(port).with("dest-host", "desktop"),
        Handshake::vnc(unused)
            .with("reverse-connect", "true")
            .with("listen-timeout", "3600000"),
    ] {
        assert_eq!(error_of(&mut daemon.open(&handshake)?)?, 0x0303);
    }
    ensure!(socket.accept().is_err() && repeater.accept().is_err());
    ensure!(TcpStream::connect(("127.0.0.1", unused)).is_err());
    Ok(())
}

#[test]
fn a_session_goes_on_without_the_datagram_of_a_closed_door() -> Result<()> {
    let ear = UdpSocket::bind(("127.0.0.1", 0))?;
    ear.set_nonblocking(true)?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let asleep = Handshake::vnc(desktop.port())
        .with("wol-send-packet", "true")
        .with("wol-mac-addr", "02:00:00:00:00:01")
        .with("wol-broadcast-addr", "127.0.0.1")
        .with("wol-udp-port", &ear.local_addr()?.port().to_string());
    Daemon::start()?.watch(&asleep)?;
    ensure!(ear.recv(&mut [0; 200]).is_err(), "something was sent");

    opened("wake-on-lan")?.watch(&asleep)?;
    assert_eq!(ear.recv(&mut [0; 200])?, 102);
    let nobody = asleep.with("wol-mac-addr", "nobody");
    let daemon = opened("wake-on-lan")?;
    assert_eq!(error_of(&mut daemon.open(&nobody)?)?, 0x0303);
    Ok(())
}

#[test]
fn a_desktop_behind_a_unix_socket() -> Result<()> {
    let folder = tempfile::tempdir_in(std::env::temp_dir().canonicalize()?)?;
    let path = folder.path().join("vnc.sock");
    let listener = UnixListener::bind(&path)?;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let unix = format!("unix:{}", path.display());
    let daemon = opened(&unix)?;
    let handshake = Handshake::default().with("hostname", &unix);
    let mut owner = daemon.open(&handshake)?;
    bridge(listener.accept()?.0, &desktop)?;
    owner.expect("sync")?;
    // The server is on this host, so it is not asked to compress: CopyRect, Raw.
    assert_eq!(encodings(&desktop)?[..2], [1, 0]);
    drop(listener);
    std::fs::remove_file(&path)?;
    assert_eq!(error_of(&mut daemon.open(&handshake)?)?, 0x0207);
    Ok(())
}

#[test]
fn a_desktop_that_connects_by_itself() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = opened("reverse-connect")?;
    let port = free_port()?;
    let handshake = Handshake::vnc(port)
        .with("reverse-connect", "true")
        .with("listen-timeout", "20000");
    let mut owner = daemon.open(&handshake)?;
    let first = until("the daemon's port", PATIENCE, || {
        Ok(TcpStream::connect(("127.0.0.1", port)).ok())
    })?;
    bridge(first, &desktop)?;
    owner.expect("sync")?;
    // There was one place.
    ensure!(TcpStream::connect(("127.0.0.1", port)).is_err());
    Ok(())
}

#[test]
fn a_desktop_that_does_not_come_is_waited_for_in_vain() -> Result<()> {
    let daemon = opened("reverse-connect")?;
    let port = free_port()?;
    let handshake = Handshake::vnc(port)
        .with("reverse-connect", "true")
        .with("listen-timeout", "100");
    assert_eq!(error_of(&mut daemon.open(&handshake)?)?, 0x0202);
    ensure!(TcpStream::connect(("127.0.0.1", port)).is_err());
    // A port that another holds, or none at all.
    let held = TcpListener::bind(("127.0.0.1", 0))?;
    let port = held.local_addr()?.port();
    // Where this machine has no IPv6, neither has the daemon.
    let _held_too = TcpListener::bind(("::1", port));
    let taken = handshake.clone().with("port", &port.to_string());
    assert_eq!(error_of(&mut daemon.open(&taken)?)?, 0x0207);
    let unnamed = handshake.with("port", "");
    assert_eq!(error_of(&mut daemon.open(&unnamed)?)?, 0x0303);
    Ok(())
}

#[test]
fn a_desktop_behind_a_repeater() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let repeater = TcpListener::bind(("127.0.0.1", 0))?;
    let daemon = opened("repeater")?;
    let handshake = Handshake::vnc(repeater.local_addr()?.port())
        .with("dest-host", "ID")
        .with("dest-port", "1234");
    let mut owner = daemon.open(&handshake)?;
    let (mut stream, _) = repeater.accept()?;
    stream.write_all(b"RFB 000.000\n")?;
    let mut asked = [0; 250];
    stream.read_exact(&mut asked)?;
    ensure!(asked.starts_with(b"ID:1234\0") && asked[8..] == [0; 242]);
    bridge(stream, &desktop)?;
    owner.expect("sync")?;

    // A VNC server is no repeater, and is told nothing.
    let direct = handshake.with("port", &desktop.port().to_string());
    assert_eq!(error_of(&mut daemon.open(&direct)?)?, 0x0203);
    Ok(())
}

#[test]
fn who_leaves_stops_the_waiting() -> Result<()> {
    let daemon = opened("reverse-connect")?;
    let port = free_port()?;
    let handshake = Handshake::vnc(port)
        .with("reverse-connect", "true")
        .with("listen-timeout", "3600000");
    let mut owner = daemon.open(&handshake)?;
    owner.expect("nop")?;
    drop(owner);
    until("the port to be free", Duration::from_secs(5), || {
        Ok(TcpListener::bind(("127.0.0.1", port)).ok())
    })?;
    Ok(())
}
