//! Passwords: those that are configured are tried once, those that are typed may be mistyped.

use std::fs;

use anyhow::{Result, ensure};
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::message::screen_layout;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::{Daemon, await_freed, error_of};

/// Waits for the question and answers it.
fn type_password(owner: &mut FakeClient, base64: &str) -> Result<()> {
    assert_eq!(owner.expect("required")?.args, ["password"]);
    owner.send("argv", &["0", "text/plain", "password"])?;
    assert_eq!(owner.expect("ack")?.arg(2), "0");
    owner.send("blob", &["0", base64])?;
    owner.send("end", &["0"])
}

#[test]
fn a_password_may_be_mistyped_twice() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPasswords(2))?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    for _ in 0..3 {
        type_password(&mut owner, "c2VjcmV0")?;
    }
    owner.expect("sync")?;
    // Each attempt had a connection of its own, and only the last is left.
    assert_eq!(desktop.accepted(), 3);
    until_true(
        "one connection",
        PATIENCE,
        || Ok(desktop.connections() == 1),
    )?;
    // What the browser had wished for before is not forgotten.
    desktop.send(&screen_layout(320, 200, 7))?;
    let size = desktop.await_messages("the browser's size", PATIENCE, |messages| {
        messages.iter().find_map(|message| match message {
            ClientMessage::Resize { width, height, .. } => Some((*width, *height)),
            _ => None,
        })
    })?;
    assert_eq!(size, (1024, 768));
    Ok(())
}

#[test]
fn a_password_that_is_mistyped_three_times_ends_the_session() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPassword)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    for _ in 0..3 {
        type_password(&mut owner, "c2VjcmV0")?;
    }
    assert_eq!(error_of(&mut owner)?, 0x0301);
    assert_eq!(desktop.accepted(), 3);
    await_freed(&desktop, PATIENCE)
}

#[test]
fn a_configured_password_is_tried_once() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPasswords(1))?;
    let daemon = Daemon::start()?;
    let configured = Handshake::vnc(desktop.port())
        .with("password", "secret")
        .with("autoretry", "3");
    let mut owner = daemon.open(&configured)?;
    let told = owner.read_to_end(PATIENCE)?;
    assert!(!told.iter().any(|i| i.is("required")), "{told:?}");
    let error = told.iter().find(|i| i.is("error"));
    assert_eq!(error.map(|i| i.number(1)).transpose()?, Some(0x0301));
    assert_eq!(desktop.accepted(), 1);
    Ok(())
}

#[test]
fn a_client_that_cannot_be_asked_fails_once() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPasswords(1))?;
    let daemon = Daemon::start()?;
    let old = Handshake::vnc(desktop.port()).version("VERSION_1_1_0");
    assert_eq!(error_of(&mut daemon.open(&old)?)?, 0x0301);
    assert_eq!(desktop.accepted(), 1);
    Ok(())
}

#[test]
fn no_further_attempts_are_made_where_a_server_takes_none() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Refuse("Too many security failures".into()))?;
    let daemon = Daemon::start()?;
    let retrying = Handshake::vnc(desktop.port()).with("autoretry", "3");
    assert_eq!(error_of(&mut daemon.open(&retrying)?)?, 0x0301);
    assert_eq!(desktop.accepted(), 1);
    Ok(())
}

#[test]
fn a_password_is_not_shown_again_to_a_server_that_says_nothing_about_it() -> Result<()> {
    let desktop = FakeVncServer::start(Script::CloseAtPassword)?;
    let daemon = Daemon::start()?;
    let configured = Handshake::vnc(desktop.port())
        .with("password", "secret")
        .with("autoretry", "3");
    assert_eq!(error_of(&mut daemon.open(&configured)?)?, 0x0203);
    assert_eq!(desktop.accepted(), 1);
    Ok(())
}

#[test]
fn nobody_answers_for_the_owner() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPasswords(1))?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&Handshake::vnc(desktop.port()))?;
    type_password(&mut owner, "c2VjcmV0")?;
    owner.expect("required")?;
    let mut guest = daemon.open(&Handshake::join(&owner.id))?;
    guest.send("argv", &["0", "text/plain", "password"])?;
    assert_eq!(guest.expect("ack")?.arg(2), "771");
    // What was answered to the first attempt does not answer the second.
    assert_eq!(desktop.accepted(), 2);
    drop(owner);
    assert_eq!(error_of(&mut guest)?, 0x0301);
    Ok(())
}

#[test]
fn a_typed_password_is_in_no_recording() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let desktop = FakeVncServer::start(Script::WrongPasswords(1))?;
    let daemon = Daemon::start()?;
    let recorded = Handshake::vnc(desktop.port())
        .with("recording-path", &folder.path().display().to_string())
        .with("recording-include-keys", "true");
    let mut owner = daemon.open(&recorded)?;
    // "secret" and "geheim".
    type_password(&mut owner, "c2VjcmV0")?;
    type_password(&mut owner, "Z2VoZWlt")?;
    owner.expect("sync")?;
    owner.send("key", &["97", "1"])?;
    owner.send("disconnect", &[])?;
    owner.read_to_end(PATIENCE)?;
    await_freed(&desktop, PATIENCE)?;
    let kept = fs::read_to_string(folder.path().join("recording"))?;
    ensure!(kept.contains("3.key,2.97,1.1"), "{kept}");
    for secret in [
        "secret", "geheim", "c2VjcmV0", "Z2VoZWlt", "password", "argv",
    ] {
        ensure!(!kept.contains(secret), "{secret} is in the recording");
    }
    Ok(())
}
