//! The PNG container: signature, header, palette, one data chunk, end.

use crate::deflate::Deflate;
use crate::palette::{Palette, pack};
use crate::view::View;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Scanlines are handed to the compressor in blocks of about this many bytes, which stay in the
/// processor's cache.
const BLOCK_BYTES: usize = 32 * 1024;
/// A row as it is: what text and windows compress best from.
const NO_FILTER: u8 = 0;
/// A row as its difference from the row above: what leaves little of a photograph.
const FILTER_UP: u8 = 2;

/// How a pixel is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum ColourType {
    Rgb = 2,
    Indexed = 3,
    Rgba = 6,
}

/// Appends a file of at most 256 colours, which `palette` has taken in.
pub(crate) fn indexed(
    view: &View<'_>,
    palette: &Palette,
    deflate: &mut Deflate,
    block: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    let depth = palette.depth();
    begin(view, depth, ColourType::Indexed, out);
    chunk(out, b"PLTE", |out| {
        for colour in palette.colours() {
            let [_, red, green, blue] = colour.to_be_bytes();
            out.extend_from_slice(&[red, green, blue]);
        }
    });
    data(
        palette.rows(view.width()),
        deflate,
        block,
        out,
        |row, block| {
            pack(row, depth, block);
        },
    );
    chunk(out, b"IEND", |_| ());
}

/// Appends a file of any colours, opaque.
pub(crate) fn rgb(view: &View<'_>, deflate: &mut Deflate, block: &mut Vec<u8>, out: &mut Vec<u8>) {
    begin(view, 8, ColourType::Rgb, out);
    data(view.rows(), deflate, block, out, |row, block| {
        rgb_bytes(row.iter().copied(), block);
    });
    chunk(out, b"IEND", |_| ());
}

/// Appends a file that looks like a photograph, opaque. Matches are hardly found there: to look
/// for none, and to filter, takes an eighth of the time and 58 % of the bytes (1920x1080 page).
#[expect(
    clippy::expect_used,
    reason = "the compressor fails only as its output does, and memory does not"
)]
pub(crate) fn photograph(view: &View<'_>, block: &mut Vec<u8>, out: &mut Vec<u8>) {
    begin(view, 8, ColourType::Rgb, out);
    chunk(out, b"IDAT", |out| {
        let mut compressor = fdeflate::Compressor::new(out).expect("memory");
        let above = std::iter::once(None).chain(view.rows().map(Some));
        let rows = view.rows().zip(above);
        let scanline = |(row, above): (&[u32], Option<&[u32]>), block: &mut Vec<u8>| match above {
            None => rgb_bytes(row.iter().copied(), block),
            Some(above) => rgb_bytes(row.iter().zip(above).map(difference), block),
        };
        blocks(rows, FILTER_UP, block, scanline, |block| {
            compressor.write_data(block).expect("memory");
        });
        compressor.finish().expect("memory");
    });
    chunk(out, b"IEND", |_| ());
}

/// The difference of each byte of two pixels, without borrowing from its neighbour.
fn difference((pixel, above): (&u32, &u32)) -> u32 {
    const HIGH: u32 = 0x8080_8080;
    ((pixel | HIGH) - (above & !HIGH)) ^ ((pixel ^ !above) & HIGH)
}

fn rgb_bytes(pixels: impl ExactSizeIterator<Item = u32>, block: &mut Vec<u8>) {
    let start = block.len();
    block.resize(start + pixels.len() * 3, 0);
    let bytes = block.get_mut(start..).unwrap_or_default();
    for (pixel, bytes) in pixels.zip(bytes.chunks_exact_mut(3)) {
        let [_, red, green, blue] = pixel.to_be_bytes();
        bytes.copy_from_slice(&[red, green, blue]);
    }
}

/// Appends a file of any colours with alpha.
pub(crate) fn rgba(view: &View<'_>, deflate: &mut Deflate, block: &mut Vec<u8>, out: &mut Vec<u8>) {
    begin(view, 8, ColourType::Rgba, out);
    data(view.rows(), deflate, block, out, |row, block| {
        for pixel in row {
            block.extend_from_slice(&pixel.rotate_left(8).to_be_bytes());
        }
    });
    chunk(out, b"IEND", |_| ());
}

fn begin(view: &View<'_>, depth: u8, colour_type: ColourType, out: &mut Vec<u8>) {
    out.extend_from_slice(&SIGNATURE);
    chunk(out, b"IHDR", |out| {
        out.extend_from_slice(&saturated(view.width()).to_be_bytes());
        out.extend_from_slice(&saturated(view.height()).to_be_bytes());
        // Compression, filter method and interlacing are zero in every file of ours.
        out.extend_from_slice(&[depth, colour_type as u8, 0, 0, 0]);
    });
}

/// The data chunk: a filter byte and `scanline`'s bytes for each row, compressed.
fn data<R>(
    rows: impl Iterator<Item = R>,
    deflate: &mut Deflate,
    block: &mut Vec<u8>,
    out: &mut Vec<u8>,
    scanline: impl FnMut(R, &mut Vec<u8>),
) {
    chunk(out, b"IDAT", |out| {
        deflate.begin();
        blocks(rows, NO_FILTER, block, scanline, |block| {
            deflate.write(block, out);
        });
        deflate.finish(out);
    });
}

/// Makes the scanlines of `rows`, and hands them on some at a time.
fn blocks<R>(
    rows: impl Iterator<Item = R>,
    filter: u8,
    block: &mut Vec<u8>,
    mut scanline: impl FnMut(R, &mut Vec<u8>),
    mut hand_on: impl FnMut(&[u8]),
) {
    block.clear();
    for row in rows {
        block.push(filter);
        scanline(row, block);
        if BLOCK_BYTES <= block.len() {
            hand_on(block);
            block.clear();
        }
    }
    hand_on(block);
}

/// One chunk with the bytes that `body` appends, its length put in and its checksum added.
fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(kind);
    body(out);
    let (_, written) = out.split_at_mut(start);
    let mut checksum = crc32fast::Hasher::new();
    if let Some((length, checked)) = written.split_first_chunk_mut::<4>() {
        *length = saturated(checked.len() - kind.len()).to_be_bytes();
        checksum.update(checked);
    }
    out.extend_from_slice(&checksum.finalize().to_be_bytes());
}

/// A size as PNG stores it; a view's sides and its compressed bytes are far below the limit.
fn saturated(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
