//! The browser shows what is on the X screen, pixel for pixel.

use anyhow::Result;
use system_tests::Stage;
use system_tests::stage::{CLIENTS, SIZE};
use testkit::Picture;
use testkit::wait::{PATIENCE, until_true};

/// Windows over a ground, all in pictures without two like pixels.
fn furnish(stage: &Stage) -> Result<testkit::x11::Window> {
    stage
        .desktop
        .paint_root(&Picture::pattern(SIZE.0.into(), SIZE.1.into(), 1))?;
    stage.desktop.window(71, 53, &Picture::pattern(301, 257, 2))
}

#[test]
fn the_first_picture_is_the_screen() -> Result<()> {
    for client in CLIENTS {
        let stage = Stage::new()?;
        let _window = furnish(&stage)?;
        let mut session = stage.open(client, &[])?;
        session.park_pointer(&stage.desktop)?;
        session.await_picture(&format!("first-{client}"), &stage.desktop)?;
    }
    Ok(())
}

#[test]
fn changes_arrive_exactly() -> Result<()> {
    for client in CLIENTS {
        let stage = Stage::new()?;
        let window = furnish(&stage)?;
        let mut session = stage.open(client, &[])?;
        session.park_pointer(&stage.desktop)?;
        session.await_picture(&format!("before-{client}"), &stage.desktop)?;
        for step in 0..8 {
            window.scroll_up(17, &Picture::pattern(301, 17, 100 + step))?;
        }
        session.await_picture(&format!("scrolled-{client}"), &stage.desktop)?;
        for (x, y) in [(80, 60), (300, 200), (479, 333), (5, 340), (-50, -20)] {
            window.move_to(x, y)?;
        }
        session.await_picture(&format!("moved-{client}"), &stage.desktop)?;
    }
    Ok(())
}

#[test]
fn a_size_that_the_client_asks_for_is_given() -> Result<()> {
    for client in CLIENTS {
        let stage = Stage::new()?;
        let _window = furnish(&stage)?;
        let mut session = stage.open(client, &[])?;
        session.park_pointer(&stage.desktop)?;
        for size in [(1001, 701), (640, 480), (333, 777)] {
            session.ask_for_size(size.0, size.1)?;
            until_true("the new size", PATIENCE, || {
                Ok(stage.desktop.size()? == size)
            })?;
            session.park_pointer(&stage.desktop)?;
            session.await_picture(&format!("resized-{}-{client}", size.0), &stage.desktop)?;
        }
    }
    Ok(())
}

#[test]
fn cursor_shapes_arrive() -> Result<()> {
    const ARROW: [&str; 5] = ["#....", "##...", "###..", "## ..", "#  .."];
    for client in CLIENTS {
        let stage = Stage::new()?;
        let window = furnish(&stage)?;
        let mut session = stage.open(client, &[])?;
        session.park_pointer(&stage.desktop)?;
        window.set_cursor(&ARROW, (3, 2), 0xff_0000, 0x00_00ff)?;
        // The shape is the server's only while the pointer is in the window.
        session.page.move_mouse(100, 100, &[])?;
        until_true("the cursor's shape", PATIENCE, || {
            Ok(session.cursor()? == Some(cursor_of(&ARROW)))
        })?;
        assert_eq!(session.cursor_hotspot()?, (3, 2), "{client}");
    }
    Ok(())
}

/// The opaque pixels of a shape as the client draws them.
fn cursor_of(rows: &[&str]) -> Vec<Option<u32>> {
    let pixel = |c: char| match c {
        '#' => Some(0xff_0000),
        '.' => Some(0x00_00ff),
        _ => None,
    };
    rows.iter().flat_map(|row| row.chars().map(pixel)).collect()
}
