//! Pixels as the server has them, at 24 and at 16 bits of colour.

use anyhow::{Result, bail, ensure};

use crate::picture::Picture;

/// Rows of an image begin at multiples of so many bytes.
const PAD: usize = 4;

/// The bytes of a row of an image.
pub(super) fn row_bytes(width: usize, depth: u8) -> Result<usize> {
    match depth {
        24 => Ok(width * 4),
        16 => Ok((width * 2).next_multiple_of(PAD)),
        other => bail!("the screen has depth {other}"),
    }
}

/// An image of some rows of colours. At depth 16, five bits of red, six of green and five of blue
/// are kept.
pub(super) fn image(colours: &[u32], width: usize, depth: u8) -> Result<Vec<u8>> {
    let length = row_bytes(width, depth)?;
    let mut bytes = Vec::with_capacity(colours.len() * 4);
    for row in colours.chunks(width) {
        let start = bytes.len();
        for colour in row {
            match depth {
                16 => bytes.extend(to_565(*colour).to_le_bytes()),
                _ => bytes.extend(colour.to_le_bytes()),
            }
        }
        bytes.resize(start + length, 0);
    }
    Ok(bytes)
}

/// The colours of an image.
pub(super) fn picture(bytes: &[u8], (width, height): (u16, u16), depth: u8) -> Result<Picture> {
    let (width, height) = (usize::from(width), usize::from(height));
    let length = row_bytes(width, depth)?;
    ensure!(
        bytes.len() == length * height,
        "{} bytes are not {width}x{height} at depth {depth}",
        bytes.len()
    );
    let mut pixels = Vec::with_capacity(width * height);
    for row in bytes.chunks_exact(length) {
        match depth {
            16 => pixels.extend(
                row.chunks_exact(2)
                    .take(width)
                    .map(|b| from_565([b[0], b[1]])),
            ),
            _ => pixels.extend(
                row.chunks_exact(4)
                    .map(|b| u32::from_le_bytes([b[0], b[1], b[2], 0])),
            ),
        }
    }
    Ok(Picture {
        width,
        height,
        pixels,
    })
}

fn to_565(colour: u32) -> u16 {
    ((colour >> 8 & 0xf800) | (colour >> 5 & 0x07e0) | (colour >> 3 & 0x001f)) as u16
}

/// Each part spread over 0 to 255, to the nearest.
fn from_565(bytes: [u8; 2]) -> u32 {
    let pixel = u32::from(u16::from_le_bytes(bytes));
    let spread = |value: u32, most: u32| (value * 255 + most / 2) / most;
    spread(pixel >> 11, 31) << 16 | spread(pixel >> 5 & 63, 63) << 8 | spread(pixel & 31, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_keep_black_white_and_pure_colours() -> Result<()> {
        let colours = [0, 0xff_ffff, 0xff_0000, 0x00_ff00, 0x00_00ff, 0x07_0307];
        let bytes = image(&colours, 3, 16)?;
        let rows: [&[u8]; 2] = [
            &[0, 0, 0xff, 0xff, 0x00, 0xf8, 0, 0],
            &[0xe0, 0x07, 0x1f, 0x00, 0, 0, 0, 0],
        ];
        assert_eq!(bytes, rows.concat());
        let shown = picture(&bytes, (3, 2), 16)?.pixels;
        assert_eq!(shown, [0, 0xff_ffff, 0xff_0000, 0x00_ff00, 0x00_00ff, 0]);
        assert_eq!(
            picture(&image(&colours, 2, 24)?, (2, 3), 24)?.pixels,
            colours
        );
        assert!(picture(&bytes, (3, 2), 24).is_err() && row_bytes(3, 8).is_err());
        Ok(())
    }
}
