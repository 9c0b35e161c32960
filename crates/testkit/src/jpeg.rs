//! JPEGs: one to be decoded, and a decoder of another crate than the one that `guac-vnc` uses.

use jpeg_decoder::{Decoder, PixelFormat};

/// A grey JPEG of this size, every pixel `0x808080`: the smallest that a server could send.
#[must_use]
pub fn grey(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8];
    jpeg.extend([0xff, 0xdb, 0, 67, 0]);
    jpeg.extend([1; 64]);
    jpeg.extend([0xff, 0xc0, 0, 11, 8]);
    jpeg.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    jpeg.extend([1, 1, 0x11, 0]);
    // One code of one bit: no difference of means, or the end of a block.
    for class in [0x00, 0x10] {
        jpeg.extend([0xff, 0xc4, 0, 20, class]);
        jpeg.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    jpeg.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    jpeg.resize(jpeg.len() + (2 * blocks).div_ceil(8), 0);
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

/// The data of a rectangle in VNC's Tight encoding that is this JPEG.
#[must_use]
pub fn tight(jpeg: &[u8]) -> Vec<u8> {
    let low = |shift: usize, mask: usize| (jpeg.len() >> shift & mask).to_le_bytes()[0];
    let head = [
        0x90,
        low(0, 0x7f) | 0x80,
        low(7, 0x7f) | 0x80,
        low(14, 0xff),
    ];
    [&head, jpeg].concat()
}

/// Decodes a JPEG into rows of `0x00RRGGBB`, if it is one of this width and height.
#[must_use]
pub fn decode(bytes: &[u8], width: usize, height: usize) -> Option<Vec<u32>> {
    let mut decoder = Decoder::new(bytes);
    let data = decoder.decode().ok()?;
    let info = decoder.info()?;
    if (usize::from(info.width), usize::from(info.height)) != (width, height) {
        return None;
    }
    let color = |parts: [u8; 3]| {
        parts
            .iter()
            .fold(0, |color, part| color << 8 | u32::from(*part))
    };
    match info.pixel_format {
        PixelFormat::L8 => Some(data.iter().map(|grey| color([*grey; 3])).collect()),
        PixelFormat::RGB24 => {
            let (pixels, _) = data.as_chunks();
            Some(pixels.iter().map(|pixel| color(*pixel)).collect())
        }
        PixelFormat::L16 | PixelFormat::CMYK32 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_grey() {
        for (width, height) in [(1, 1), (17, 5), (300, 70)] {
            let pixels = decode(&grey(width, height), width.into(), height.into());
            let count = usize::from(width) * usize::from(height);
            assert_eq!(pixels, Some(vec![0x80_8080; count]));
        }
    }
}
