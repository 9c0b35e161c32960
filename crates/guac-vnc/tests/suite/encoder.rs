//! A second opinion: a simple server-side encoder for each encoding, written from the
//! specifications and used for nothing but comparing.

use flate2::{Compress, Compression, FlushCompress};
use guac_vnc::{Encoding, Rect};

/// The pixels of one rectangle, row by row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<'a> {
    pub(crate) pixels: &'a [u32],
    pub(crate) width: usize,
}

impl Block<'_> {
    fn height(&self) -> usize {
        self.pixels.len().checked_div(self.width).unwrap_or(0)
    }

    /// Runs `each` on every tile of this side, from the left and from the top.
    fn tiles(&self, side: usize, mut each: impl FnMut(Block<'_>)) {
        for top in (0..self.height()).step_by(side) {
            for left in (0..self.width).step_by(side) {
                let right = self.width.min(left + side);
                let rows = self.pixels.chunks(self.width).skip(top).take(side);
                let pixels: Vec<u32> = rows.flat_map(|row| row[left..right].to_vec()).collect();
                each(Block {
                    pixels: &pixels,
                    width: right - left,
                });
            }
        }
    }

    /// The colours in order of their first use.
    fn palette(&self) -> Vec<u32> {
        let mut palette = Vec::new();
        for pixel in self.pixels {
            if !palette.contains(pixel) {
                palette.push(*pixel);
            }
        }
        palette
    }

    /// Horizontal runs: place, length, colour.
    fn row_runs(&self) -> Vec<(usize, usize, usize, u32)> {
        let mut runs: Vec<(usize, usize, usize, u32)> = Vec::new();
        for (index, pixel) in self.pixels.iter().enumerate() {
            let (x, y) = (index % self.width, index / self.width);
            match runs.last_mut() {
                Some((_, row, length, color)) if *row == y && color == pixel => *length += 1,
                _ => runs.push((x, y, 1, *pixel)),
            }
        }
        runs
    }
}

fn bgrx(color: u32) -> [u8; 4] {
    color.to_le_bytes()
}

fn bgr(color: u32) -> [u8; 3] {
    let [b, g, r, _] = color.to_le_bytes();
    [b, g, r]
}

fn rgb(color: u32) -> [u8; 3] {
    let [_, r, g, b] = color.to_be_bytes();
    [r, g, b]
}

fn byte(value: usize) -> u8 {
    u8::try_from(value).unwrap()
}

/// A server's encoder, with the streams that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    zlib: Stream,
    zrle: Stream,
    tight: [Stream; 4],
}

impl Encoder {
    /// Encodes a rectangle; `variant` chooses among the ways that an encoding has.
    pub(crate) fn encode(&mut self, encoding: Encoding, block: Block<'_>, variant: u8) -> Vec<u8> {
        match encoding {
            Encoding::Rre | Encoding::CoRre => rre(block, encoding == Encoding::CoRre),
            Encoding::Hextile => hextile(block, variant),
            Encoding::Zlib => announced(&self.zlib.deflate(&raw(block))),
            Encoding::Trle => tiles(block, 16, variant),
            Encoding::Zrle => announced(&self.zrle.deflate(&tiles(block, 64, variant))),
            Encoding::Tight => self.tight(block, variant),
            _ => raw(block),
        }
    }

    fn tight(&mut self, block: Block<'_>, variant: u8) -> Vec<u8> {
        let palette = block.palette();
        if palette.len() == 1 && variant & 1 == 0 {
            return [&[0x80][..], &rgb(palette[0])].concat();
        }
        let index = usize::from(variant >> 2 & 3);
        let mut control = byte(index << 4);
        if variant & 0x10 != 0 {
            self.tight[index] = Stream::default();
            control |= 1 << index;
        }
        let mut head = vec![control];
        let data = match variant & 3 {
            0..=1 if (1..=256).contains(&palette.len()) => {
                head = vec![control | 0x40, 1, byte(palette.len() - 1)];
                head.extend(palette.iter().flat_map(|color| rgb(*color)));
                indices(block, &palette)
            }
            2 => {
                head = vec![control | 0x40, 2];
                gradient(block)
            }
            _ => block.pixels.iter().flat_map(|color| rgb(*color)).collect(),
        };
        if data.len() < 12 {
            return [head, data].concat();
        }
        let data = self.tight[index].deflate(&data);
        let length = data.len();
        match length {
            ..=0x7f => head.push(byte(length)),
            0x80..=0x3fff => head.extend([byte(length & 0x7f | 0x80), byte(length >> 7)]),
            _ => head.extend([
                byte(length & 0x7f | 0x80),
                byte(length >> 7 & 0x7f | 0x80),
                byte(length >> 14),
            ]),
        }
        [head, data].concat()
    }
}

/// One zlib stream, flushed after each piece.
#[derive(Debug)]
struct Stream(Compress);

impl Default for Stream {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Stream {
    fn deflate(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len() + 1000);
        self.0
            .compress_vec(data, &mut out, FlushCompress::Sync)
            .unwrap();
        assert!(out.len() < out.capacity());
        out
    }
}

fn announced(data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_be_bytes(), data].concat()
}

fn raw(block: Block<'_>) -> Vec<u8> {
    block.pixels.iter().flat_map(|color| bgrx(*color)).collect()
}

fn rre(block: Block<'_>, small: bool) -> Vec<u8> {
    let background = block.pixels.first().copied().unwrap_or(0);
    let mut runs = block.row_runs();
    runs.retain(|(.., color)| *color != background);
    let mut data = u32::try_from(runs.len()).unwrap().to_be_bytes().to_vec();
    data.extend(bgrx(background));
    for (x, y, length, color) in runs {
        data.extend(bgrx(color));
        for value in [x, y, length, 1] {
            if small {
                data.push(byte(value));
            } else {
                data.extend(u16::try_from(value).unwrap().to_be_bytes());
            }
        }
    }
    data
}

fn hextile(block: Block<'_>, variant: u8) -> Vec<u8> {
    let mut data = Vec::new();
    block.tiles(16, |tile| {
        let background = tile.pixels[0];
        let mut runs = tile.row_runs();
        runs.retain(|(.., color)| *color != background);
        if variant & 1 == 0 || 255 < runs.len() {
            data.push(1);
            data.extend(raw(tile));
            return;
        }
        let one_color = runs.iter().all(|run| run.3 == runs[0].3);
        data.push(if one_color { 2 | 4 | 8 } else { 2 | 8 | 16 });
        data.extend(bgrx(background));
        if one_color {
            data.extend(bgrx(runs.first().map_or(0, |run| run.3)));
        }
        data.push(byte(runs.len()));
        for (x, y, length, color) in runs {
            if !one_color {
                data.extend(bgrx(color));
            }
            data.extend([byte(x << 4 | y), byte((length - 1) << 4)]);
        }
    });
    data
}

fn tiles(block: Block<'_>, side: usize, variant: u8) -> Vec<u8> {
    let mut data = Vec::new();
    block.tiles(side, |tile| {
        let palette = tile.palette();
        let index = |color: &u32| palette.iter().position(|known| known == color).unwrap();
        match (variant % 4, palette.len()) {
            (_, 1) => {
                data.push(1);
                data.extend(bgr(palette[0]));
            }
            (1, 2..=16) => {
                data.push(byte(palette.len()));
                data.extend(palette.iter().flat_map(|color| bgr(*color)));
                let bits = match palette.len() {
                    2 => 1,
                    3..=4 => 2,
                    _ => 4,
                };
                for row in tile.pixels.chunks(tile.width) {
                    for part in row.chunks(8 / bits) {
                        let packed = part
                            .iter()
                            .enumerate()
                            .map(|(place, color)| index(color) << (8 - bits * (place + 1)));
                        data.push(byte(packed.sum()));
                    }
                }
            }
            (2, 2..=127) => {
                data.push(byte(128 + palette.len()));
                data.extend(palette.iter().flat_map(|color| bgr(*color)));
                for run in tile.pixels.chunk_by(|a, b| a == b) {
                    match run.len() {
                        1 => data.push(byte(index(&run[0]))),
                        length => {
                            data.push(byte(index(&run[0]) | 0x80));
                            data.extend(run_length(length));
                        }
                    }
                }
            }
            (3, _) => {
                data.push(128);
                for run in tile.pixels.chunk_by(|a, b| a == b) {
                    data.extend(bgr(run[0]));
                    data.extend(run_length(run.len()));
                }
            }
            _ => {
                data.push(0);
                data.extend(tile.pixels.iter().flat_map(|color| bgr(*color)));
            }
        }
    });
    data
}

fn run_length(length: usize) -> Vec<u8> {
    let mut bytes = vec![255; (length - 1) / 255];
    bytes.push(byte((length - 1) % 255));
    bytes
}

fn indices(block: Block<'_>, palette: &[u32]) -> Vec<u8> {
    let index = |color: &u32| palette.iter().position(|known| known == color).unwrap();
    let rows = block.pixels.chunks(block.width);
    if 2 < palette.len() {
        return rows.flatten().map(|color| byte(index(color))).collect();
    }
    let pack = |part: &[u32]| {
        byte(
            part.iter()
                .enumerate()
                .map(|(place, color)| index(color) << (7 - place))
                .sum(),
        )
    };
    rows.flat_map(|row| row.chunks(8).map(pack).collect::<Vec<u8>>())
        .collect()
}

fn gradient(block: Block<'_>) -> Vec<u8> {
    let at = |x: Option<usize>, y: Option<usize>| match (x, y) {
        (Some(x), Some(y)) => rgb(block.pixels[y * block.width + x]),
        _ => [0; 3],
    };
    let mut data = Vec::new();
    for y in 0..block.height() {
        for x in 0..block.width {
            let (left, above) = (x.checked_sub(1), y.checked_sub(1));
            let color = at(Some(x), Some(y));
            for (part, value) in color.into_iter().enumerate() {
                let [left, above, corner] =
                    [at(left, Some(y)), at(Some(x), above), at(left, above)]
                        .map(|color| i32::from(color[part]));
                let guess = u8::try_from((left + above - corner).clamp(0, 255)).unwrap();
                data.push(value.wrapping_sub(guess));
            }
        }
    }
    data
}

/// Copies the pixels of a rectangle out of a picture.
pub(crate) fn cut(picture: &[u32], stride: usize, rect: Rect) -> Vec<u32> {
    let (x, width) = (usize::from(rect.x), usize::from(rect.width));
    let rows = picture
        .chunks(stride)
        .skip(rect.y.into())
        .take(rect.height.into());
    rows.flat_map(|row| row[x..x + width].to_vec()).collect()
}

/// Puts pixels into a rectangle of a picture.
pub(crate) fn paste(picture: &mut [u32], stride: usize, rect: Rect, pixels: &[u32]) {
    let (x, width) = (usize::from(rect.x), usize::from(rect.width));
    let rows = picture.chunks_mut(stride).skip(rect.y.into());
    for (row, pixels) in rows.zip(pixels.chunks(width.max(1))) {
        row[x..x + width].copy_from_slice(pixels);
    }
}
