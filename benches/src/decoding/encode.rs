//! A server's side of a session for the encodings that no server at hand sends.
//!
//! Written for streams that are like a server's, not for speed: a TRLE tile takes the smallest of
//! the ways it can be sent, and pictures are sent whole.

use flate2::{Compress, Compression, FlushCompress};
use guac_vnc::Encoding;
use testkit::Picture;

use super::{Stream, scene::Scene};

/// Encodes a scene, from the banner on, in CoRRE, Zlib or TRLE.
#[must_use]
pub fn encode(scene: Scene, size: (u16, u16), encoding: Encoding) -> Stream {
    let mut bytes = greeting(size);
    let mut pixels = 0;
    let mut zlib = Compress::new(Compression::default(), true);
    for picture in scene.pictures(size.0.into(), size.1.into()) {
        // CoRRE has a byte for each coordinate, and servers take rectangles of this size.
        let side = match encoding {
            Encoding::CoRre => 48,
            _ => picture.width.max(picture.height),
        };
        let blocks = blocks(&picture, side);
        bytes.extend([0, 0]);
        bytes.extend(short(blocks.len()));
        for block in blocks {
            let place = [block.x, block.y, block.width, block.height()];
            bytes.extend(place.into_iter().flat_map(short));
            bytes.extend(encoding.number().to_be_bytes());
            bytes.extend(match encoding {
                Encoding::CoRre => co_rre(&block),
                Encoding::Zlib => deflated(&mut zlib, &raw(&block)),
                Encoding::Trle => trle(&block),
                other => panic!("{other:?} is left to real servers"),
            });
            pixels += block.pixels.len() as u64;
        }
    }
    Stream { bytes, pixels }
}

/// RFB 3.8 without a password, and a desktop of this size without a name.
fn greeting((width, height): (u16, u16)) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
    bytes.extend([0; 4]);
    bytes
}

/// A part of a picture.
struct Block {
    x: usize,
    y: usize,
    width: usize,
    pixels: Vec<u32>,
}

impl Block {
    fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// The colours in order of their first use, if there are at most so many.
    fn palette(&self, most: usize) -> Option<Vec<u32>> {
        let mut palette = Vec::new();
        for pixel in &self.pixels {
            if !palette.contains(pixel) {
                palette.push(*pixel);
                if most < palette.len() {
                    return None;
                }
            }
        }
        Some(palette)
    }
}

/// Cuts a picture into squares, row by row.
fn blocks(picture: &Picture, side: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    for y in (0..picture.height).step_by(side) {
        for x in (0..picture.width).step_by(side) {
            let width = side.min(picture.width - x);
            let rows = picture.pixels.chunks(picture.width).skip(y).take(side);
            let pixels = rows.flat_map(|row| row[x..x + width].iter().copied());
            blocks.push(Block {
                x,
                y,
                width,
                pixels: pixels.collect(),
            });
        }
    }
    blocks
}

fn raw(block: &Block) -> Vec<u8> {
    let pixels = block.pixels.iter();
    pixels.flat_map(|pixel| pixel.to_le_bytes()).collect()
}

fn deflated(stream: &mut Compress, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / 8 + 1024);
    stream
        .compress_vec(data, &mut out, FlushCompress::Sync)
        .expect("a stream goes on");
    let length = u32::try_from(out.len()).expect("a picture is not so large");
    [&length.to_be_bytes()[..], &out].concat()
}

/// A background, and each horizontal run of another colour.
fn co_rre(block: &Block) -> Vec<u8> {
    let background = block.pixels[0];
    let mut parts = Vec::new();
    let mut count = 0_u32;
    for (y, row) in block.pixels.chunks(block.width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] != background {
                parts.extend(run[0].to_le_bytes());
                parts.extend([x, y, run.len(), 1].map(byte));
                count += 1;
            }
            x += run.len();
        }
    }
    let head = [count.to_be_bytes(), background.to_le_bytes()].concat();
    [head, parts].concat()
}

fn trle(block: &Block) -> Vec<u8> {
    let picture = Picture {
        width: block.width,
        height: block.height(),
        pixels: block.pixels.clone(),
    };
    blocks(&picture, 16).iter().flat_map(tile).collect()
}

/// The shortest of the ways to send a tile.
fn tile(tile: &Block) -> Vec<u8> {
    let mut plain = vec![0];
    plain.extend(tile.pixels.iter().flat_map(|pixel| compact(*pixel)));
    let mut ways = vec![plain, runs(tile, None)];
    if let Some(palette) = tile.palette(127) {
        match palette[..] {
            [color] => return [&[1][..], &compact(color)].concat(),
            [_, .., _] if palette.len() <= 16 => ways.push(packed(tile, &palette)),
            _ => {}
        }
        ways.push(runs(tile, Some(&palette)));
    }
    ways.into_iter()
        .min_by_key(Vec::len)
        .expect("there are two")
}

fn packed(tile: &Block, palette: &[u32]) -> Vec<u8> {
    let bits = match palette.len() {
        2 => 1,
        3..=4 => 2,
        _ => 4,
    };
    let mut bytes = vec![byte(palette.len())];
    bytes.extend(palette.iter().flat_map(|color| compact(*color)));
    for row in tile.pixels.chunks(tile.width) {
        for part in row.chunks(8 / bits) {
            let places = part.iter().enumerate();
            let packed =
                places.map(|(place, color)| index(palette, *color) << (8 - bits * (place + 1)));
            bytes.push(byte(packed.sum()));
        }
    }
    bytes
}

/// Runs of colours, which are indices where there is a palette.
fn runs(tile: &Block, palette: Option<&[u32]>) -> Vec<u8> {
    let mut bytes = vec![128 + byte(palette.map_or(0, <[u32]>::len))];
    let colors = palette.unwrap_or_default().iter();
    bytes.extend(colors.flat_map(|color| compact(*color)));
    for run in tile.pixels.chunk_by(|a, b| a == b) {
        match palette {
            None => bytes.extend(compact(run[0])),
            Some(palette) if run.len() == 1 => bytes.push(byte(index(palette, run[0]))),
            Some(palette) => bytes.push(128 | byte(index(palette, run[0]))),
        }
        if palette.is_none() || 1 < run.len() {
            bytes.extend(vec![255; (run.len() - 1) / 255]);
            bytes.push(byte((run.len() - 1) % 255));
        }
    }
    bytes
}

fn index(palette: &[u32], color: u32) -> usize {
    let found = palette.iter().position(|known| *known == color);
    found.expect("the palette has all colours")
}

/// A colour in three bytes.
fn compact(color: u32) -> [u8; 3] {
    let [blue, green, red, _] = color.to_le_bytes();
    [blue, green, red]
}

fn short(value: usize) -> [u8; 2] {
    u16::try_from(value)
        .expect("a place on a screen")
        .to_be_bytes()
}

fn byte(value: usize) -> u8 {
    u8::try_from(value).expect("a place in a tile")
}
