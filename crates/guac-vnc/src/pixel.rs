//! Pixels as they are on the wire, and their way into 0x00RRGGBB.

use crate::{ColorDepth, input::Input};

/// The pixel formats of a session: what was asked for, and what encodings make of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formats {
    /// PIXEL: as asked for.
    pub(crate) full: Format,
    /// CPIXEL of TRLE and ZRLE: without the byte that carries no colour.
    pub(crate) compact: Format,
    /// TPIXEL of Tight: the same, but red first.
    pub(crate) tight: Format,
}

impl Formats {
    pub(crate) const fn new(depth: ColorDepth, swap: bool) -> Self {
        let (full, compact, tight) = match depth {
            ColorDepth::Bits8 => (Layout::Bgr233, Layout::Bgr233, Layout::Bgr233),
            ColorDepth::Bits16 => (Layout::Rgb565, Layout::Rgb565, Layout::Rgb565),
            ColorDepth::Bits24 | ColorDepth::Bits32 => (Layout::Bgrx, Layout::Bgr, Layout::Rgb),
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
pub(crate) struct Format {
    layout: Layout,
    swap: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Four bytes: blue, green, red, nothing.
    Bgrx,
    /// Three bytes: blue, green, red.
    Bgr,
    /// Three bytes: red, green, blue.
    Rgb,
    /// Two bytes, the first the lower: five bits red, six green, five blue from the top.
    Rgb565,
    /// One byte: two bits blue, three green, three red from the top.
    Bgr233,
}

impl Format {
    /// Bytes of one pixel.
    pub(crate) const fn bytes(self) -> usize {
        match self.layout {
            Layout::Bgrx => 4,
            Layout::Bgr | Layout::Rgb => 3,
            Layout::Rgb565 => 2,
            Layout::Bgr233 => 1,
        }
    }

    pub(crate) const fn layout(self) -> Layout {
        self.layout
    }

    /// Takes one pixel.
    pub(crate) fn take(self, input: &mut Input<'_>) -> Option<u32> {
        let color = match self.layout {
            Layout::Bgrx => bgrx(input.array()?),
            Layout::Bgr => bgr(input.array()?),
            Layout::Rgb => rgb(input.array()?),
            Layout::Rgb565 => rgb565(input.array()?),
            Layout::Bgr233 => bgr233(input.array()?),
        };
        Some(self.swapped(color))
    }

    /// Converts as many pixels as both sides have.
    pub(crate) fn convert(self, bytes: &[u8], out: &mut [u32]) {
        match self.layout {
            Layout::Bgrx => convert(bytes, out, bgrx),
            Layout::Bgr => convert(bytes, out, bgr),
            Layout::Rgb => convert(bytes, out, rgb),
            Layout::Rgb565 => convert(bytes, out, rgb565),
            Layout::Bgr233 => convert(bytes, out, bgr233),
        }
        if self.swap {
            for pixel in out {
                *pixel = swap_red_blue(*pixel);
            }
        }
    }

    /// The colour of a pixel's red, green and blue in the range of this format.
    pub(crate) fn color_of_parts(self, parts: [u8; 3]) -> u32 {
        let color = match self.layout {
            Layout::Rgb565 => parts565(parts.map(u32::from)),
            Layout::Bgrx | Layout::Bgr | Layout::Rgb | Layout::Bgr233 => rgb(parts),
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

fn convert<const N: usize>(bytes: &[u8], out: &mut [u32], color: impl Fn([u8; N]) -> u32) {
    let (pixels, _) = bytes.as_chunks::<N>();
    for (out, pixel) in out.iter_mut().zip(pixels) {
        *out = color(*pixel);
    }
}

fn bgrx(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) & 0x00ff_ffff
}

fn bgr([b, g, r]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, r, g, b])
}

pub(crate) fn rgb([r, g, b]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, r, g, b])
}

fn rgb565(bytes: [u8; 2]) -> u32 {
    let value = u32::from(u16::from_le_bytes(bytes));
    parts565([value >> 11, (value >> 5) & 63, value & 31])
}

const fn parts565([r, g, b]: [u32; 3]) -> u32 {
    (spread(r, 31) << 16) | (spread(g, 63) << 8) | spread(b, 31)
}

fn bgr233([byte]: [u8; 1]) -> u32 {
    let value = u32::from(byte);
    let (r, g, b) = (value & 7, (value >> 3) & 7, value >> 6);
    (spread(r, 7) << 16) | (spread(g, 7) << 8) | spread(b, 3)
}

/// Spreads 0..=max over 0..=255, to the nearest.
const fn spread(value: u32, max: u32) -> u32 {
    (value * 255 + max / 2) / max
}

const fn swap_red_blue(color: u32) -> u32 {
    (color & 0xff00_ff00) | ((color & 0xff) << 16) | ((color >> 16) & 0xff)
}

/// The sixteen bytes that ask a server for this depth (RFC 6143, "Pixel Format Data Structure").
pub(crate) const fn description(depth: ColorDepth) -> [u8; 16] {
    match depth {
        ColorDepth::Bits8 => [8, 8, 0, 1, 0, 7, 0, 7, 0, 3, 0, 3, 6, 0, 0, 0],
        ColorDepth::Bits16 => [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0],
        ColorDepth::Bits24 | ColorDepth::Bits32 => {
            [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_gives_red_green_and_blue() {
        let all = |depth| Formats::new(depth, false);
        let true_color = all(ColorDepth::Bits24);
        let rows: [(Format, &[u8], u32); 9] = [
            (true_color.full, &[0x33, 0x22, 0x11, 0xff], 0x112233),
            (true_color.compact, &[0x33, 0x22, 0x11], 0x112233),
            (true_color.tight, &[0x11, 0x22, 0x33], 0x112233),
            (all(ColorDepth::Bits16).full, &[0x00, 0xf8], 0xff0000),
            (all(ColorDepth::Bits16).compact, &[0xe0, 0x07], 0x00ff00),
            (all(ColorDepth::Bits16).tight, &[0x1f, 0x00], 0x0000ff),
            (all(ColorDepth::Bits8).full, &[0b0000_0111], 0xff0000),
            (all(ColorDepth::Bits8).full, &[0b0011_1000], 0x00ff00),
            (
                Formats::new(ColorDepth::Bits8, true).full,
                &[0b0000_0111],
                0x0000ff,
            ),
        ];
        for (format, bytes, color) in rows {
            let mut row = [0; 2];
            format.convert(&[bytes, bytes].concat(), &mut row);
            assert_eq!(row, [color; 2], "{format:?}");
            assert_eq!(
                format.take(&mut Input::new(bytes)),
                Some(color),
                "{format:?}"
            );
            assert_eq!(
                format.take(&mut Input::new(&bytes[1..])),
                None,
                "{format:?}"
            );
            assert_eq!(format.bytes(), bytes.len());
        }
    }
}
