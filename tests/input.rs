//! What a person does in the browser reaches the programs on the desktop, and nothing stays held.

use std::time::Duration;

use anyhow::{Context, Result};
use system_tests::browser::Button;
use system_tests::keyboard::{ALT_GR, CONTROL, Key, RETURN, SHIFT, type_ascii};
use system_tests::stage::{CLIENTS, SIZE};
use system_tests::{Session, Stage};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::{PATIENCE, until, until_true};
use testkit::x11::{Input, Recorder};
use testkit::{FakeClient, Guacd, Handshake, Picture, Xvnc};

const SHIFT_L: u32 = 0xffe1;
const CONTROL_L: u32 = 0xffe3;

/// Where the recording window stands.
const PLACE: (u32, u32) = (100, 80);

fn scene(client: &str) -> Result<(Stage, Session, Recorder)> {
    let stage = Stage::new()?;
    let mut recorder = stage
        .desktop
        .recorder(PLACE.0 as i16, PLACE.1 as i16, 400, 300)?;
    let mut session = stage.open(client, &[])?;
    // Now and then the browser drops what moves before it has painted the page for the first time,
    // and the stock client presses buttons where the pointer moved last.
    let mut nudge = 0;
    until_true("the pointer in the window", PATIENCE, || {
        nudge ^= 1;
        session
            .page
            .move_mouse(PLACE.0 + 200 + nudge, PLACE.1 + 150, &[])?;
        let arrived = |input: &Input| matches!(input, Input::Motion { .. });
        Ok(recorder.inputs()?.iter().any(arrived))
    })?;
    recorder.clear()?;
    Ok((stage, session, recorder))
}

fn keys(inputs: &[Input]) -> Vec<(u32, bool)> {
    let key = |input: &Input| match input {
        Input::Key {
            keysym, pressed, ..
        } => Some((*keysym, *pressed)),
        _ => None,
    };
    inputs.iter().filter_map(key).collect()
}

fn buttons(inputs: &[Input]) -> Vec<(u8, bool)> {
    let button = |input: &Input| match input {
        Input::Button {
            button, pressed, ..
        } => Some((*button, *pressed)),
        _ => None,
    };
    inputs.iter().filter_map(button).collect()
}

#[test]
fn ascii_arrives_as_typed() -> Result<()> {
    const TEXT: &str = "The quick (brown) fox: 1 + 2 = 3; ~`!@#$%^&*_-|\\[]{}'\"<>,.?/ Jumps";
    for client in CLIENTS {
        let (_stage, mut session, mut recorder) = scene(client)?;
        type_ascii(&mut session.page, TEXT)?;
        RETURN.strike(&mut session.page, 0)?;
        recorder.await_typed(&format!("{TEXT}\n"), PATIENCE)?;
    }
    Ok(())
}

#[test]
fn shortcuts_arrive_with_their_modifiers() -> Result<()> {
    let (stage, mut session, mut recorder) = scene("1.6.0")?;
    let page = &mut session.page;
    CONTROL.press(page, 2)?;
    SHIFT.press(page, 10)?;
    Key::new("T", "KeyT", 84).strike(page, 10)?;
    SHIFT.release(page, 2)?;
    CONTROL.release(page, 0)?;
    let upper_t = u32::from('T');
    let all = [(CONTROL_L, true), (SHIFT_L, true), (upper_t, true)];
    recorder.await_input("the shortcut", PATIENCE, |inputs| {
        keys(inputs).starts_with(&all).then_some(())
    })?;
    until_true("nothing held", PATIENCE, || {
        Ok(stage.desktop.held()?.keys.is_empty())
    })
}

#[test]
fn other_alphabets_arrive_as_typed() -> Result<()> {
    for client in CLIENTS {
        let (stage, mut session, mut recorder) = scene(client)?;
        let page = &mut session.page;
        // The X server gives a symbol that its keyboard lacks to a free key at need, and programs
        // learn of that only afterwards: so each is awaited before the next.
        // The first key of all brings the keyboard's own map into force.
        type_ascii(page, "a")?;
        recorder.await_typed("a", PATIENCE)?;
        recorder.clear()?;
        // A German keyboard: a key of its own, and the third level of two others.
        Key::new("ß", "Minus", 219).strike(page, 0)?;
        recorder.await_typed("ß", PATIENCE)?;
        ALT_GR.press(page, 0)?;
        Key::new("€", "KeyE", 69).strike(page, 0)?;
        recorder.await_typed("ß€", PATIENCE)?;
        Key::new("@", "KeyQ", 81).strike(page, 0)?;
        ALT_GR.release(page, 0)?;
        recorder.await_typed("ß€@", PATIENCE)?;
        // An input method gives text without keys.
        page.insert_text("漢")?;
        recorder.await_typed("ß€@漢", PATIENCE)?;
        page.insert_text("😀")?;
        recorder.await_typed("ß€@漢😀", PATIENCE)?;
        type_ascii(page, "!")?;
        recorder.await_typed("ß€@漢😀!", PATIENCE)?;
        // The stock client types the second half of the pair as well, which is no character.
        let last: Vec<u32> = keys(recorder.inputs()?).iter().map(|key| key.0).collect();
        assert!(
            !last
                .iter()
                .any(|keysym| (0x0100_d800..0x0100_e000).contains(keysym)),
            "{client}: {last:x?}"
        );
        until_true("nothing held", PATIENCE, || {
            Ok(stage.desktop.held()?.keys.is_empty())
        })?;
    }
    Ok(())
}

/// A dead key of the user's keyboard is composed where it is pressed: by the browser, which then
/// gives the text, or by the program on the desktop, when the key itself is sent there.
#[test]
fn dead_keys_compose_once() -> Result<()> {
    for client in CLIENTS {
        let (_stage, mut session, mut recorder) = scene(client)?;
        let page = &mut session.page;
        type_ascii(page, "a")?;
        recorder.await_typed("a", PATIENCE)?;
        Key::new("Dead", "Equal", 221).strike(page, 0)?;
        page.insert_text("é")?;
        type_ascii(page, "!")?;
        recorder.await_typed("aé!", PATIENCE)?;
    }
    Ok(())
}

#[test]
fn a_program_composes_the_dead_keys_it_is_sent() -> Result<()> {
    const DEAD_ACUTE: u32 = 0xfe51;
    const RETURN_KEY: u32 = 0xff0d;
    let (daemon, server) = (Guacd::start()?, Xvnc::start()?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("typed");
    let script = format!(
        "stty -echo; touch {0}; read -r line; printf %s \"$line\" > {0}.new; mv {0}.new {0}",
        file.display()
    );
    let _terminal = server.run(
        "xterm",
        &["-geometry", "80x24+0+0", "-e", "sh", "-c", &script],
    )?;
    until_true("the terminal", PATIENCE, || Ok(file.exists()))?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    // Without a window manager the keyboard is where the pointer is.
    client.send("mouse", &["100", "100", "0"])?;
    for keysym in [u32::from('a'), DEAD_ACUTE, u32::from('e'), RETURN_KEY] {
        for pressed in ["1", "0"] {
            client.send("key", &[&keysym.to_string(), pressed])?;
        }
    }
    until("the line", PATIENCE, || {
        let typed = std::fs::read_to_string(&file)?;
        Ok((!typed.is_empty()).then_some(typed))
    })
    .map(|typed| assert_eq!(typed, "aé"))
}

#[test]
fn buttons_and_wheel_arrive_where_they_were() -> Result<()> {
    for client in CLIENTS {
        let (_stage, mut session, mut recorder) = scene(client)?;
        let (x, y) = (PLACE.0 + 33, PLACE.1 + 44);
        let page = &mut session.page;
        page.move_mouse(x, y, &[])?;
        for (button, number) in [(Button::Left, 1), (Button::Middle, 2), (Button::Right, 3)] {
            page.press(x, y, button, &[button])?;
            page.release(x, y, button, &[])?;
            let down = Input::Button {
                button: number,
                at: (33, 44),
                pressed: true,
            };
            let up = Input::Button {
                button: number,
                at: (33, 44),
                pressed: false,
            };
            recorder.await_input("a click", PATIENCE, |inputs| {
                (inputs.contains(&down) && inputs.contains(&up)).then_some(())
            })?;
        }
        recorder.clear()?;
        page.wheel(x, y, 120)?;
        page.wheel(x, y, -120)?;
        recorder.await_input("the wheel, down and up", PATIENCE, |inputs| {
            let turned: Vec<u8> = buttons(inputs)
                .iter()
                .filter(|b| b.1)
                .map(|b| b.0)
                .collect();
            (turned.first() == Some(&5) && turned.last() == Some(&4)).then_some(())
        })?;
    }
    Ok(())
}

#[test]
fn a_drag_is_one_way_with_the_button_held() -> Result<()> {
    for client in CLIENTS {
        let (stage, mut session, mut recorder) = scene(client)?;
        let (x, y) = (PLACE.0 + 20, PLACE.1 + 20);
        let page = &mut session.page;
        page.move_mouse(x, y, &[])?;
        page.press(x, y, Button::Left, &[Button::Left])?;
        for step in 1..=10 {
            page.move_mouse(x + step * 10, y + step * 5, &[Button::Left])?;
        }
        page.release(x + 100, y + 50, Button::Left, &[])?;
        let inputs = recorder.await_input("the drag's end", PATIENCE, |inputs| {
            let up = Input::Button {
                button: 1,
                at: (120, 70),
                pressed: false,
            };
            inputs.contains(&up).then(|| inputs.to_vec())
        })?;
        let pressed_once = [(1, true), (1, false)];
        assert_eq!(buttons(&inputs), pressed_once, "{client}: {inputs:?}");
        let dragged =
            |input: &Input| matches!(input, Input::Motion { buttons: 1, at } if at.0 > 20);
        assert!(inputs.iter().any(dragged), "{client}: {inputs:?}");
        assert!(stage.desktop.held()?.buttons.is_empty());
    }
    Ok(())
}

#[test]
fn nothing_stays_held_when_the_browser_is_gone() -> Result<()> {
    for client in CLIENTS {
        let (stage, mut session, mut recorder) = scene(client)?;
        let (x, y) = (PLACE.0 + 50, PLACE.1 + 50);
        SHIFT.press(&mut session.page, 8)?;
        session.page.move_mouse(x, y, &[])?;
        session.page.press(x, y, Button::Left, &[Button::Left])?;
        recorder.await_input("Shift and a button", PATIENCE, |inputs| {
            let is_down = keys(inputs) == [(SHIFT_L, true)] && buttons(inputs) == [(1, true)];
            is_down.then_some(())
        })?;
        assert_eq!(stage.desktop.held()?.buttons, [1]);
        drop(session);
        let mut state = (stage.desktop.held()?, stage.xvnc.vnc_clients()?);
        let freed = until_true("everything let go", Duration::from_secs(1), || {
            state = (stage.desktop.held()?, stage.xvnc.vnc_clients()?);
            Ok(state.0.keys.is_empty() && state.0.buttons.is_empty() && state.1 == 0)
        });
        freed.with_context(|| format!("{client}: {state:?}"))?;
        // A program is told of it as well: a release has come for each.
        recorder.await_input("the releases", PATIENCE, |inputs| {
            let is_up = keys(inputs).last() == Some(&(SHIFT_L, false));
            (is_up && buttons(inputs).last() == Some(&(1, false))).then_some(())
        })?;
    }
    Ok(())
}

#[test]
fn everything_is_let_go_before_the_vnc_connection_ends() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    client.send("key", &["65505", "1"])?;
    client.send("mouse", &["20", "30", "5"])?;
    let pressed = ClientMessage::Pointer {
        x: 20,
        y: 30,
        buttons: 5,
    };
    server.await_messages("the buttons", PATIENCE, |said| {
        said.contains(&pressed).then_some(())
    })?;
    drop(client);
    until_true(
        "the end of the VNC connection",
        Duration::from_secs(1),
        || Ok(server.connections() == 0),
    )?;
    let said = server.messages();
    let last_key = said
        .iter()
        .rev()
        .find(|m| matches!(m, ClientMessage::Key { .. }));
    assert_eq!(
        last_key,
        Some(&ClientMessage::Key {
            keysym: SHIFT_L,
            pressed: false
        }),
        "{said:?}"
    );
    let last_pointer = said
        .iter()
        .rev()
        .find(|m| matches!(m, ClientMessage::Pointer { .. }));
    assert_eq!(
        last_pointer,
        Some(&ClientMessage::Pointer {
            x: 20,
            y: 30,
            buttons: 0
        }),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn a_read_only_viewer_moves_nothing() -> Result<()> {
    let stage = Stage::new()?;
    let mut recorder = stage
        .desktop
        .recorder(PLACE.0 as i16, PLACE.1 as i16, 400, 300)?;
    let mut session = stage.open("1.6.0", &[("read-only", "true")])?;
    let size = stage.desktop.size()?;
    session.page.move_mouse(PLACE.0 + 10, PLACE.1 + 10, &[])?;
    type_ascii(&mut session.page, "secret")?;
    session
        .page
        .press(PLACE.0 + 10, PLACE.1 + 10, Button::Left, &[Button::Left])?;
    session
        .page
        .release(PLACE.0 + 10, PLACE.1 + 10, Button::Left, &[])?;
    session.ask_for_size(640, 480)?;
    let id = session.connection_id()?;
    let mut other = stage.join("1.6.0", &id, &[])?;
    other.page.move_mouse(PLACE.0 + 20, PLACE.1 + 20, &[])?;
    type_ascii(&mut other.page, "x")?;
    for session in [&mut session, &mut other] {
        session.await_refusal()?;
    }
    // The daemon has judged all of that now. Another user's first picture comes from behind it in
    // the session, and the second of two changes answers a request that was sent after it.
    let mut last = stage.join("1.6.0", &id, &[])?;
    for colour in [0x11_2233, 0x44_5566] {
        let ground = Picture::filled(SIZE.0.into(), SIZE.1.into(), colour);
        stage.desktop.paint_root(&ground)?;
        // Away from the pointer, which the server draws for who may not move it.
        until_true("the new ground", PATIENCE, || {
            Ok(last.picture()?.at(700, 550) == colour)
        })?;
    }
    assert!(other.is_connected()? && session.is_connected()?);
    assert_eq!(recorder.typed()?, "", "read-only is the whole connection's");
    assert_eq!(buttons(recorder.inputs()?), []);
    assert_eq!(stage.desktop.size()?, size);
    Ok(())
}
