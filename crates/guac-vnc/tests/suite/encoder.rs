//! A second opinion: a simple server-side encoder for each encoding, written from the
//! specifications and used for nothing but comparing.

use flate2::{Compress, Compression, FlushCompress};
use guac_vnc::{ByteOrder, ColorDepth, Encoding, Rect};

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

/// How a server was asked to send pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire {
    pub(crate) depth: ColorDepth,
    pub(crate) order: ByteOrder,
}

/// The colours of [`ColorDepth::Indexed8`] here: every one another.
pub(crate) fn map_color(index: u8) -> u32 {
    u32::from(index) << 16 | u32::from(index.rotate_left(3)) << 8 | u32::from(!index)
}

impl Wire {
    /// The bits of red, green and blue.
    const fn bits(self) -> [u32; 3] {
        match self.depth {
            ColorDepth::Bits8 | ColorDepth::Indexed8 => [3, 3, 2],
            ColorDepth::Bits15 => [5, 5, 5],
            ColorDepth::Bits16 => [5, 6, 5],
            ColorDepth::Bits24 | ColorDepth::Bits32 => [8, 8, 8],
        }
    }

    fn is_one_byte(self) -> bool {
        matches!(self.depth, ColorDepth::Bits8 | ColorDepth::Indexed8)
    }

    /// A colour that this format has, made of any.
    pub(crate) fn color(self, any: u32) -> u32 {
        if self.depth == ColorDepth::Indexed8 {
            return map_color(any.to_be_bytes()[1]);
        }
        let bits = self.bits();
        let [r, g, b] = self.parts(any);
        // To the nearest of 256 steps.
        let spread = |part: u32, bits: u32| {
            let max = (1 << bits) - 1;
            (2 * part * 255 + max) / (2 * max)
        };
        spread(r, bits[0]) << 16 | spread(g, bits[1]) << 8 | spread(b, bits[2])
    }

    /// Red, green and blue in the range that they have on the wire.
    fn parts(self, color: u32) -> [u32; 3] {
        let [_, r, g, b] = color.to_be_bytes();
        let [r_bits, g_bits, b_bits] = self.bits();
        let high = |part: u8, bits| u32::from(part) >> (8 - bits);
        [high(r, r_bits), high(g, g_bits), high(b, b_bits)]
    }

    fn of_parts(self, [r, g, b]: [u32; 3]) -> Vec<u8> {
        let two = |value: u32| u16::try_from(value).unwrap().to_le_bytes().to_vec();
        let little = match self.depth {
            ColorDepth::Bits8 | ColorDepth::Indexed8 => vec![byte((b << 6 | g << 3 | r) as usize)],
            ColorDepth::Bits15 => two(r << 10 | g << 5 | b),
            ColorDepth::Bits16 => two(r << 11 | g << 5 | b),
            ColorDepth::Bits24 | ColorDepth::Bits32 => {
                (r << 16 | g << 8 | b).to_le_bytes().to_vec()
            }
        };
        match self.order {
            ByteOrder::Little => little,
            ByteOrder::Big => little.into_iter().rev().collect(),
        }
    }

    /// A whole pixel.
    fn pixel(self, color: u32) -> Vec<u8> {
        if self.depth == ColorDepth::Indexed8 {
            return vec![(0..=255).find(|index| map_color(*index) == color).unwrap()];
        }
        self.of_parts(self.parts(color))
    }

    /// Without the byte of nothing.
    fn compact(self, color: u32) -> Vec<u8> {
        let mut pixel = self.pixel(color);
        if pixel.len() == 4 {
            pixel.remove(match self.order {
                ByteOrder::Little => 3,
                ByteOrder::Big => 0,
            });
        }
        pixel
    }

    /// Red first.
    fn tight(self, color: u32) -> Vec<u8> {
        match self.pixel(color).len() {
            4 => color.to_be_bytes()[1..].to_vec(),
            _ => self.pixel(color),
        }
    }
}

fn byte(value: usize) -> u8 {
    u8::try_from(value).unwrap()
}

/// A server's encoder, with the streams that it keeps.
#[derive(Debug)]
pub(crate) struct Encoder {
    wire: Wire,
    zlib: Stream,
    zrle: Stream,
    tight: [Stream; 4],
}

impl Encoder {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            zlib: Stream::default(),
            zrle: Stream::default(),
            tight: Default::default(),
        }
    }

    /// Encodes a rectangle; `variant` chooses among the ways that an encoding has.
    pub(crate) fn encode(&mut self, encoding: Encoding, block: Block<'_>, variant: u8) -> Vec<u8> {
        let wire = self.wire;
        match encoding {
            Encoding::Rre | Encoding::CoRre => rre(wire, block, encoding == Encoding::CoRre),
            Encoding::Hextile => hextile(wire, block, variant),
            Encoding::Zlib => announced(&self.zlib.deflate(&raw(wire, block))),
            Encoding::Trle => tiles(wire, block, 16, variant),
            Encoding::Zrle => announced(&self.zrle.deflate(&tiles(wire, block, 64, variant))),
            Encoding::Tight => self.tight(block, variant),
            _ => raw(wire, block),
        }
    }

    fn tight(&mut self, block: Block<'_>, variant: u8) -> Vec<u8> {
        let wire = self.wire;
        let palette = block.palette();
        if palette.len() == 1 && variant & 1 == 0 {
            return [&[0x80][..], &wire.tight(palette[0])].concat();
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
                head.extend(palette.iter().flat_map(|color| wire.tight(*color)));
                indices(block, &palette)
            }
            2 if !wire.is_one_byte() => {
                head = vec![control | 0x40, 2];
                gradient(wire, block)
            }
            _ => block
                .pixels
                .iter()
                .flat_map(|color| wire.tight(*color))
                .collect(),
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

fn raw(wire: Wire, block: Block<'_>) -> Vec<u8> {
    block
        .pixels
        .iter()
        .flat_map(|color| wire.pixel(*color))
        .collect()
}

fn rre(wire: Wire, block: Block<'_>, small: bool) -> Vec<u8> {
    let background = block.pixels.first().copied().unwrap_or(0);
    let mut runs = block.row_runs();
    runs.retain(|(.., color)| *color != background);
    let mut data = u32::try_from(runs.len()).unwrap().to_be_bytes().to_vec();
    data.extend(wire.pixel(background));
    for (x, y, length, color) in runs {
        data.extend(wire.pixel(color));
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

fn hextile(wire: Wire, block: Block<'_>, variant: u8) -> Vec<u8> {
    let mut data = Vec::new();
    block.tiles(16, |tile| {
        let background = tile.pixels[0];
        let mut runs = tile.row_runs();
        runs.retain(|(.., color)| *color != background);
        if variant & 1 == 0 || 255 < runs.len() {
            data.push(1);
            data.extend(raw(wire, tile));
            return;
        }
        let one_color = runs.iter().all(|run| run.3 == runs[0].3);
        data.push(if one_color { 2 | 4 | 8 } else { 2 | 8 | 16 });
        data.extend(wire.pixel(background));
        if one_color {
            data.extend(wire.pixel(runs.first().map_or(background, |run| run.3)));
        }
        data.push(byte(runs.len()));
        for (x, y, length, color) in runs {
            if !one_color {
                data.extend(wire.pixel(color));
            }
            data.extend([byte(x << 4 | y), byte((length - 1) << 4)]);
        }
    });
    data
}

fn tiles(wire: Wire, block: Block<'_>, side: usize, variant: u8) -> Vec<u8> {
    let mut data = Vec::new();
    block.tiles(side, |tile| {
        let palette = tile.palette();
        let index = |color: &u32| palette.iter().position(|known| known == color).unwrap();
        match (variant % 4, palette.len()) {
            (_, 1) => {
                data.push(1);
                data.extend(wire.compact(palette[0]));
            }
            (1, 2..=16) => {
                data.push(byte(palette.len()));
                data.extend(palette.iter().flat_map(|color| wire.compact(*color)));
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
                data.extend(palette.iter().flat_map(|color| wire.compact(*color)));
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
                    data.extend(wire.compact(run[0]));
                    data.extend(run_length(run.len()));
                }
            }
            _ => {
                data.push(0);
                data.extend(tile.pixels.iter().flat_map(|color| wire.compact(*color)));
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

fn gradient(wire: Wire, block: Block<'_>) -> Vec<u8> {
    let at = |x: Option<usize>, y: Option<usize>| match (x, y) {
        (Some(x), Some(y)) => wire.parts(block.pixels[y * block.width + x]),
        _ => [0; 3],
    };
    let mut data = Vec::new();
    for y in 0..block.height() {
        for x in 0..block.width {
            let (left, above) = (x.checked_sub(1), y.checked_sub(1));
            let corner = at(left, above);
            let (left, above) = (at(left, Some(y)), at(Some(x), above));
            let mut parts = at(Some(x), Some(y));
            for (part, value) in parts.iter_mut().enumerate() {
                let max = (1 << wire.bits()[part]) - 1;
                let guess = (left[part] + above[part]).saturating_sub(corner[part]);
                *value = value.wrapping_sub(guess.min(max)) & max;
            }
            match wire.depth {
                ColorDepth::Bits24 | ColorDepth::Bits32 => {
                    data.extend(parts.map(|part| byte(part as usize)));
                }
                _ => data.extend(wire.of_parts(parts)),
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
