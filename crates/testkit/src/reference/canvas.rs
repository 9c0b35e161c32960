//! A picture, and places in it.

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

impl Area {
    /// A rectangle of this place and size.
    #[must_use]
    pub fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Whether it lies within a picture of this size.
    #[must_use]
    pub fn fits(&self, width: usize, height: usize) -> bool {
        self.x + self.width <= width && self.y + self.height <= height
    }

    /// Every pixel, row by row.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self {
            x,
            y,
            width,
            height,
        } = *self;
        (y..y + height).flat_map(move |y| (x..x + width).map(move |x| (x, y)))
    }

    /// The tiles of this side, from the left and from the top; those at the far edges are smaller.
    pub(super) fn tiles(&self, side: usize) -> Vec<Self> {
        let mut tiles = Vec::new();
        for y in (0..self.height).step_by(side) {
            for x in (0..self.width).step_by(side) {
                let (width, height) = (side.min(self.width - x), side.min(self.height - y));
                tiles.push(Self::new(self.x + x, self.y + y, width, height));
            }
        }
        tiles
    }

    /// A part of this rectangle, if it lies within.
    pub(super) fn part(&self, part: Self) -> Option<Self> {
        part.fits(self.width, self.height)
            .then(|| Self::new(self.x + part.x, self.y + part.y, part.width, part.height))
    }
}

/// A picture of `0x00RRGGBB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Row by row.
    pub pixels: Vec<u32>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![0; width * height],
        }
    }

    /// The colour of a pixel.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }

    /// Gives a pixel a colour.
    pub fn set(&mut self, x: usize, y: usize, color: u32) {
        assert!(x < self.width, "a pixel outside the picture");
        self.pixels[y * self.width + x] = color;
    }

    pub(super) fn fill(&mut self, area: Area, color: u32) {
        for (x, y) in area.places() {
            self.set(x, y, color);
        }
    }

    pub(super) fn draw(&mut self, area: Area, colors: &[u32]) {
        for ((x, y), color) in area.places().zip(colors) {
            self.set(x, y, *color);
        }
    }
}
