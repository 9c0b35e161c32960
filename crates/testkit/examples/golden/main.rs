//! Records what real VNC servers send while something is drawn on their screens, together with the
//! true picture: the golden streams of `guac-vnc`'s tests.
//!
//! ```sh
//! cargo run -p testkit --example golden -- crates/guac-vnc/tests/golden [part of a name …]
//! ```
//!
//! A stream has every byte of the server from the banner on. Which encoding, format and level was
//! asked for is in its name, `server-version-encoding-depth.rfb`; the picture is that of
//! `server-version.png`, and each recording of a server has to end with the same one.

mod client;
mod qemu;
mod rows;
mod scene;
mod servers;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use testkit::Picture;

use client::Client;
use rows::{ROWS, Row};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("where to? see the source")?;
    let parts: Vec<String> = arguments.collect();
    let wanted = |name: &str| parts.is_empty() || parts.iter().any(|part| name.contains(&**part));
    for row in ROWS {
        let name = row.name();
        if wanted(&name) {
            record(row, &name, Path::new(&folder)).with_context(|| name)?;
        }
    }
    Ok(())
}

fn record(row: &Row, name: &str, folder: &Path) -> Result<()> {
    let mut server = row.server.start()?;
    let mut client = Client::connect(server.port(), row)?;
    let truth = server.perform(&mut client, row)?;
    let seen: Vec<&str> = client.seen().collect();
    println!(
        "{name}: {} bytes, {}",
        client.stream().len(),
        seen.join(", ")
    );
    keep_picture(&truth, &folder.join(format!("{}.png", row.picture())))?;
    std::fs::write(folder.join(format!("{name}.rfb")), client.stream())?;
    Ok(())
}

/// Writes the picture, or compares it with the one that is there.
fn keep_picture(picture: &Picture, path: &Path) -> Result<()> {
    if !path.exists() {
        return picture.write(path);
    }
    let before = Picture::read(path)?;
    if let Some(difference) = picture.difference(&before)? {
        bail!(
            "ends with another picture than {}: {difference:?}",
            path.display()
        );
    }
    ensure!(before == *picture, "the picture differs");
    Ok(())
}
