//! What a desktop does in motion, in the stock client in a browser: once it rests, every pixel is right.
//!
//! The scenes are those of the benchmarks, smaller. Each step is drawn when the browser has drawn the
//! one before, so that what moves is lossy and moved on the way.

use anyhow::Result;
use system_tests::stage::{CLIENTS, SIZE};
use system_tests::{Session, Stage};
use testkit::Picture;
use testkit::wait::{PATIENCE, until_true};
use testkit::x11::{Desktop, Window};

/// A scene: what it shows at first, and what it does then.
struct Scene {
    name: &'static str,
    steps: u32,
    /// The window in the scene.
    window: fn() -> Picture,
    /// Draws the step of a number.
    draw: fn(&Desktop, &Window, u32) -> Result<()>,
}

const SCENES: [Scene; 7] = [
    Scene {
        name: "scroll",
        steps: 12,
        window: page,
        draw: |_, window, step| window.scroll_up(19, &Picture::pattern(480, 19, 50 + step)),
    },
    Scene {
        name: "scroll-put",
        steps: 12,
        window: page,
        draw: |_, window, step| {
            let mut page = Picture::filled(480, 360, 0xff_ffff);
            for row in 0..8 {
                let (top, seed) = (48 * row, 7 + row);
                let moved = (top + 384 - 11 * step) % 384;
                page.draw(20, moved as usize, &Picture::blocks(420, 40, seed));
            }
            window.draw(0, 0, &page)
        },
    },
    Scene {
        name: "window-drag",
        steps: 16,
        window: page,
        draw: |_, window, step| {
            let (x, y) = place(step);
            window.move_to(x, y)
        },
    },
    Scene {
        name: "window-drag-put",
        steps: 16,
        window: || Picture::filled(1, 1, 0),
        draw: |desktop, _, step| {
            let (x, y) = place(step);
            let mut screen = wallpaper();
            screen.draw(usize::try_from(x)?, usize::try_from(y)?, &page());
            desktop.paint_root(&screen)
        },
    },
    Scene {
        name: "pages",
        steps: 4,
        window: page,
        draw: |_, window, step| {
            let mut page = Picture::blocks(480, 360, step);
            page.draw(100, 80, &Picture::pattern(200, 150, step));
            window.draw(0, 0, &page)
        },
    },
    Scene {
        name: "video",
        steps: 12,
        window: page,
        draw: |_, window, step| window.draw(60, 40, &Picture::pattern(320, 180, 900 + step)),
    },
    Scene {
        name: "typing",
        steps: 12,
        window: page,
        draw: |_, window, step| {
            let x = i16::try_from(10 + 9 * step)?;
            window.draw(x, 20, &Picture::blocks(8, 14, 100 + step))
        },
    },
];

fn wallpaper() -> Picture {
    Picture::pattern(SIZE.0.into(), SIZE.1.into(), 1)
}

/// A window with a photograph in it.
fn page() -> Picture {
    let mut page = Picture::blocks(480, 360, 3);
    page.draw(240, 160, &Picture::pattern(200, 150, 4));
    page
}

/// Where a dragged window is: forth, and back another way.
fn place(step: u32) -> (i16, i16) {
    let step = step as i16;
    let x = if step < 8 {
        16 * step
    } else {
        16 * (16 - step)
    };
    (100 + x, 60 + 7 * step)
}

fn play(scene: &Scene, stage: &Stage, session: &mut Session) -> Result<()> {
    let drawn = session.frames()?;
    stage.desktop.paint_root(&wallpaper())?;
    let window = stage.desktop.window(90, 50, &(scene.window)())?;
    await_frame(scene.name, session, drawn)?;
    for step in 1..=scene.steps {
        let drawn = session.frames()?;
        (scene.draw)(&stage.desktop, &window, step)?;
        await_frame(&format!("step {step} of {}", scene.name), session, drawn)?;
    }
    session.await_picture(scene.name, &stage.desktop)
}

fn await_frame(what: &str, session: &mut Session, drawn: u64) -> Result<()> {
    until_true(what, PATIENCE, || Ok(drawn < session.frames()?))
}

fn settles_exactly(client: &str) -> Result<()> {
    let stage = Stage::new()?;
    let mut session = stage.open(client, &[])?;
    session.park_pointer(&stage.desktop)?;
    SCENES
        .iter()
        .try_for_each(|scene| play(scene, &stage, &mut session))
}

#[test]
fn scenes_settle_exactly_in_the_stock_client() -> Result<()> {
    let [_, newest] = CLIENTS;
    settles_exactly(newest)
}

#[test]
fn scenes_settle_exactly_in_the_stock_client_before() -> Result<()> {
    let [before, _] = CLIENTS;
    settles_exactly(before)
}
