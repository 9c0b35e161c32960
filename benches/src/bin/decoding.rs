//! Decode throughput per encoding, beside libvncclient and `vnc-rs` where they decode the same.
//!
//! `decoding [SCENE] [ENCODING]` prints a table: for each scene and encoding, megabytes of pixels
//! (four bytes each) that a second of processor time decodes, and how many times the others' that
//! is. The decoders take turns, and each figure is the median of the rounds.

use anyhow::{Result, bail, ensure};
use benches::decoding::libvncclient::Program;
use benches::decoding::record::{Wanted, distance, record};
use benches::decoding::{Replay, Stream, encode::encode, ours, scene::Scene, vnc_rs};
use guac_vnc::Encoding;

const SIZE: (u16, u16) = (1920, 1080);
const ROUNDS: usize = 7;
/// Seconds of processor time that a decoder has in each round.
const ROUND: f64 = 0.25;
/// How far apart two decoders of JPEG may be in the sum of a pixel's parts: they round otherwise.
const JPEG_TOLERANCE: u64 = 16;

/// One way of sending pixels.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    wanted: Wanted,
    source: Source,
    vnc_rs: bool,
}

#[derive(Clone, Copy)]
enum Source {
    /// TigerVNC.
    Server,
    /// [`encode`], because no server of Debian's sends it.
    Ourselves,
}

const fn row(name: &'static str, encoding: Encoding, source: Source, vnc_rs: bool) -> Row {
    let jpeg = None;
    Row {
        name,
        wanted: Wanted { encoding, jpeg },
        source,
        vnc_rs,
    }
}

const ROWS: [Row; 9] = [
    row("raw", Encoding::Raw, Source::Server, true),
    row("rre", Encoding::Rre, Source::Server, false),
    row("corre", Encoding::CoRre, Source::Ourselves, false),
    row("hextile", Encoding::Hextile, Source::Server, false),
    row("zlib", Encoding::Zlib, Source::Ourselves, false),
    row("trle", Encoding::Trle, Source::Ourselves, false),
    row("zrle", Encoding::Zrle, Source::Server, true),
    row("tight", Encoding::Tight, Source::Server, true),
    Row {
        wanted: Wanted {
            encoding: Encoding::Tight,
            jpeg: Some(8),
        },
        ..row("tight-jpeg", Encoding::Tight, Source::Server, false)
    },
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => report(|_, _| true),
        [name] => report(|scene, row| name == scene.name() || name == row.name),
        [scene_name, name] => report(|scene, row| scene_name == scene.name() && name == row.name),
        _ => bail!("usage: decoding [SCENE] [ENCODING]"),
    }
}

fn report(is_wanted: impl Fn(Scene, Row) -> bool) -> Result<()> {
    let libvncclient = Program::build()?;
    println!("| scene | encoding | bytes per pixel | guac-vnc | libvncclient | vnc-rs |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for scene in Scene::ALL {
        for row in ROWS {
            // A photograph has no parts of one colour: servers send it Raw instead.
            let is_absurd = scene == Scene::Photo && matches!(row.name, "rre" | "corre");
            if is_wanted(scene, row) && !is_absurd {
                let stream = match row.source {
                    Source::Server => record(scene, SIZE, row.wanted)?,
                    Source::Ourselves => encode(scene, SIZE, row.wanted.encoding),
                };
                let density = stream.bytes.len() as f64 / stream.pixels as f64;
                let rates = compare(&stream, row, &libvncclient)?;
                println!(
                    "| {} | {} | {density:.2} | {rates} |",
                    scene.name(),
                    row.name
                );
            }
        }
    }
    Ok(())
}

/// A decoder of streams.
type Decoder<'a> = Box<dyn Fn(u64) -> Result<Replay> + 'a>;

/// Lets the decoders take turns, and gives what they do in a second as cells of a table.
fn compare(stream: &Stream, row: Row, libvncclient: &Program) -> Result<String> {
    let mut decoders: Vec<Decoder<'_>> = vec![
        Box::new(|times| Ok(ours::replay(stream, times))),
        Box::new(|times| libvncclient.replay(stream, times)),
    ];
    if row.vnc_rs {
        decoders.push(Box::new(|times| vnc_rs::replay(stream, times)));
    }
    let times = rehearse(&decoders, row)?;
    let mut rates = vec![Vec::new(); decoders.len()];
    for _ in 0..ROUNDS {
        for ((decoder, times), rates) in decoders.iter().zip(&times).zip(&mut rates) {
            let seconds = decoder(*times)?.cpu.as_secs_f64();
            rates.push(stream.pixels as f64 * 4e-6 * *times as f64 / seconds);
        }
    }
    let ours = &rates[0];
    let mut cells = vec![format!("{:.0}", median(ours.clone()))];
    for theirs in &rates[1..] {
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs);
        let (rate, ratio) = (median(theirs.clone()), median(ratios.collect()));
        cells.push(format!("{rate:.0} ({ratio:.2})"));
    }
    cells.resize(3, "-".to_owned());
    Ok(cells.join(" | "))
}

/// Decodes once with each, to see that all show the same. Gives how often each has to for a round.
fn rehearse(decoders: &[Decoder<'_>], row: Row) -> Result<Vec<u64>> {
    let tolerance = row.wanted.jpeg.map_or(0, |_| JPEG_TOLERANCE);
    let mut first: Option<Vec<u32>> = None;
    let mut times = Vec::new();
    for decoder in decoders {
        let replay = decoder(1)?;
        times.push((ROUND / replay.cpu.as_secs_f64()).ceil() as u64);
        let first = first.get_or_insert_with(|| replay.picture.clone());
        let pixels = first.iter().zip(&replay.picture);
        let worst = pixels.map(|(a, b)| distance(*a, *b)).max();
        ensure!(
            first.len() == replay.picture.len() && worst <= Some(tolerance),
            "decoders of {} differ, by {worst:?} in one pixel",
            row.name
        );
    }
    Ok(times)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
