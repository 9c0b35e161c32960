//! The clipboard crosses in neither direction, unless a policy lets it.
//!
//! Each test runs twice, under the built-in policy and under one that allows what is tested: that
//! it passes where it should is what makes its failing to pass mean something.

use std::time::Duration;

use anyhow::Result;
use system_tests::Stage;
use system_tests::canary::found;
use system_tests::keyboard::type_ascii;
use system_tests::policy::open_daemon;
use system_tests::stage::CLIENTS;
use testkit::vnc_server::message::cut_text;
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};
use testkit::x11::{Selection, await_selection, read_selection};
use testkit::{FakeClient, Guacd, Handshake, Xvnc};

/// Long enough to be found by nothing but itself.
const SECRET: &str = "Kreuzotter-7419-Zimtstern";

fn stage(daemon: Guacd) -> Result<Stage> {
    Stage::with(&Xvnc::options().geometry(640, 480), daemon)
}

/// Somebody on the desktop copies the secret; the bytes that went to the browser, once everything
/// that the copy could have caused has happened.
fn copied(stage: &Stage, client: &str, is_wanted: bool) -> Result<Vec<u8>> {
    let mut session = stage.open(client, &[])?;
    let mut recorder = stage.desktop.recorder(50, 50, 200, 100)?;
    session.page.move_mouse(100, 100, &[])?;
    let _owner = stage
        .desktop
        .own(&[Selection::Primary, Selection::Clipboard], SECRET)?;
    if is_wanted {
        until_true("the text in the browser", PATIENCE, || {
            Ok(session.clipboard()?.iter().any(|text| text == SECRET))
        })?;
    }
    // The way there and back, and one more update of the picture.
    type_ascii(&mut session.page, "done")?;
    recorder.await_typed("done", PATIENCE)?;
    let frames = session.frames()?;
    let _window = stage
        .desktop
        .window(300, 300, &testkit::Picture::pattern(50, 50, 3))?;
    until_true("another frame", PATIENCE, || Ok(frames < session.frames()?))?;
    if !is_wanted {
        assert!(session.clipboard()?.is_empty(), "{client} was given a text");
    }
    Ok(stage.tap.from_daemon())
}

#[test]
fn what_is_copied_on_the_desktop_stays_there() -> Result<()> {
    for client in CLIENTS {
        let bytes = copied(&stage(Guacd::start()?)?, client, false)?;
        assert_eq!(found(SECRET, &bytes), None, "{client}");
        assert_eq!(
            found("9.clipboard", &bytes),
            None,
            "{client}: not even that there is some"
        );
        // The same with a policy that allows it: it would have been seen.
        let bytes = copied(&stage(open_daemon()?)?, client, true)?;
        assert!(
            found(SECRET, &bytes).is_some_and(|form| form.contains("base64")),
            "{client}"
        );
    }
    Ok(())
}

#[test]
fn a_paste_never_reaches_the_desktop() -> Result<()> {
    for client in CLIENTS {
        let denied = stage(Guacd::start()?)?;
        let mut session = denied.open(client, &[])?;
        let mut recorder = denied.desktop.recorder(50, 50, 200, 100)?;
        session.page.move_mouse(100, 100, &[])?;
        session.paste(SECRET)?;
        type_ascii(&mut session.page, "done")?;
        recorder.await_typed("done", PATIENCE)?;
        for selection in [Selection::Primary, Selection::Clipboard] {
            assert_eq!(
                read_selection(&denied.desktop, selection)?,
                None,
                "{client}"
            );
        }
        assert!(session.is_connected()?);

        let allowed = stage(open_daemon()?)?;
        let mut session = allowed.open(client, &[])?;
        session.paste(SECRET)?;
        await_selection(&allowed.desktop, Selection::Clipboard, SECRET)?;
    }
    Ok(())
}

#[test]
fn parameters_tighten_what_the_policy_allows() -> Result<()> {
    let allowed = stage(open_daemon()?)?;
    let mut session = allowed.open("1.6.0", &[("disable-paste", "true")])?;
    let mut recorder = allowed.desktop.recorder(50, 50, 200, 100)?;
    session.paste(SECRET)?;
    type_ascii(&mut session.page, "done")?;
    recorder.await_typed("done", PATIENCE)?;
    assert_eq!(
        read_selection(&allowed.desktop, Selection::Clipboard)?,
        None
    );
    drop(session);

    // A joiner's own parameters cannot undo the owner's.
    let daemon = open_daemon()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let closed = Handshake::vnc(server.port())
        .with("disable-copy", "true")
        .with("disable-paste", "true");
    let mut owner = FakeClient::open(daemon.address(), &closed)?;
    owner.expect("sync")?;
    let join = Handshake::join(&owner.id)
        .with("disable-copy", "false")
        .with("disable-paste", "false");
    let mut guest = FakeClient::open(daemon.address(), &join)?;
    guest.expect("sync")?;
    server.send(&cut_text(SECRET.as_bytes()))?;
    guest.send("clipboard", &["0", "text/plain"])?;
    let ack = guest.read_until(PATIENCE, |i| i.is("ack") || i.is("clipboard"))?;
    assert_eq!(ack.args, ["0", "Clipboard unsupported", "771"]);
    guest.send("blob", &["0", "c2VjcmV0"])?;
    guest.send("end", &["0"])?;
    guest.send("key", &["97", "1"])?;
    server.await_messages("the key", PATIENCE, |said| {
        said.contains(&ClientMessage::Key {
            keysym: 97,
            pressed: true,
        })
        .then_some(())
    })?;
    let is_text = |message: &ClientMessage| matches!(message, ClientMessage::CutText(_));
    assert!(!server.messages().iter().any(is_text));
    for client in [&mut owner, &mut guest] {
        let said = client.read_for(Duration::from_millis(300))?;
        assert!(!said.iter().any(|i| i.is("clipboard")), "{said:?}");
    }
    Ok(())
}

#[test]
fn every_character_of_unicode_crosses_where_the_policy_lets_it() -> Result<()> {
    const TEXT: &str = "ß€漢😀\nnext";
    let allowed = stage(open_daemon()?)?;
    let mut session = allowed.open("1.6.0", &[])?;
    session.paste(TEXT)?;
    await_selection(&allowed.desktop, Selection::Clipboard, TEXT)?;

    let text = TEXT.replace("next", "copied");
    let _owner = allowed.desktop.own(&[Selection::Clipboard], &text)?;
    // Seen on its way: the stock client's reader takes the emoji for something else.
    until_true("the text on its way to the browser", PATIENCE, || {
        Ok(found(&text, &allowed.tap.from_daemon()).is_some())
    })
}
