//! The harness against real software: an X server, X clients, and its own fakes.

use std::time::Duration;

use anyhow::Result;
use testkit::wait::{PATIENCE, until_true};
use testkit::x11::{Input, Selection, await_selection, read_selection};
use testkit::{Picture, Xvnc};
use x11rb::connection::Connection;
use x11rb::protocol::xtest::ConnectionExt as _;

#[test]
fn a_screen_shows_what_was_drawn() -> Result<()> {
    let server = Xvnc::options().geometry(400, 300).start()?;
    let desktop = server.desktop()?;
    assert_eq!(desktop.size()?, (400, 300));
    let ground = Picture::pattern(400, 300, 1);
    desktop.paint_root(&ground)?;
    assert_eq!(desktop.grab()?.difference(&ground)?, None);

    let picture = Picture::pattern(100, 80, 2);
    let window = desktop.window(10, 20, &picture)?;
    let shown = desktop.grab()?;
    assert_eq!(
        (shown.at(10, 20), shown.at(109, 99)),
        (picture.at(0, 0), picture.at(99, 79))
    );
    window.move_to(250, 150)?;
    window.scroll_up(30, &Picture::filled(100, 30, 0x12_3456))?;
    let shown = desktop.grab()?;
    assert_eq!(shown.at(10, 20), ground.at(10, 20));
    assert_eq!(
        (shown.at(250, 150), shown.at(250, 229)),
        (picture.at(0, 30), 0x12_3456)
    );
    Ok(())
}

#[test]
fn a_recorder_notes_keys_by_symbol_and_the_pointer() -> Result<()> {
    let server = Xvnc::start()?;
    let desktop = server.desktop()?;
    let mut recorder = desktop.recorder(100, 100, 300, 200)?;
    let (user, screen) = x11rb::connect(Some(&server.display()))?;
    let root = user.setup().roots[screen].root;
    let fake = |kind: u8, detail: u8, x: i16, y: i16| -> Result<()> {
        user.xtest_fake_input(kind, detail, 0, root, x, y, 0)?;
        user.flush()?;
        Ok(())
    };
    // Shift, then the key of the letter A, by their codes on a PC keyboard.
    for (kind, code) in [(2, 50), (2, 38), (3, 38), (3, 50), (2, 38)] {
        fake(kind, code, 0, 0)?;
    }
    recorder.await_typed("Aa", PATIENCE)?;
    assert_eq!(desktop.held()?.keys, [38]);
    fake(6, 0, 150, 160)?;
    fake(4, 1, 0, 0)?;
    recorder.await_input("a click", PATIENCE, |inputs| {
        inputs
            .contains(&Input::Button {
                button: 1,
                at: (50, 60),
                pressed: true,
            })
            .then_some(())
    })?;
    assert_eq!(desktop.held()?.buttons, [1]);
    Ok(())
}

#[test]
fn a_selection_is_read_by_others_while_it_is_owned() -> Result<()> {
    let server = Xvnc::start()?;
    let desktop = server.desktop()?;
    assert_eq!(read_selection(&desktop, Selection::Clipboard)?, None);
    let owner = desktop.own(&[Selection::Primary, Selection::Clipboard], "ß€漢😀")?;
    await_selection(&desktop, Selection::Clipboard, "ß€漢😀")?;
    await_selection(&desktop, Selection::Primary, "ß€漢😀")?;
    drop(owner);
    until_true("no owner", PATIENCE, || {
        Ok(read_selection(&desktop, Selection::Clipboard)?.is_none())
    })
}

#[test]
fn a_killed_server_is_gone() -> Result<()> {
    let server = Xvnc::options().password("secret").start()?;
    let desktop = server.desktop()?;
    server.kill()?;
    until_true("the end of the server", Duration::from_secs(2), || {
        Ok(desktop.size().is_err())
    })
}
