//! §11.11: recordings as the daemon makes them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, Instruction};

use super::frames::Strict;

/// What never stands in a recording: the handshake, signs of life, and what is one user's own.
const NEVER: [&str; 9] = [
    "args",
    "ready",
    "nop",
    "msg",
    "ack",
    "required",
    "name",
    "clipboard",
    "disconnect",
];

fn recorded(server: &FakeVncServer, directory: &Path) -> Handshake {
    Handshake::vnc(server.port())
        .with("recording-path", &directory.display().to_string())
        .with("recording-name", "session")
        .with("recording-include-keys", "true")
}

/// A session with keys before its first frame and after it, and a guest with a name.
fn session(daemon: &mut Guacd, server: &FakeVncServer, handshake: &Handshake) -> Result<()> {
    let log = daemon.log().len();
    let mut owner = FakeClient::connect(daemon.address())?;
    let names = owner.select("vnc")?;
    let mut words: String = handshake
        .instructions(&names)
        .iter()
        .map(Instruction::encode)
        .collect();
    // Before `ready` is read, so before any frame can have been.
    words.push_str("3.key,2.97,1.1;3.key,2.97,1.0;");
    owner.send_raw(words.as_bytes())?;
    owner.id = owner.expect("ready")?.arg(0).to_owned();
    owner.expect("sync")?;
    let join = Handshake::join(&owner.id).named("ß€漢😀");
    let mut guest = FakeClient::open(daemon.address(), &join)?;
    guest.expect("sync")?;
    guest.send("key", &["98", "1"])?;
    guest.send("mouse", &["20", "30", "1"])?;
    guest.send("file", &["1", "text/plain", "ß€漢😀"])?;
    guest.expect("ack")?;
    server.await_messages("the key of the guest", PATIENCE, |said| {
        use ClientMessage::Key;
        said.contains(&Key {
            keysym: 98,
            pressed: true,
        })
        .then_some(())
    })?;
    server.send(&raw_update(3, 3, 50, 50, 0x12_3456))?;
    guest.expect("sync")?;
    drop((owner, guest));
    daemon.await_log("\" removed.", log, PATIENCE).map(drop)
}

fn instructions(path: &Path) -> Result<Vec<Instruction>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    ensure!(bytes.is_ascii(), "players split what is not ASCII");
    let (mut all, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (next, size) = Instruction::decode(&bytes[at..])?.context("the last one is whole")?;
        all.push(next);
        at += size;
    }
    Ok(all)
}

#[test]
fn a_recording_is_what_players_take() -> Result<()> {
    let mut daemon = Guacd::start()?;
    let directory = TempDir::new()?;
    let first = directory.path().join("session");
    fs::write(&first, "somebody else's")?;
    for suffix in ["session.1", "session.2"] {
        let server = FakeVncServer::start(Script::Serve)?;
        let path = directory.path().join(suffix);
        session(&mut daemon, &server, &recorded(&server, directory.path()))?;
        check(&path, &server.messages())?;
        ensure!(
            fs::metadata(&path)?.permissions().mode() & 0o7777 == 0o640,
            "the mode of {suffix}"
        );
    }
    ensure!(
        fs::read_to_string(&first)? == "somebody else's",
        "a file was overwritten"
    );
    Ok(())
}

fn check(path: &Path, typed: &[ClientMessage]) -> Result<()> {
    use ClientMessage::Key;
    let all = instructions(path)?;
    let first = all.iter().position(|i| i.is("sync")).context("a frame")?;
    let (before, after) = all.split_at(first);
    ensure!(
        !before.iter().any(|i| i.is("key") || i.is("mouse")),
        "input before the first frame"
    );
    let size = before
        .iter()
        .find(|i| i.is("size") && i.arg(0) == "0")
        .context("a size")?;
    ensure!(size.args[1..] == ["320", "200"], "{size:?}");
    let drawn = |i: &&Instruction| i.is("img") || i.is("rect");
    ensure!(before.iter().any(|i| drawn(&i)), "the first frame is empty");
    // What came before there was a desktop was typed nowhere, the rest is all there.
    let recorded: Vec<(&str, &str)> = after
        .iter()
        .filter(|i| i.is("key") && i.arg(1) == "1")
        .map(|i| (i.arg(0), i.arg(1)))
        .collect();
    let typed = typed
        .iter()
        .filter(|m| matches!(m, Key { pressed: true, .. }));
    ensure!(
        recorded.len() == typed.count() && recorded.contains(&("98", "1")),
        "{recorded:?} is not what was typed"
    );
    ensure!(
        after
            .iter()
            .any(|i| i.is("mouse") && i.args[..2] == ["20", "30"]),
        "the pointer is missing"
    );
    let (mut strict, mut time) = (Strict::default(), i64::MIN);
    for next in &all {
        ensure!(!NEVER.contains(&next.opcode.as_str()), "{next:?}");
        strict.accept(next)?;
        // §11.8: one clock for all that have a time.
        let place = match next.opcode.as_str() {
            "sync" => 0,
            "key" => 2,
            "mouse" => 3,
            _ => continue,
        };
        let now = next.number(place)?;
        ensure!(time <= now, "{next:?} comes after {time}");
        time = now;
    }
    Ok(())
}

/// A recording that was asked for and cannot be had ends the session before a pixel is shown.
#[test]
fn nothing_is_shown_unrecorded() -> Result<()> {
    let daemon = Guacd::start()?;
    let directory = TempDir::new()?;
    let file = directory.path().join("file");
    fs::write(&file, "")?;
    let missing = directory.path().join("missing");
    let rows = [
        (
            "a directory that is not there",
            missing.as_path(),
            "session",
        ),
        ("a directory that is a file", file.as_path(), "session"),
        ("a name that leads out", directory.path(), "../session"),
        ("a name that is a directory's", directory.path(), ".."),
    ];
    for (what, path, name) in rows {
        let server = FakeVncServer::start(Script::Serve)?;
        let handshake = recorded(&server, path).with("recording-name", name);
        let mut client = FakeClient::open(daemon.address(), &handshake)?;
        let said = client.read_to_end(PATIENCE).context(what)?;
        let error = said.iter().find(|i| i.is("error")).context(what)?;
        ensure!(
            error.args == ["Aborted. See logs.", "771"],
            "{what}: {error:?}"
        );
        let shown = |i: &&Instruction| {
            ["size", "img", "blob", "rect", "cfill", "copy", "sync"].contains(&i.opcode.as_str())
        };
        ensure!(!said.iter().any(|i| shown(&i)), "{what}: {said:?}");
        until_true(
            "the end of the VNC connection",
            Duration::from_secs(1),
            || Ok(server.connections() == 0),
        )?;
    }
    ensure!(
        !directory.path().with_file_name("session").exists(),
        "a file outside"
    );
    Ok(())
}
