//! Pixels on the wire (RFC 6143, "Pixel Format Data Structure").

use super::reader::{Reader, Stop};

/// How pixels look on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelFormat {
    /// Bytes of one pixel.
    pub bytes: usize,
    /// Bits of it that mean something.
    pub depth: u8,
    big_endian: bool,
    true_color: bool,
    /// Of red, green and blue.
    max: [u32; 3],
    shift: [u8; 3],
    /// The colours of the indices, where the format has indices.
    pub map: Vec<u32>,
}

impl PixelFormat {
    /// Reads the sixteen bytes that describe a format.
    #[must_use]
    pub fn parse(bytes: [u8; 16]) -> Self {
        let [bits, depth, big_endian, true_color, colors @ ..] = bytes;
        let [
            red,
            r,
            green,
            g,
            blue,
            b,
            red_shift,
            green_shift,
            blue_shift,
            ..,
        ] = colors;
        Self {
            bytes: usize::from(bits / 8),
            depth,
            big_endian: big_endian != 0,
            true_color: true_color != 0,
            max: [[red, r], [green, g], [blue, b]].map(|max| u16::from_be_bytes(max).into()),
            shift: [red_shift, green_shift, blue_shift],
            map: vec![0; 256],
        }
    }

    /// Reads a PIXEL.
    pub(super) fn pixel(&self, input: &mut Reader<'_>) -> Result<u32, Stop> {
        let bytes = input.take(self.bytes)?;
        Ok(self.color(self.value(bytes)))
    }

    /// Reads a CPIXEL: a PIXEL without the one byte of four that carries no colour.
    pub(super) fn compact(&self, input: &mut Reader<'_>) -> Result<u32, Stop> {
        let bits = (0..3).fold(0, |bits, i| bits | self.max[i] << self.shift[i]);
        let (low, high) = (bits & 0xff00_0000 == 0, bits & 0xff == 0);
        if !self.true_color || self.bytes != 4 || 24 < self.depth || !(low || high) {
            return self.pixel(input);
        }
        let bytes = input.take(3)?;
        let value = self.value(bytes);
        Ok(self.color(if low { value } else { value << 8 }))
    }

    /// Whether a TPIXEL is three bytes: red, green, blue.
    fn is_tight(&self) -> bool {
        self.true_color && self.bytes == 4 && self.depth == 24 && self.max == [255; 3]
    }

    /// Bytes of a TPIXEL.
    pub(super) fn tight_bytes(&self) -> usize {
        if self.is_tight() { 3 } else { self.bytes }
    }

    /// Reads a TPIXEL.
    pub(super) fn tight(&self, input: &mut Reader<'_>) -> Result<u32, Stop> {
        let parts = self.tight_parts(input)?;
        Ok(match parts {
            Ok(parts) => self.color_of(parts),
            Err(index) => self.color(index),
        })
    }

    /// Reads a TPIXEL as red, green and blue, or else as an index.
    pub(super) fn tight_parts(
        &self,
        input: &mut Reader<'_>,
    ) -> Result<Result<[u32; 3], u32>, Stop> {
        if self.is_tight() {
            return Ok(Ok(input.array::<3>()?.map(u32::from)));
        }
        let bytes = input.take(self.bytes)?;
        let value = self.value(bytes);
        Ok(if self.true_color {
            Ok(self.parts(value))
        } else {
            Err(value)
        })
    }

    /// The largest value of red, green and blue.
    pub(super) fn max(&self) -> [u32; 3] {
        self.max
    }

    /// The colour of red, green and blue in the range of this format.
    pub(super) fn color_of(&self, parts: [u32; 3]) -> u32 {
        let mut color = 0;
        for (part, max) in parts.into_iter().zip(self.max) {
            // To the nearest of 256 values.
            let wide = (part * 255 * 2 + max) / (max * 2).max(1);
            color = color << 8 | wide.min(255);
        }
        color
    }

    fn value(&self, bytes: &[u8]) -> u32 {
        let mut bytes = bytes.to_vec();
        if !self.big_endian {
            bytes.reverse();
        }
        bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u32::from(*byte))
    }

    fn parts(&self, value: u32) -> [u32; 3] {
        [0, 1, 2].map(|i| value >> self.shift[i] & self.max[i])
    }

    fn color(&self, value: u32) -> u32 {
        if self.true_color {
            self.color_of(self.parts(value))
        } else {
            self.map[value as usize & 0xff]
        }
    }
}
