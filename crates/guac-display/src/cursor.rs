//! The shape of the pointer.

use crate::limits::CURSOR_MAX_SIDE;

/// Why pixels are not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// A side is over [`CURSOR_MAX_SIDE`].
    #[error("a cursor of {width}x{height} pixels is over {CURSOR_MAX_SIDE} on a side")]
    TooLarge {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
    },
    /// The number of pixels is not width times height.
    #[error("{pixels} pixels are not a cursor of {width}x{height}")]
    WrongLength {
        /// Width asked for.
        width: u16,
        /// Height asked for.
        height: u16,
        /// Pixels given.
        pixels: usize,
    },
}

/// A cursor: its pixels and the one that points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorImage {
    pub(crate) hotspot_x: u16,
    pub(crate) hotspot_y: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) pixels: Vec<u32>,
}

impl CursorImage {
    /// A cursor of pixels `0xAARRGGBB`, not premultiplied. A hotspot outside is moved to the
    /// nearest pixel; a side of zero makes the cursor invisible.
    ///
    /// # Errors
    /// A side is over [`CURSOR_MAX_SIDE`], or the number of pixels is not width times height.
    pub fn new(
        hotspot_x: u16,
        hotspot_y: u16,
        width: u16,
        height: u16,
        pixels: Vec<u32>,
    ) -> Result<Self, CursorError> {
        if CURSOR_MAX_SIDE < width || CURSOR_MAX_SIDE < height {
            return Err(CursorError::TooLarge { width, height });
        }
        if pixels.len() != usize::from(width) * usize::from(height) {
            let pixels = pixels.len();
            return Err(CursorError::WrongLength {
                width,
                height,
                pixels,
            });
        }
        if pixels.is_empty() {
            return Ok(Self::hidden());
        }
        Ok(Self {
            hotspot_x: hotspot_x.min(width - 1),
            hotspot_y: hotspot_y.min(height - 1),
            width,
            height,
            pixels,
        })
    }

    /// No cursor: one transparent pixel.
    #[must_use]
    pub fn hidden() -> Self {
        Self {
            hotspot_x: 0,
            hotspot_y: 0,
            width: 1,
            height: 1,
            pixels: vec![0],
        }
    }

    /// An arrow that is shown until the server sends a shape.
    pub(crate) fn arrow() -> Self {
        let pixels = ARROW
            .iter()
            .flat_map(|row| row.bytes())
            .map(|dot| match dot {
                b'#' => 0xFF00_0000,
                b'o' => 0xFFFF_FFFF,
                _ => 0,
            });
        Self {
            hotspot_x: 0,
            hotspot_y: 0,
            width: 11,
            height: 16,
            pixels: pixels.collect(),
        }
    }
}

/// `#` is black, `o` white, a point transparent.
const ARROW: [&str; 16] = [
    "#..........",
    "##.........",
    "#o#........",
    "#oo#.......",
    "#ooo#......",
    "#oooo#.....",
    "#ooooo#....",
    "#oooooo#...",
    "#ooooooo#..",
    "#oooooooo#.",
    "#ooooo#####",
    "#oo#oo#....",
    "#o#.#oo#...",
    "##..#oo#...",
    ".....#oo#..",
    "......##...",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrow_is_as_large_as_it_says() {
        let arrow = CursorImage::arrow();
        assert_eq!(arrow.pixels.len(), 11 * 16);
        assert!(ARROW.iter().all(|row| row.len() == 11));
    }

    #[test]
    fn odd_shapes_are_refused_or_made_fit() {
        let shape = |x, y, width, height, pixels| {
            CursorImage::new(x, y, width, height, vec![1; pixels])
                .map(|cursor| (cursor.hotspot_x, cursor.hotspot_y, cursor.width))
        };
        assert_eq!(shape(1, 2, 3, 4, 12), Ok((1, 2, 3)));
        assert_eq!(shape(9, 9, 3, 4, 12), Ok((2, 3, 3)));
        assert_eq!(shape(9, 9, 0, 4, 0), Ok((0, 0, 1)));
        assert!(matches!(
            shape(0, 0, 3, 4, 11),
            Err(CursorError::WrongLength { .. })
        ));
        assert!(matches!(
            shape(0, 0, 257, 1, 257),
            Err(CursorError::TooLarge { .. })
        ));
    }
}
