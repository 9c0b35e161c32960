//! What a desktop shows while it is recorded: the same pictures on every run.
//!
//! Servers choose how to send a rectangle by its colours and how they change along a row, so the
//! pictures have to resemble what people look at: small letters with soft edges on one colour,
//! and photographs.

use testkit::Picture;

/// A sequence of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Pages of text, each unlike the one before.
    Text,
    /// A page of text that moves up by a few lines at a time.
    Scroll,
    /// Photographs that fill the screen.
    Photo,
    /// One picture, text on the left and a photograph on the right.
    Mixed,
}

impl Scene {
    /// Those that fill a screen for the reports.
    pub const ALL: [Self; 3] = [Self::Text, Self::Scroll, Self::Photo];

    /// How reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Scroll => "scroll",
            Self::Photo => "photo",
            Self::Mixed => "mixed",
        }
    }

    /// Its pictures, in order.
    pub fn pictures(self, width: usize, height: usize) -> impl Iterator<Item = Picture> {
        let count = if self == Self::Mixed { 1 } else { 4 };
        (0..count).map(move |index| {
            let color = |x, y| match self {
                Self::Text => page(index, x, y),
                Self::Scroll => page(9, x, y + index as usize * 57),
                Self::Photo => photo(index, x, y),
                // The page without its margin, most of which is empty.
                Self::Mixed if x < width / 2 => page(index, x + 14 * CELL, y),
                Self::Mixed => photo(index, x, y),
            };
            let pixels = (0..height).flat_map(|y| (0..width).map(move |x| color(x, y)));
            Picture {
                width,
                height,
                pixels: pixels.collect(),
            }
        })
    }
}

const LINE: usize = 20;
const CELL: usize = 9;

/// A pixel of an endless page: a margin, headings, paragraphs of words.
fn page(seed: u32, x: usize, y: usize) -> u32 {
    const PAPER: [u8; 3] = [255; 3];
    const MARGIN: [u8; 3] = [238, 240, 244];
    const INK: [u8; 3] = [32, 33, 36];
    const LINK: [u8; 3] = [26, 60, 172];
    let line = index(y / LINE);
    let (place, column) = (index(x / CELL), index(x % CELL));
    let paper = if x < 12 * CELL { MARGIN } else { PAPER };
    // Words and gaps, and paragraphs that end early.
    let word = hash([seed, line, place / 7, 1]);
    let is_gap = place % 7 == word % 7 || line % 9 == 8;
    let end = 40 + hash([seed, line, 2]) % 170;
    if is_gap || end < place || (place < 12 && !line.is_multiple_of(3)) {
        return color(paper);
    }
    let letter = hash([seed, line, place, 3]) % 40;
    let ink = if line.is_multiple_of(9) || word.is_multiple_of(23) {
        LINK
    } else {
        INK
    };
    let cover = coverage(letter, column as f32, index(y % LINE) as f32);
    color([0, 1, 2].map(|part| mixed(paper[part], ink[part], cover)))
}

/// How much of a pixel a letter covers: three strokes between points of its cell.
fn coverage(letter: u32, x: f32, y: f32) -> f32 {
    let point = |number| {
        let value = hash([letter, number, 4]);
        let (x, y) = (value % 3, value / 3 % 4);
        (1.5 + x as f32 * 2.5, 4.5 + y as f32 * 3.5)
    };
    let distance = (0..3)
        .map(|stroke| distance((x, y), point(stroke), point(stroke + 1)))
        .fold(f32::MAX, f32::min);
    (1.2 - distance).clamp(0.0, 1.0)
}

fn distance((x, y): (f32, f32), (x0, y0): (f32, f32), (x1, y1): (f32, f32)) -> f32 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 {
        0.0
    } else {
        (((x - x0) * dx + (y - y0) * dy) / length).clamp(0.0, 1.0)
    };
    (x - x0 - along * dx).hypot(y - y0 - along * dy)
}

/// A pixel of a photograph: shapes of all sizes, and the grain of a sensor.
fn photo(seed: u32, x: usize, y: usize) -> u32 {
    let (x, y) = (index(x), index(y));
    let part = |part| {
        let shapes: f32 = [(256, 0.5), (64, 0.25), (16, 0.125), (4, 0.06)]
            .into_iter()
            .map(|(size, weight)| weight * smooth([seed, part, size], x, y, size))
            .sum();
        let grain = (hash([seed, part, x, y]) % 7) as f32 - 3.0;
        (shapes * 270.0 + grain).clamp(0.0, 255.0) as u8
    };
    color([0, 1, 2].map(part))
}

/// Values of 0 to 1 on a lattice, smooth between its points.
fn smooth(key: [u32; 3], x: u32, y: u32, size: u32) -> f32 {
    let [seed, part, _] = key;
    let at = |x, y| (hash([seed, part, size, x, y]) % 1024) as f32 / 1023.0;
    let (column, row) = (x / size, y / size);
    let ease = |place: u32| {
        let place = (place % size) as f32 / size as f32;
        place * place * (3.0 - 2.0 * place)
    };
    let (right, down) = (ease(x), ease(y));
    let above = at(column, row) * (1.0 - right) + at(column + 1, row) * right;
    let below = at(column, row + 1) * (1.0 - right) + at(column + 1, row + 1) * right;
    above * (1.0 - down) + below * down
}

fn mixed(paper: u8, ink: u8, cover: f32) -> u8 {
    (f32::from(paper) * (1.0 - cover) + f32::from(ink) * cover).round() as u8
}

fn color([red, green, blue]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, red, green, blue])
}

fn index(value: usize) -> u32 {
    u32::try_from(value).expect("a place on a screen")
}

/// Numbers without a visible pattern.
fn hash<const N: usize>(values: [u32; N]) -> u32 {
    values.into_iter().fold(0x9e37_79b9, |state, value| {
        let mixed = (state ^ value).wrapping_mul(0x85eb_ca6b);
        (mixed ^ mixed >> 15).wrapping_mul(0xc2b2_ae35) ^ mixed >> 13
    })
}
