//! Cuts seeds for the fuzz targets out of the golden streams.
//!
//! ```sh
//! cargo run -p testkit --example seeds -- crates/guac-vnc/tests/golden fuzz/corpus
//! ```
//!
//! A seed is what an oracle of one decoder takes: how pixels look, then places and data. Rectangles
//! of encodings whose zlib streams last belong together from the first on; of the others, the
//! smallest of each stream are taken one by one. TRLE, which no recorded server sends, has seeds
//! made by hand. Whole streams, as far as they are short, are seeds of the client.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use testkit::reference::{Area, Decoder, PixelFormat, Rectangle, Session};

/// Seeds that are longer would only slow the fuzzer down.
const SEED_MAX: usize = 2500;

/// Whole streams that are longer are not seeds.
const STREAM_MAX: usize = 5500;

/// Rectangles of one stream that become seeds of their own.
const EACH_MAX: usize = 3;

/// What a target's oracle knows of places: the size of its framebuffer.
const SIZE: (usize, usize) = (160, 128);

/// The targets, and the encodings that they decode.
const TARGETS: [(&str, i32, Cut); 10] = [
    ("decode_raw", 0, Cut::Each),
    ("decode_rre", 2, Cut::Each),
    ("decode_corre", 4, Cut::Each),
    ("decode_hextile", 5, Cut::Each),
    ("decode_zlib", 6, Cut::Together),
    ("decode_tight", 7, Cut::Together),
    ("decode_zrle", 16, Cut::Together),
    ("decode_cursor", -239, Cut::Cursor(0)),
    ("decode_cursor", -240, Cut::Cursor(1)),
    ("decode_cursor", -314, Cut::Cursor(2)),
];

/// How seeds are cut.
#[derive(Clone, Copy)]
enum Cut {
    Each,
    Together,
    /// The number of the cursor's kind.
    Cursor(u8),
}

/// One rectangle and its data.
struct Piece {
    encoding: i32,
    area: Area,
    data: Vec<u8>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let golden = arguments.next().context("where are the golden streams?")?;
    let corpus = arguments.next().context("where to?")?;
    for file in fs::read_dir(golden)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "rfb") {
            let name = path.file_stem().and_then(|name| name.to_str());
            let name = name.context("names are plain")?;
            cut(name, &fs::read(&path)?, Path::new(&corpus)).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}

fn cut(name: &str, stream: &[u8], corpus: &Path) -> Result<()> {
    let (look, format) = look(name)?;
    let pieces = pieces(stream, format)?;
    // What the client's oracle refuses is no seed: the screen of a whole machine.
    if stream.len() < STREAM_MAX && !name.starts_with("qemu") {
        // From the banner on, with the format in the upper bits.
        let seed = [&[look << 3], stream].concat();
        fs::write(corpus.join("rfb_client").join(name), seed)?;
    }
    for (target, encoding, cut) in TARGETS {
        let chosen = pieces.iter().filter(|piece| {
            piece.encoding == encoding && (encoding < 0 || piece.area.fits(SIZE.0, SIZE.1))
        });
        let seeds = match cut {
            Cut::Each => each(chosen, look),
            Cut::Together => vec![together(chosen, look)],
            Cut::Cursor(kind) => vec![cursors(chosen, kind, look)],
        };
        for (index, seed) in seeds.iter().enumerate().filter(|(_, seed)| 1 < seed.len()) {
            let folder = corpus.join(target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{name}-{index}")), seed)?;
        }
    }
    Ok(())
}

/// How an oracle is told of a format, and the format.
fn look(name: &str) -> Result<(u8, PixelFormat)> {
    let rgb = |bits, depth, big, [r, g, b]: [u8; 3], [x, y, z]: [u8; 3]| {
        PixelFormat::parse([bits, depth, big, 1, 0, r, 0, g, 0, b, x, y, z, 0, 0, 0])
    };
    let (_, format) = name
        .rsplit_once('-')
        .context("a name ends with the format")?;
    let big = u8::from(format.ends_with("be"));
    Ok(match format.trim_end_matches("be") {
        "24" => (big, rgb(32, 24, big, [255; 3], [16, 8, 0])),
        "16" => (2 | big, rgb(16, 16, big, [31, 63, 31], [11, 5, 0])),
        "15" => (4 | big, rgb(16, 15, big, [31; 3], [10, 5, 0])),
        "8map" => (
            6,
            PixelFormat::parse([8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
        "8" => (7, rgb(8, 8, 0, [7, 7, 3], [0, 3, 6])),
        other => anyhow::bail!("the format {other} is not known"),
    })
}

fn pieces(stream: &[u8], format: PixelFormat) -> Result<Vec<Piece>> {
    let types = usize::from(stream[12]);
    let init = 12 + 1 + types + 4;
    let size = |at: usize| usize::from(u16::from_be_bytes([stream[at], stream[at + 1]]));
    let name = u32::from_be_bytes(stream[init + 20..init + 24].try_into()?);
    let mut session = Session::new(Decoder::new(format, size(init), size(init + 2)));
    let (mut at, mut pieces) = (init + 24 + name as usize, Vec::new());
    while at < stream.len() {
        let (message, updates) = (&stream[at..], session.updates);
        let length = session.message(message);
        let length = length.map_err(|stop| anyhow::anyhow!("at {at}: {stop:?}"))?;
        if updates < session.updates {
            let piece = |rectangle: &Rectangle| Piece {
                encoding: rectangle.encoding,
                area: rectangle.area,
                data: message[rectangle.data.clone()].to_vec(),
            };
            pieces.extend(session.rectangles.iter().map(piece));
        }
        at += length;
    }
    ensure!(!pieces.is_empty(), "a stream has rectangles");
    Ok(pieces)
}

fn place(area: Area) -> [u8; 4] {
    [area.x, area.y, area.width, area.height].map(|side| side as u8)
}

/// The smallest, each for itself.
fn each<'a>(pieces: impl Iterator<Item = &'a Piece>, look: u8) -> Vec<Vec<u8>> {
    let seed = |piece: &Piece| [&[look][..], &place(piece.area), &piece.data].concat();
    let mut seeds: Vec<_> = pieces
        .map(seed)
        .filter(|seed| seed.len() < SEED_MAX)
        .collect();
    seeds.sort_by_key(Vec::len);
    seeds.dedup();
    seeds.truncate(EACH_MAX);
    seeds
}

/// As many as there is room for, in their order.
fn together<'a>(pieces: impl Iterator<Item = &'a Piece>, look: u8) -> Vec<u8> {
    let mut seed = vec![look];
    for piece in pieces {
        if SEED_MAX < seed.len() + piece.data.len() {
            break;
        }
        seed.extend(place(piece.area));
        seed.extend(&piece.data);
    }
    seed
}

/// All shapes in their order.
fn cursors<'a>(pieces: impl Iterator<Item = &'a Piece>, kind: u8, look: u8) -> Vec<u8> {
    let mut seed = vec![look];
    for piece in pieces {
        seed.extend([kind, piece.area.width as u8, piece.area.height as u8]);
        seed.extend(&piece.data);
    }
    seed
}
