//! Pixels as they are on the wire, and their way into 0x00RRGGBB.

use crate::{ByteOrder, ColorDepth, input::Input};

/// The colours of a session whose pixels are indices, each 0x00RRGGBB.
pub(crate) type ColourMap = [u32; 256];

/// The pixel formats of a session: what was asked for, and what encodings make of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formats<'a> {
    /// PIXEL: as asked for.
    pub(crate) full: Format<'a>,
    /// CPIXEL of TRLE and ZRLE: without the byte that carries no colour.
    pub(crate) compact: Format<'a>,
    /// TPIXEL of Tight: the same, but red first.
    pub(crate) tight: Format<'a>,
}

impl<'a> Formats<'a> {
    pub(crate) const fn new(
        depth: ColorDepth,
        order: ByteOrder,
        swap: bool,
        map: &'a ColourMap,
    ) -> Self {
        let (full, compact, tight) = match (depth, order) {
            // Only pixels of four bytes are shortened.
            (ColorDepth::Bits24 | ColorDepth::Bits32, ByteOrder::Little) => {
                (Layout::Bgrx, Layout::Bgr, Layout::Rgb)
            }
            (ColorDepth::Bits24 | ColorDepth::Bits32, ByteOrder::Big) => {
                (Layout::Xrgb, Layout::Rgb, Layout::Rgb)
            }
            (ColorDepth::Bits16, order) => {
                let layout = Layout::Rgb565(order);
                (layout, layout, layout)
            }
            (ColorDepth::Bits15, order) => {
                let layout = Layout::Rgb555(order);
                (layout, layout, layout)
            }
            (ColorDepth::Bits8, _) => (Layout::Bgr233, Layout::Bgr233, Layout::Bgr233),
            (ColorDepth::Indexed8, _) => {
                let layout = Layout::Indexed(map);
                (layout, layout, layout)
            }
        };
        Self {
            full: Format { layout: full, swap },
            compact: Format {
                layout: compact,
                swap,
            },
            tight: Format {
                layout: tight,
                swap,
            },
        }
    }
}

/// One arrangement of a pixel's bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format<'a> {
    layout: Layout<'a>,
    swap: bool,
}

#[derive(Debug, Clone, Copy)]
enum Layout<'a> {
    /// Four bytes: blue, green, red, nothing.
    Bgrx,
    /// Four bytes: nothing, red, green, blue.
    Xrgb,
    /// Three bytes: blue, green, red.
    Bgr,
    /// Three bytes: red, green, blue.
    Rgb,
    /// Two bytes: five bits red, six green, five blue from the top.
    Rgb565(ByteOrder),
    /// Two bytes: a bit of nothing, five bits red, five green, five blue from the top.
    Rgb555(ByteOrder),
    /// One byte: two bits blue, three green, three red from the top.
    Bgr233,
    /// One byte: which colour of the map.
    Indexed(&'a ColourMap),
}

impl Format<'_> {
    /// Bytes of one pixel.
    pub(crate) const fn bytes(self) -> usize {
        match self.layout {
            Layout::Bgrx | Layout::Xrgb => 4,
            Layout::Bgr | Layout::Rgb => 3,
            Layout::Rgb565(_) | Layout::Rgb555(_) => 2,
            Layout::Bgr233 | Layout::Indexed(_) => 1,
        }
    }

    /// Red, green and blue in a byte each, exchanged if those of this format are.
    pub(crate) const fn rgb(self) -> Self {
        let layout = Layout::Rgb;
        Self { layout, ..self }
    }

    /// Takes one pixel.
    pub(crate) fn take(self, input: &mut Input<'_>) -> Option<u32> {
        let color = match self.layout {
            Layout::Bgrx => bgrx(input.array()?),
            Layout::Xrgb => xrgb(input.array()?),
            Layout::Bgr => bgr(input.array()?),
            Layout::Rgb => rgb(input.array()?),
            Layout::Rgb565(order) => rgb565(order.u16(input.array()?)),
            Layout::Rgb555(order) => rgb555(order.u16(input.array()?)),
            Layout::Bgr233 => bgr233(input.array()?),
            Layout::Indexed(map) => indexed(map, input.array()?),
        };
        Some(self.swapped(color))
    }

    /// Converts as many pixels as both sides have.
    pub(crate) fn convert(self, bytes: &[u8], out: &mut [u32]) {
        match self.layout {
            Layout::Bgrx => convert(bytes, out, bgrx),
            Layout::Xrgb => convert(bytes, out, xrgb),
            Layout::Bgr => convert_triples(bytes, out, bgrx, xbgr, bgr),
            Layout::Rgb => convert_triples(bytes, out, rgbx, xrgb, rgb),
            Layout::Rgb565(order) => convert(bytes, out, |pixel| rgb565(order.u16(pixel))),
            Layout::Rgb555(order) => convert(bytes, out, |pixel| rgb555(order.u16(pixel))),
            Layout::Bgr233 => convert(bytes, out, bgr233),
            Layout::Indexed(map) => convert(bytes, out, |pixel| indexed(map, pixel)),
        }
        if self.swap {
            for pixel in out {
                *pixel = swap_red_blue(*pixel);
            }
        }
    }

    /// The largest red, green and blue of a pixel; none if it is one byte, which is too little
    /// for arithmetic with its parts.
    pub(crate) const fn parts_max(self) -> Option<[u8; 3]> {
        match self.layout {
            Layout::Bgrx | Layout::Xrgb | Layout::Bgr | Layout::Rgb => Some([255, 255, 255]),
            Layout::Rgb565(_) => Some([31, 63, 31]),
            Layout::Rgb555(_) => Some([31, 31, 31]),
            Layout::Bgr233 | Layout::Indexed(_) => None,
        }
    }

    /// Takes one pixel's red, green and blue, each up to its [`Self::parts_max`].
    pub(crate) fn take_parts(self, input: &mut Input<'_>) -> Option<[u8; 3]> {
        let color = match self.layout {
            Layout::Bgrx => bgrx(input.array()?),
            Layout::Xrgb => xrgb(input.array()?),
            Layout::Bgr => bgr(input.array()?),
            Layout::Rgb => return input.array(),
            Layout::Rgb565(order) => {
                let [high, low] = order.u16(input.array()?).to_be_bytes();
                return Some([high >> 3, (high & 7) << 3 | low >> 5, low & 31]);
            }
            Layout::Rgb555(order) => {
                let [high, low] = order.u16(input.array()?).to_be_bytes();
                return Some([high >> 2 & 31, (high & 3) << 3 | low >> 5, low & 31]);
            }
            Layout::Bgr233 => bgr233(input.array()?),
            Layout::Indexed(map) => indexed(map, input.array()?),
        };
        let [_, parts @ ..] = color.to_be_bytes();
        Some(parts)
    }

    /// The colour of what [`Self::take_parts`] gives.
    pub(crate) fn color_of_parts(self, parts: [u8; 3]) -> u32 {
        let color = match self.layout {
            Layout::Rgb565(_) => parts565(parts.map(u32::from)),
            Layout::Rgb555(_) => parts555(parts.map(u32::from)),
            Layout::Bgrx
            | Layout::Xrgb
            | Layout::Bgr
            | Layout::Rgb
            | Layout::Bgr233
            | Layout::Indexed(_) => rgb(parts),
        };
        self.swapped(color)
    }

    /// A colour that did not come in this format, with red and blue exchanged if they have to be.
    pub(crate) const fn swapped(self, color: u32) -> u32 {
        if self.swap {
            swap_red_blue(color)
        } else {
            color
        }
    }
}

impl ByteOrder {
    const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

fn convert<const N: usize>(bytes: &[u8], out: &mut [u32], color: impl Fn([u8; N]) -> u32) {
    let (pixels, _) = bytes.as_chunks::<N>();
    for (out, pixel) in out.iter_mut().zip(pixels) {
        *out = color(*pixel);
    }
}

/// The same for pixels of three bytes, four at a time. Each is loaded as a word with a byte of its
/// neighbour, which comes after the pixel or, for the last of the four, before it.
fn convert_triples(
    bytes: &[u8],
    out: &mut [u32],
    after: impl Fn([u8; 4]) -> u32,
    before: impl Fn([u8; 4]) -> u32,
    one: impl Fn([u8; 3]) -> u32,
) {
    let (blocks, _) = bytes.as_chunks::<12>();
    let (fours, _) = out.as_chunks_mut::<4>();
    let count = blocks.len().min(fours.len());
    for (out, block) in fours.iter_mut().zip(blocks) {
        *out = [
            after(word(block, 0)),
            after(word(block, 3)),
            after(word(block, 6)),
            before(word(block, 8)),
        ];
    }
    let bytes_left = bytes.get(count * 12..).unwrap_or_default();
    let out_left = out.get_mut(count * 4..).unwrap_or_default();
    convert(bytes_left, out_left, one);
}

fn word(block: &[u8; 12], at: usize) -> [u8; 4] {
    let found = block.get(at..).and_then(|rest| rest.first_chunk());
    found.copied().unwrap_or_default()
}

fn bgrx(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) & 0x00ff_ffff
}

fn xrgb(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes) & 0x00ff_ffff
}

fn xbgr(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) >> 8
}

fn rgbx(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes) >> 8
}

fn bgr([b, g, r]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, r, g, b])
}

pub(crate) fn rgb([r, g, b]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, r, g, b])
}

fn rgb565(value: u16) -> u32 {
    let value = u32::from(value);
    parts565([value >> 11, (value >> 5) & 63, value & 31])
}

const fn parts565([r, g, b]: [u32; 3]) -> u32 {
    (spread(r, 31) << 16) | (spread(g, 63) << 8) | spread(b, 31)
}

fn rgb555(value: u16) -> u32 {
    let value = u32::from(value);
    parts555([(value >> 10) & 31, (value >> 5) & 31, value & 31])
}

const fn parts555([r, g, b]: [u32; 3]) -> u32 {
    (spread(r, 31) << 16) | (spread(g, 31) << 8) | spread(b, 31)
}

fn bgr233([byte]: [u8; 1]) -> u32 {
    let value = u32::from(byte);
    let (r, g, b) = (value & 7, (value >> 3) & 7, value >> 6);
    (spread(r, 7) << 16) | (spread(g, 7) << 8) | spread(b, 3)
}

fn indexed(map: &ColourMap, [index]: [u8; 1]) -> u32 {
    // There is a colour for each byte.
    map.get(usize::from(index)).copied().unwrap_or_default()
}

/// Spreads 0..=max over 0..=255, to the nearest.
const fn spread(value: u32, max: u32) -> u32 {
    (value * 255 + max / 2) / max
}

const fn swap_red_blue(color: u32) -> u32 {
    (color & 0xff00_ff00) | ((color & 0xff) << 16) | ((color >> 16) & 0xff)
}

/// The colours of a server that names none: those of [`ColorDepth::Bits8`], which is what servers
/// without colour maps of their own make of a client that wants one.
pub(crate) fn initial_map() -> ColourMap {
    std::array::from_fn(|index| bgr233([u8::try_from(index).unwrap_or(u8::MAX)]))
}

/// The sixteen bytes that ask a server for such pixels (RFC 6143, "Pixel Format Data Structure").
pub(crate) const fn description(depth: ColorDepth, order: ByteOrder) -> [u8; 16] {
    let be = match order {
        ByteOrder::Little => 0,
        ByteOrder::Big => 1,
    };
    match depth {
        ColorDepth::Indexed8 => [8, 8, be, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ColorDepth::Bits8 => [8, 8, be, 1, 0, 7, 0, 7, 0, 3, 0, 3, 6, 0, 0, 0],
        ColorDepth::Bits15 => [16, 15, be, 1, 0, 31, 0, 31, 0, 31, 10, 5, 0, 0, 0, 0],
        ColorDepth::Bits16 => [16, 16, be, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0],
        ColorDepth::Bits24 | ColorDepth::Bits32 => {
            [32, 24, be, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_gives_red_green_and_blue() {
        use ByteOrder::{Big, Little};
        use ColorDepth::{Bits8, Bits15, Bits16, Bits24, Indexed8};
        let mut map = [0; 256];
        map[200] = 0x12_3456;
        let all = |depth, order| Formats::new(depth, order, false, &map);
        let (little, big) = (all(Bits24, Little), all(Bits24, Big));
        let swapped = |depth| Formats::new(depth, Little, true, &map).full;
        let rows: [(Format<'_>, &[u8], u32); 20] = [
            (little.full, &[0x33, 0x22, 0x11, 0xff], 0x112233),
            (little.compact, &[0x33, 0x22, 0x11], 0x112233),
            (little.tight, &[0x11, 0x22, 0x33], 0x112233),
            (big.full, &[0xff, 0x11, 0x22, 0x33], 0x112233),
            (big.compact, &[0x11, 0x22, 0x33], 0x112233),
            (big.tight, &[0x11, 0x22, 0x33], 0x112233),
            (all(Bits16, Little).full, &[0x00, 0xf8], 0xff0000),
            (all(Bits16, Little).compact, &[0xe0, 0x07], 0x00ff00),
            (all(Bits16, Little).tight, &[0x1f, 0x00], 0x0000ff),
            (all(Bits16, Big).full, &[0xf8, 0x00], 0xff0000),
            (all(Bits16, Big).compact, &[0x07, 0xe0], 0x00ff00),
            (all(Bits16, Big).tight, &[0x00, 0x1f], 0x0000ff),
            (all(Bits15, Little).full, &[0x00, 0xfc], 0xff0000),
            (all(Bits15, Little).compact, &[0xe0, 0x03], 0x00ff00),
            (all(Bits15, Big).tight, &[0x80, 0x1f], 0x0000ff),
            (all(Bits8, Big).full, &[0b0000_0111], 0xff0000),
            (all(Bits8, Little).full, &[0b0011_1000], 0x00ff00),
            (swapped(Bits8), &[0b0000_0111], 0x0000ff),
            (all(Indexed8, Little).tight, &[200], 0x123456),
            (swapped(Indexed8), &[200], 0x563412),
        ];
        for (format, bytes, color) in rows {
            let mut row = [0; 2];
            format.convert(&[bytes, bytes].concat(), &mut row);
            assert_eq!(row, [color; 2], "{format:?}");
            let mut input = Input::new(bytes);
            assert_eq!(format.take(&mut input), Some(color), "{format:?}");
            let mut short = Input::new(&bytes[1..]);
            assert_eq!(format.take(&mut short), None, "{format:?}");
            assert_eq!(format.bytes(), bytes.len());
            let parts = format.take_parts(&mut Input::new(bytes)).unwrap();
            assert_eq!(format.color_of_parts(parts), color, "{format:?}");
        }
    }

    #[test]
    fn pixels_of_a_row_are_those_taken_one_by_one() {
        let map = initial_map();
        let bytes: Vec<u8> = (0..=255).collect();
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let formats = Formats::new(ColorDepth::Bits24, order, false, &map);
            for format in [formats.full, formats.compact, formats.tight] {
                for count in 0..20 {
                    let mut input = Input::new(&bytes);
                    let single: Vec<u32> = (0..count)
                        .map(|_| format.take(&mut input).unwrap())
                        .collect();
                    let mut row = vec![0; count];
                    format.convert(&bytes, &mut row);
                    assert_eq!(row, single, "{count} of {format:?}");
                    row.fill(0);
                    row.push(1);
                    format.convert(&bytes[..count * format.bytes()], &mut row);
                    assert_eq!(row[..count], single, "{count} of {format:?}");
                    assert_eq!(row[count], 1, "{count} of {format:?}");
                }
            }
        }
    }
}
