//! Cursor shapes (RFC 6143, "Cursor Pseudo-Encoding"; community specification, "X Cursor
//! Pseudo-encoding" and "Cursor With Alpha Pseudo-encoding").

use super::{PixelFormat, Reader, Stop};

/// How a shape is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorKind {
    /// Pixels and a mask.
    Rich,
    /// Two colours, a bitmap and a mask.
    TwoColours,
    /// Pixels with alpha.
    Alpha,
}

impl CursorKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rich, Self::TwoColours, Self::Alpha];

    /// The number of its pseudo-encoding.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Rich => -239,
            Self::TwoColours => -240,
            Self::Alpha => -314,
        }
    }
}

/// A shape, as `0xAARRGGBB`, colours not multiplied by alpha.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Row by row.
    pub pixels: Vec<u32>,
}

impl Cursor {
    /// Reads a shape of this size.
    ///
    /// # Errors
    /// When its bytes are not all there, or make no sense.
    pub fn read(
        kind: CursorKind,
        width: usize,
        height: usize,
        format: &PixelFormat,
        input: &mut Reader<'_>,
    ) -> Result<Self, Stop> {
        let area = width * height;
        let pixels = match kind {
            CursorKind::Rich => {
                let colors = (0..area).map(|_| format.pixel(input));
                let colors = colors.collect::<Result<Vec<_>, _>>()?;
                let mask = bitmap(width, height, input)?;
                let opaque =
                    |(color, is_set): (u32, bool)| if is_set { color | 0xff << 24 } else { 0 };
                colors.into_iter().zip(mask).map(opaque).collect()
            }
            CursorKind::TwoColours if area == 0 => Vec::new(),
            CursorKind::TwoColours => {
                let mut color = || Ok(input.array::<3>()?.into_iter().fold(255, push));
                let (front, back) = (color()?, color()?);
                let shape = bitmap(width, height, input)?;
                let mask = bitmap(width, height, input)?;
                let pixel = |(is_front, is_set): (bool, bool)| match (is_set, is_front) {
                    (false, _) => 0,
                    (true, true) => front,
                    (true, false) => back,
                };
                shape.into_iter().zip(mask).map(pixel).collect()
            }
            CursorKind::Alpha => {
                if input.u32()? != 0 {
                    return Err(Stop::Wrong("a cursor that is not raw"));
                }
                let pixels = (0..area).map(|_| Ok(unmultiplied(input.array()?)));
                pixels.collect::<Result<_, _>>()?
            }
        };
        Ok(Self {
            width,
            height,
            pixels,
        })
    }
}

fn push(color: u32, byte: u8) -> u32 {
    color << 8 | u32::from(byte)
}

/// Bits, the highest of a byte first, rows of whole bytes.
fn bitmap(width: usize, height: usize, input: &mut Reader<'_>) -> Result<Vec<bool>, Stop> {
    let mut bits = Vec::new();
    for _ in 0..height {
        let row = input.take(width.div_ceil(8))?;
        bits.extend((0..width).map(|x| row[x / 8] >> (7 - x % 8) & 1 == 1));
    }
    Ok(bits)
}

/// A pixel whose colours were multiplied by alpha, as it was before, to the nearest.
fn unmultiplied([r, g, b, alpha]: [u8; 4]) -> u32 {
    let before = |part: u8| {
        if alpha == 0 {
            return 0;
        }
        (f64::from(part) * 255.0 / f64::from(alpha))
            .round()
            .min(255.0) as u8
    };
    [r, g, b].map(before).into_iter().fold(alpha.into(), push)
}
