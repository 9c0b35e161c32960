//! Several users on one desktop.

use anyhow::Result;
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script, message::raw_update};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, await_key, error_of, is_notice};

fn press(client: &mut FakeClient, keysym: u32) -> Result<()> {
    client.send("key", &[&keysym.to_string(), "1"])
}

#[test]
fn the_owner_is_told_who_comes_and_goes() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let (long, cut) = ("x".repeat(8000), "x".repeat(255));
    for (name, told) in [
        ("Jürgen", "Jürgen"),
        ("two\nlines\u{1b}", "twolines"),
        // The stock client of 1.5 counts UTF-16 units: this would end the owner's connection.
        ("😀", "\u{fffd}"),
        (&long, &cut),
    ] {
        let guest = daemon.watch(&Handshake::join(&owner.id).named(name))?;
        let joined = owner.read_until(PATIENCE, |i| is_notice(i, "1"))?;
        assert_eq!(joined.arg(2), told);
        drop(guest);
        let left = owner.read_until(PATIENCE, |i| is_notice(i, "2"))?;
        assert_eq!(left.args[1..], joined.args[1..]);
    }
    Ok(())
}

#[test]
fn the_last_one_out_ends_the_session() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let id = owner.id.clone();
    let first = daemon.watch(&Handshake::join(&id))?;
    drop(owner);
    let mut second = daemon.watch(&Handshake::join(&id))?;
    drop(first);
    press(&mut second, 0x61)?;
    await_key(&desktop, 0x61, true)?;
    // Only the owner changes the size of the desktop.
    second.send("size", &["640", "480"])?;
    press(&mut second, 0x62)?;
    await_key(&desktop, 0x62, true)?;
    let resized = |message: &ClientMessage| matches!(message, ClientMessage::Resize { .. });
    assert!(!desktop.messages().iter().any(resized));
    drop(second);
    crate::support::await_freed(&desktop, PATIENCE)?;
    let mut late = FakeClient::connect(daemon.address)?;
    late.send("select", &[&id])?;
    assert_eq!(error_of(&mut late)?, 0x0204);
    Ok(())
}

#[test]
fn a_read_only_guest_only_looks() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    let guest = Handshake::join(&owner.id).with("read-only", "true");
    let mut guest = daemon.watch(&guest)?;
    press(&mut guest, 0x61)?;
    guest.send("mouse", &["1", "1", "1"])?;
    // What the guest sent has been judged when its next frame is answered.
    desktop.send(&raw_update(0, 0, 8, 8, 0xff_0000))?;
    guest.expect("sync")?;
    press(&mut owner, 0x62)?;
    await_key(&desktop, 0x62, true)?;
    let input =
        |m: &&ClientMessage| matches!(m, ClientMessage::Key { .. } | ClientMessage::Pointer { .. });
    assert_eq!(desktop.messages().iter().filter(input).count(), 1);
    Ok(())
}

#[test]
fn a_password_is_asked_of_the_owner() -> Result<()> {
    let desktop = FakeVncServer::start(Script::AnyPassword)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    assert_eq!(owner.expect("required")?.args, ["password"]);
    // Waiting for a person is no reason to be silent.
    owner.expect("nop")?;
    owner.send("argv", &["0", "text/plain", "password"])?;
    assert_eq!(owner.expect("ack")?.arg(2), "0");
    owner.send("blob", &["0", "c2VjcmV0"])?;
    owner.send("end", &["0"])?;
    owner.expect("sync")?;
    Ok(())
}

#[test]
fn a_session_whose_owner_leaves_the_password_open_ends() -> Result<()> {
    let desktop = FakeVncServer::start(Script::AnyPassword)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    owner.expect("required")?;
    let mut guest = daemon.open(&Handshake::join(&owner.id))?;
    owner.read_until(PATIENCE, |i| is_notice(i, "1"))?;
    drop(owner);
    assert_eq!(error_of(&mut guest)?, 0x0301);
    Ok(())
}
