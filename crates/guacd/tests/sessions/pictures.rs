//! What a moving photograph becomes on its way to the viewers.

use std::time::Instant;

use anyhow::{Result, ensure};
use testkit::client::{FakeClient, Handshake};
use testkit::picture::Picture;
use testkit::vnc_server::message::raw_pixels;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::Daemon;

const SIDE: u16 = 128;

/// The formats of the images of the frame that the next picture of a film makes.
fn next_formats(
    desktop: &FakeVncServer,
    viewer: &mut FakeClient,
    picture: u32,
) -> Result<Vec<String>> {
    let film = Picture::pattern(SIDE.into(), SIDE.into(), picture);
    desktop.send(&raw_pixels(0, 0, &film))?;
    let mut formats = Vec::new();
    viewer.read_until(PATIENCE, |instruction| {
        if instruction.is("img") {
            formats.push(instruction.arg(3).to_owned());
        }
        instruction.is("sync")
    })?;
    Ok(formats)
}

fn film(parameters: &[(&str, &str)]) -> Result<(FakeVncServer, Daemon, FakeClient)> {
    let desktop = FakeVncServer::with_size(Script::Serve, SIDE, SIDE)?;
    let daemon = Daemon::start()?;
    let handshake = parameters
        .iter()
        .fold(Handshake::vnc(desktop.port()), |all, (name, value)| {
            all.with(name, value)
        });
    let viewer = daemon.watch(&handshake)?;
    Ok((desktop, daemon, viewer))
}

#[test]
fn a_film_is_jpeg() -> Result<()> {
    let (desktop, _daemon, mut viewer) = film(&[])?;
    let deadline = Instant::now() + PATIENCE;
    for picture in 0.. {
        let formats = next_formats(&desktop, &mut viewer, picture)?;
        if formats.iter().any(|format| format == "image/jpeg") {
            break;
        }
        ensure!(Instant::now() < deadline, "{formats:?}");
    }
    Ok(())
}

#[test]
fn a_film_is_exact_where_that_is_forced() -> Result<()> {
    let (desktop, _daemon, mut viewer) = film(&[("force-lossless", "true")])?;
    for picture in 0..12 {
        let formats = next_formats(&desktop, &mut viewer, picture)?;
        assert!(!formats.is_empty());
        assert!(!formats.iter().any(|format| format == "image/jpeg"));
    }
    Ok(())
}
