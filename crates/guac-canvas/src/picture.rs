//! A picture: pixels with a size.

use std::fmt;

/// Pixels as `0xAARRGGBB`, colours not multiplied by the opacity.
///
/// Like a browser's canvas behind a Guacamole layer, the memory behind a picture can be larger than
/// the picture; only the picture can be seen from outside this crate.
#[derive(Clone, Default)]
pub struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) surface: Surface,
}

/// The memory behind a picture, row by row.
#[derive(Clone, Default)]
pub(crate) struct Surface {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u32>,
}

impl Surface {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![0; width * height],
        }
    }

    /// Row `y`; empty outside the surface.
    pub(crate) fn row(&self, y: usize) -> &[u32] {
        if self.height <= y {
            return &[];
        }
        self.pixels
            .get(y * self.width..(y + 1) * self.width)
            .unwrap_or_default()
    }

    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [u32] {
        if self.height <= y {
            return &mut [];
        }
        self.pixels
            .get_mut(y * self.width..(y + 1) * self.width)
            .unwrap_or_default()
    }
}

impl Picture {
    pub(crate) const fn empty() -> Self {
        let surface = Surface {
            width: 0,
            height: 0,
            pixels: Vec::new(),
        };
        Self {
            width: 0,
            height: 0,
            surface,
        }
    }

    pub(crate) fn from_surface(surface: Surface) -> Self {
        Self {
            width: surface.width,
            height: surface.height,
            surface,
        }
    }

    /// Makes it a transparent picture of this size, in the memory that it has.
    pub(crate) fn clear(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        (self.surface.width, self.surface.height) = (width, height);
        self.surface.pixels.clear();
        self.surface.pixels.resize(width * height, 0);
    }

    /// Width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The pixel at this place, if it is in the picture.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> Option<u32> {
        self.row(y).get(x).copied()
    }

    /// The pixels of a row from left to right; empty below the picture.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u32] {
        if self.height <= y {
            return &[];
        }
        self.surface.row(y).get(..self.width).unwrap_or_default()
    }

    /// All rows from top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.height).map(|y| self.row(y))
    }

    /// All pixels, row by row.
    #[must_use]
    pub fn to_pixels(&self) -> Vec<u32> {
        self.rows().flatten().copied().collect()
    }

    /// All pixels as red, green, blue and opacity, a byte each.
    #[must_use]
    pub fn to_rgba(&self) -> Vec<u8> {
        self.rows()
            .flatten()
            .flat_map(|pixel| {
                let [alpha, red, green, blue] = pixel.to_be_bytes();
                [red, green, blue, alpha]
            })
            .collect()
    }

    /// Whether there is a picture and no pixel of it is transparent, not even partly.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        0 < self.width
            && 0 < self.height
            && self.rows().flatten().all(|pixel| 0xff00_0000 <= *pixel)
    }
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height) && self.rows().eq(other.rows())
    }
}

impl Eq for Picture {}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}
