//! What a server sends as JPEG ends exact all the same: it is asked for again without a loss.

use std::cell::RefCell;
use std::time::Instant;

use anyhow::{Result, ensure};
use testkit::servers::{Qemu, VncServer, X11vnc, Xvfb};
use testkit::{Desktop, FakeClient, Guacd, Handshake, Picture, Viewer, Xvnc};

const SIZE: (u16, u16) = (800, 600);

/// Something smooth, which every server takes for a photograph.
fn photograph(seed: usize) -> Picture {
    let (width, height) = (usize::from(SIZE.0), usize::from(SIZE.1));
    let wave = |at: usize, length: usize| {
        let turn = at as f64 / length as f64 * std::f64::consts::TAU;
        (127.5 + 127.5 * turn.sin()) as u32
    };
    let pixels = (0..width * height).map(|at| {
        let (x, y) = (at % width, at / width);
        wave(x + seed, 97) << 16 | wave(y, 131) << 8 | wave(x + 2 * y, 61)
    });
    Picture {
        width,
        height,
        pixels: pixels.collect(),
    }
}

/// Opens a desktop with much of its quality given away: what is shown first is not what is there, and
/// what is shown in the end is.
fn ends_exact(
    port: u16,
    mut screen: impl FnMut() -> Result<Picture>,
    change: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let daemon = Guacd::start()?;
    let wanted = screen()?;
    let mut handshake = Handshake::vnc(port)
        .with("encodings", "tight zrle copyrect")
        .with("quality-level", "1");
    handshake.size = (
        u32::try_from(wanted.width)?,
        u32::try_from(wanted.height)?,
        96,
    );
    let mut viewer = Viewer::new(FakeClient::open(daemon.address(), &handshake)?);
    // Until it has been moved, some servers draw the pointer into the picture.
    viewer.point(SIZE.0 - 1, SIZE.1 - 1, 0)?;
    let difference = viewer.await_shown("a whole picture", |viewer| {
        let shown = viewer.picture()?;
        let black = shown.pixels.iter().filter(|pixel| **pixel == 0).count();
        let is_whole = (shown.width, shown.height) == (wanted.width, wanted.height)
            && black < shown.pixels.len() / 16;
        is_whole.then(|| shown.difference(&wanted)).transpose()
    })?;
    ensure!(difference.is_some(), "nothing was lossy at first");
    await_exact(&mut viewer, &mut screen)?;
    change()?;
    await_exact(&mut viewer, &mut screen)
}

fn await_exact(viewer: &mut Viewer, screen: &mut dyn FnMut() -> Result<Picture>) -> Result<()> {
    let begin = Instant::now();
    viewer.await_shown("the server's own picture", |viewer| {
        let (shown, wanted) = (viewer.picture()?, screen()?);
        Ok(shown.difference(&wanted)?.is_none().then_some(()))
    })?;
    eprintln!("exact after {:?}", begin.elapsed());
    Ok(())
}

fn on_display(port: u16, desktop: &Desktop) -> Result<()> {
    desktop.paint_root(&photograph(0))?;
    let change = || desktop.paint_root(&photograph(40));
    ends_exact(port, || desktop.grab(), change)
}

#[test]
fn tigervnc_ends_exact() -> Result<()> {
    let server = Xvnc::options().geometry(SIZE.0, SIZE.1).start()?;
    on_display(server.port(), &server.desktop()?)
}

/// Which never sends anything again by itself.
#[test]
fn x11vnc_ends_exact() -> Result<()> {
    let display = Xvfb::start(SIZE, 24)?;
    let server = X11vnc::start(&display.display(), None)?;
    on_display(server.port(), &display.desktop()?)
}

#[test]
fn qemu_ends_exact() -> Result<()> {
    let machine = RefCell::new(Qemu::start_lossy()?);
    let port = machine.borrow().port();
    let change = || machine.borrow_mut().press_f5();
    ends_exact(port, || machine.borrow_mut().screen(), change)
}
