//! What images cost a browser: decoded and drawn as the stock client does, in headless Chromium.
//!
//! ```text
//! decode
//! ```
//!
//! For each kind and size of image: its bytes, and the time from the blob to the canvas, alone and when
//! twenty are on their way together, the best of five rounds. Needs `chromium`; the page is a file, and tells its times to a port of the
//! loopback interface.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use benches::decoding::scene::Scene;
use guac_encode::{Encoder, Quality, View};
use serde_json::{Value, json};
use testkit::Picture;
use testkit::process::{Process, find_program};

const PAGE: &str = include_str!("decode.html");
/// The picture that the images are parts of.
const SIZE: (usize, usize) = (1920, 1080);
/// Where their corner is.
const AT: (usize, usize) = (200, 100);
/// A sliver beside a window, a tile, a line of text, the largest image, and what lies between.
const SIZES: [(usize, usize); 5] = [(16, 512), (64, 64), (256, 64), (256, 256), (512, 512)];

/// A kind of image, and how it is made.
struct Kind {
    name: &'static str,
    scene: Scene,
    make: fn(&mut Encoder, &View<'_>, &mut Vec<u8>) -> guac_encode::Format,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "text, indexed PNG",
        scene: Scene::Text,
        make: Encoder::opaque,
    },
    Kind {
        name: "photograph, PNG",
        scene: Scene::Photo,
        make: Encoder::opaque,
    },
    Kind {
        name: "photograph, WebP",
        scene: Scene::Photo,
        make: |encoder, view, out| {
            encoder.allow_webp(true);
            encoder.opaque(view, out)
        },
    },
    Kind {
        name: "photograph, JPEG",
        scene: Scene::Photo,
        make: |encoder, view, out| encoder.lossy(view, Quality::new(60), out),
    },
];

fn main() -> Result<()> {
    let mut images = Vec::new();
    for kind in &KINDS {
        let picture: Picture = kind
            .scene
            .pictures(SIZE.0, SIZE.1)
            .next()
            .context("a picture")?;
        for (width, height) in SIZES {
            let view = View::new(&picture.pixels, SIZE.0, AT.0, AT.1, width, height);
            let mut bytes = Vec::new();
            let mut encoder = Encoder::new();
            let format = (kind.make)(&mut encoder, &view.context("a part")?, &mut bytes);
            images.push(json!({
                "kind": kind.name, "width": width, "height": height,
                "type": format.mimetype(), "bytes": bytes,
            }));
        }
    }
    let times = measured(&images)?;
    ensure!(times.len() == images.len(), "a time for each image");
    println!("| Image | pixels | bytes | µs alone | µs each of twenty |");
    println!("| --- | --- | --- | --- | --- |");
    for (image, [alone, together]) in images.iter().zip(&times) {
        let bytes = image["bytes"].as_array().map_or(0, Vec::len);
        let text = |name: &str| image[name].as_str().unwrap_or_default();
        let (kind, width, height) = (text("kind"), &image["width"], &image["height"]);
        let [alone, together] = [alone, together].map(|milliseconds| milliseconds * 1000.0);
        println!("| {kind} | {width}×{height} | {bytes} | {alone:.0} | {together:.0} |");
    }
    Ok(())
}

/// The milliseconds that each image took in the browser.
fn measured(images: &[Value]) -> Result<Vec<[f64; 2]>> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let folder = tempfile::tempdir()?;
    let mut page = String::new();
    let (port, images) = (
        listener.local_addr()?.port(),
        serde_json::to_string(images)?,
    );
    write!(
        page,
        "<script>const PORT = {port}, IMAGES = {images};</script>{PAGE}"
    )?;
    let path = folder.path().join("decode.html");
    std::fs::write(&path, page)?;
    let mut command = Command::new(find_program(&["chromium"])?);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .arg("--remote-debugging-port=0")
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(format!("file://{}", path.display()));
    let _browser = Process::start(&mut command)?;
    loop {
        let (mut stream, _) = listener.accept()?;
        let mut reader = BufReader::new(&stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            ensure!(0 < reader.read_line(&mut line)?, "the request ends");
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
        if 0 < length {
            return Ok(serde_json::from_slice(&body)?);
        }
    }
}
