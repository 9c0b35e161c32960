//! JPEGs, decoded by another crate than the one that `guac-vnc` uses.

use jpeg_decoder::{Decoder, PixelFormat};

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
