//! Texts of the clipboard in the recordings of whole sessions.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use guac_policy::{ClipboardRule, Policy};
use tempfile::TempDir;
use testkit::client::Handshake;
use testkit::instruction::Instruction;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script, message::cut_text};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, await_freed, await_key};

const LIMIT: usize = 100;

fn open_policy() -> Policy {
    let rule = ClipboardRule::up_to(LIMIT);
    Policy::builder()
        .clipboard_copy(rule.clone())
        .clipboard_paste(rule)
        .build()
}

/// Texts that pass and texts that do not, each way; returns when the recording has been closed.
fn texts_cross(daemon: &Daemon, parameters: &[(&str, &str)], directory: &Path) -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut handshake = Handshake::vnc(desktop.port())
        .with("recording-path", &directory.display().to_string())
        .with("recording-name", "r");
    for (name, value) in parameters {
        handshake = handshake.with(name, value);
    }
    let mut owner = daemon.watch(&handshake)?;
    let mut guest = daemon.watch(&Handshake::join(&owner.id))?;
    desktop.send(&cut_text(&[b'x'; LIMIT + 1]))?;
    desktop.send(&cut_text(b"copied"))?;
    // To both of them, and recorded once.
    for viewer in [&mut owner, &mut guest] {
        viewer.read_until(PATIENCE, |i| i.is("clipboard"))?;
    }
    for text in ["eHh4".repeat(LIMIT / 3 + 1).as_str(), "cGFzdGVk"] {
        guest.send("clipboard", &["3", "text/plain"])?;
        guest.send("blob", &["3", text])?;
        guest.send("end", &["3"])?;
    }
    guest.send("key", &["97", "1"])?;
    await_key(&desktop, 0x61, true)?;
    let pasted = ClientMessage::CutText(b"pasted".to_vec());
    assert!(desktop.messages().contains(&pasted));
    drop((owner, guest));
    // The session leaves the desktop when it has closed the recording.
    await_freed(&desktop, PATIENCE)
}

/// What the recording holds of the clipboard, as text.
fn recorded(directory: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(directory.join("r"))?;
    let (mut found, mut rest) = (Vec::new(), bytes.as_slice());
    let mut synced = false;
    while !rest.is_empty() {
        let (next, size) = Instruction::decode(rest)?.context("the last one is whole")?;
        rest = rest.split_at(size).1;
        synced |= next.is("sync");
        let is_text = ["62", "63"].contains(&next.arg(0)) && !next.is("size");
        if is_text && ["clipboard", "blob", "end", "img"].contains(&next.opcode.as_str()) {
            found.push(format!("{} {}", next.opcode, next.args.join(" ")));
        } else {
            assert!(!next.is("clipboard"), "a stream of another's: {next:?}");
        }
        assert!(synced || found.is_empty(), "a text before the first frame");
    }
    Ok(found)
}

#[test]
fn what_passed_is_recorded_and_what_was_refused_is_not() -> Result<()> {
    let expected = [
        "clipboard 62 text/plain",
        "blob 62 Y29waWVk",
        "end 62",
        "clipboard 63 text/plain",
        "blob 63 cGFzdGVk",
        "end 63",
    ];
    let asked = ("recording-include-clipboard", "true");
    for exclude in ["false", "true"] {
        let daemon = Daemon::with_policy(open_policy())?;
        let directory = TempDir::new()?;
        let parameters = [asked, ("recording-exclude-output", exclude)];
        texts_cross(&daemon, &parameters, directory.path())?;
        if exclude == "true" {
            let text = fs::read_to_string(directory.path().join("r"))?;
            assert!(!text.contains("4.sync") && text.contains("8.Y29waWVk"));
        } else {
            assert_eq!(recorded(directory.path())?, expected);
        }
    }
    Ok(())
}

#[test]
fn nobody_asked_so_no_text_is_in_the_recording() -> Result<()> {
    let daemon = Daemon::with_policy(open_policy())?;
    let directory = TempDir::new()?;
    texts_cross(&daemon, &[], directory.path())?;
    assert_eq!(recorded(directory.path())?, [""; 0]);
    Ok(())
}
