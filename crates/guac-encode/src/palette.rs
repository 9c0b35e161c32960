//! Counts the colours of an image and numbers its pixels, as long as there are at most 256.

use crate::view::View;

/// Slots of the hash table: four times the colours, so that searches stay short.
const SLOTS: usize = 1024;
/// Marks a free slot; it is no colour, since those have an empty top byte.
const FREE: u32 = u32::MAX;
const COLOUR: u32 = 0x00FF_FFFF;

/// The colours of one image and its pixels as numbers of colours.
pub(crate) struct Palette {
    keys: Box<[u32; SLOTS]>,
    numbers: Box<[u8; SLOTS]>,
    colours: Vec<u32>,
    /// One byte for each pixel, row by row.
    pixels: Vec<u8>,
}

impl Palette {
    pub(crate) fn new() -> Self {
        Self {
            keys: Box::new([FREE; SLOTS]),
            numbers: Box::new([0; SLOTS]),
            colours: Vec::with_capacity(256),
            pixels: Vec::new(),
        }
    }

    /// Takes in an image; false, at once, when its 257th colour is met.
    pub(crate) fn build(&mut self, view: &View<'_>) -> bool {
        self.keys.fill(FREE);
        self.colours.clear();
        self.pixels.clear();
        self.pixels.reserve(view.width() * view.height());
        // Neighbours are mostly equal, so that the last answer is the likeliest next one.
        let mut last = (FREE, 0);
        for row in view.rows() {
            for pixel in row {
                let colour = pixel & COLOUR;
                if colour != last.0 {
                    let Some(number) = self.number(colour) else {
                        return false;
                    };
                    last = (colour, number);
                }
                self.pixels.push(last.1);
            }
        }
        true
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the slot is masked to the table's length"
    )]
    fn number(&mut self, colour: u32) -> Option<u8> {
        let mut slot = (colour.wrapping_mul(0x9E37_79B1) >> 22) as usize;
        loop {
            slot &= SLOTS - 1;
            if self.keys[slot] == colour {
                return Some(self.numbers[slot]);
            }
            if self.keys[slot] == FREE {
                let number = u8::try_from(self.colours.len()).ok()?;
                self.colours.push(colour);
                self.keys[slot] = colour;
                self.numbers[slot] = number;
                return Some(number);
            }
            slot += 1;
        }
    }

    /// Bits for each pixel.
    pub(crate) fn depth(&self) -> u8 {
        match self.colours.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        }
    }

    pub(crate) fn colours(&self) -> &[u32] {
        &self.colours
    }

    /// The rows of the image, one byte for each pixel.
    pub(crate) fn rows(&self, width: usize) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(width)
    }
}

/// Appends a row of colour numbers at `depth` bits each, the leftmost pixel in the highest bits.
pub(crate) fn pack(row: &[u8], depth: u8, out: &mut Vec<u8>) {
    if depth == 8 {
        out.extend_from_slice(row);
        return;
    }
    let per_byte = usize::from(8 / depth);
    out.extend(row.chunks(per_byte).map(|pixels| {
        let packed = pixels
            .iter()
            .fold(0, |byte, number| (byte << depth) | u32::from(*number));
        let missing = per_byte - pixels.len();
        let [.., byte] = (packed << (missing * usize::from(depth))).to_be_bytes();
        byte
    }));
}
