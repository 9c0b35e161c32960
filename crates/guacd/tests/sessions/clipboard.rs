//! The clipboard, where a policy opens it and where none does.

use anyhow::Result;
use guac_policy::{ClipboardRule, Policy};
use testkit::client::Handshake;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script, message::cut_text};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, await_key};

const LIMIT: usize = 3 << 20;

fn open_policy() -> Policy {
    let rule = ClipboardRule::up_to(LIMIT);
    Policy::builder()
        .clipboard_copy(rule.clone())
        .clipboard_paste(rule)
        .build()
}

#[test]
fn text_crosses_as_far_as_the_policy_lets_it() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::with_policy(open_policy())?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    // A text over the limit is refused whole; one as long as the limit passes.
    desktop.send(&cut_text(&vec![b'x'; LIMIT + 1]))?;
    desktop.send(&cut_text(&vec![b'y'; LIMIT]))?;
    let opened = owner.read_until(PATIENCE, |i| i.is("clipboard"))?;
    let blob = owner.expect("blob")?;
    assert_eq!(opened.arg(1), "text/plain");
    assert!(blob.arg(1).starts_with("eXl5"));

    owner.send("clipboard", &["3", "text/plain"])?;
    let piece = "eXl5".repeat(1500);
    for _ in 0..LIMIT / 4500 {
        owner.send("blob", &["3", &piece])?;
    }
    owner.send("end", &["3"])?;
    desktop.await_messages("the pasted text", PATIENCE, |messages| {
        let pasted = |m: &ClientMessage| matches!(m, ClientMessage::CutText(text) if text.len() == LIMIT / 4500 * 4500);
        messages.iter().any(pasted).then_some(())
    })
}

#[test]
fn texts_are_encoded_as_the_connection_says() -> Result<()> {
    // A server without the extended clipboard has bytes, in no encoding that it names.
    for (encoding, bytes) in [
        ("", &b"\xe9?"[..]),
        ("ISO8859-1", b"\xe9?"),
        ("UTF-8", "é€".as_bytes()),
        ("UTF-16", b"\xe9\0\xac\x20"),
        ("CP1252", b"\xe9\x80"),
        ("MacRoman", b"\x8e\xdb"),
        ("EBCDIC", b"\xe9?"),
    ] {
        let desktop = FakeVncServer::start(Script::Serve)?;
        let daemon = Daemon::with_policy(open_policy())?;
        let handshake = Handshake::vnc(desktop.port()).with("clipboard-encoding", encoding);
        let mut owner = daemon.watch(&handshake)?;
        owner.send("clipboard", &["3", "text/plain"])?;
        // "é€"
        owner.send("blob", &["3", "w6nigqw="])?;
        owner.send("end", &["3"])?;
        desktop.await_messages(encoding, PATIENCE, |messages| {
            let pasted = ClientMessage::CutText(bytes.to_vec());
            messages.contains(&pasted).then_some(())
        })?;
    }
    Ok(())
}

#[test]
fn a_connection_lowers_the_limit_of_texts() -> Result<()> {
    const LOWEST: usize = 262_144;
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::with_policy(open_policy())?;
    let handshake = Handshake::vnc(desktop.port()).with("clipboard-buffer-size", "1");
    let mut owner = daemon.watch(&handshake)?;
    desktop.send(&cut_text(&vec![b'x'; LOWEST + 1]))?;
    desktop.send(&cut_text(&vec![b'y'; LOWEST]))?;
    owner.expect("clipboard")?;
    let blob = owner.expect("blob")?;
    assert!(blob.arg(1).starts_with("eXl5"));
    Ok(())
}

#[test]
fn nothing_crosses_without_a_policy() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
    desktop.send(&cut_text(b"from the desktop"))?;
    owner.send("clipboard", &["3", "text/plain"])?;
    assert_eq!(owner.expect("ack")?.arg(2), "771");
    owner.send("blob", &["3", "eXl5"])?;
    owner.send("end", &["3"])?;
    owner.send("key", &["97", "1"])?;
    await_key(&desktop, 0x61, true)?;
    let pasted = |m: &ClientMessage| matches!(m, ClientMessage::CutText(_));
    assert!(!desktop.messages().iter().any(pasted));
    owner.send("disconnect", &[])?;
    let told = owner.read_to_end(PATIENCE)?;
    assert!(!told.iter().any(|i| i.is("clipboard")));
    Ok(())
}
