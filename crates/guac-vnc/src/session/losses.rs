//! Which pixels of the picture are shown lossy: known for each of them, in tiles.
//!
//! A tile that is lossy in a part only keeps a bit for each of its pixels, as long as there are not
//! too many such tiles; those beyond count as lossy wholly, so that at worst more is asked for again
//! than need be.

mod tile;

use crate::{
    Rect,
    limits::{MAX_LOSSLESS_ATTEMPTS, MAX_LOSSY_MASKS},
};
use tile::{Common, Mask, Part, Rows, Tile};

/// Pixels of a tile's side: the bits of a row are a number.
const SIDE: u16 = 64;

/// Tiles of one piece that is asked for again: half a megabyte or so of pixels that do not compress
/// well, which is as long as something new may have to wait behind it.
const PIECE_TILES: usize = 64;

/// Tiles of one row of a piece.
const PIECE_COLUMNS: usize = 16;

/// What of a framebuffer is shown lossy.
#[derive(Debug, Default)]
pub(super) struct Losses {
    width: u16,
    height: u16,
    /// Row by row; none before something is lossy.
    tiles: Vec<Tile>,
    common: Common,
}

impl Losses {
    /// A framebuffer of this size, of which nothing is lossy.
    pub(super) fn new(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            ..Self::default()
        }
    }

    /// Whether every pixel is exact.
    pub(super) const fn is_exact(&self) -> bool {
        self.common.lossy == 0
    }

    /// Pixels came that are the server's, or are not.
    pub(super) fn drawn(&mut self, rect: Rect, lossy: bool) {
        if !lossy && self.is_exact() {
            return;
        }
        if self.tiles.is_empty() {
            let count = self.columns() * usize::from(self.height.div_ceil(SIDE));
            self.tiles = vec![Tile::default(); count];
        }
        let (size, across) = (self.size(), self.columns());
        let (columns, rows) = tiles_of(rect);
        for row in rows {
            let first = usize::from(row) * across;
            for column in columns.clone() {
                if let Some(tile) = self.tiles.get_mut(first + usize::from(column))
                    && !tile.is_already(lossy)
                {
                    let part = Part::of(rect, (column, row), size);
                    tile.draw(part, lossy, &mut self.common);
                }
            }
        }
    }

    /// Pixels were copied, with what they have lost.
    pub(super) fn copied(&mut self, source: Rect, x: u16, y: u16) {
        if self.is_exact() {
            return;
        }
        let rect = Rect { x, y, ..source };
        let (columns, rows) = tiles_of(rect);
        // In the order in which no tile is overwritten before it is read.
        for row in rows.clone() {
            let row = if source.y < y {
                rows.end - 1 - (row - rows.start)
            } else {
                row
            };
            for column in columns.clone() {
                let column = if source.x < x {
                    columns.end - 1 - (column - columns.start)
                } else {
                    column
                };
                let part = Part::of(rect, (column, row), self.size());
                let left = column * SIDE + part.left - x + source.x;
                let top = row * SIDE + part.top - y + source.y;
                let exact = self.exact_part(part, left, top);
                let index = self.index(column, row);
                if let Some(tile) = self.tiles.get_mut(index) {
                    tile.copy(part, &exact, &mut self.common);
                }
            }
        }
    }

    /// A moment has passed in which what was not drawn was still.
    pub(super) fn moment_passed(&mut self) {
        if !self.is_exact() {
            self.tiles.iter_mut().for_each(Tile::moment_passed);
        }
    }

    /// Whether something lossy is to be asked for, now or once it has been still for long enough.
    pub(super) fn are_wanted(&self) -> bool {
        !self.is_exact() && self.tiles.iter().any(Tile::is_wanted)
    }

    /// Whether some of that has not been still for long enough.
    pub(super) fn are_moving(&self) -> bool {
        let is_moving = |tile: &Tile| tile.is_wanted() && !tile.is_still();
        !self.is_exact() && self.tiles.iter().any(is_moving)
    }

    /// The first piece that has been still for long enough to be asked for, in whole tiles.
    pub(super) fn piece(&self) -> Option<Rect> {
        if self.is_exact() {
            return None;
        }
        let is_due = |index: usize| {
            let tile = self.tiles.get(index);
            tile.is_some_and(|tile| tile.is_wanted() && tile.is_still())
        };
        let first = (0..self.tiles.len()).find(|index| is_due(*index))?;
        let columns = self.columns();
        let to_the_edge = columns - first % columns;
        let across = (first..first + to_the_edge.min(PIECE_COLUMNS))
            .take_while(|index| is_due(*index))
            .count();
        let down = (0..PIECE_TILES / across)
            .take_while(|row| (0..across).all(|column| is_due(first + row * columns + column)))
            .count();
        self.rect(first, across, down)
    }

    /// A piece is asked for once more.
    pub(super) fn asked(&mut self, piece: Rect) {
        let (columns, rows) = tiles_of(piece);
        for row in rows {
            for column in columns.clone() {
                let index = self.index(column, row);
                if let Some(tile) = self.tiles.get_mut(index) {
                    tile.asked();
                }
            }
        }
    }

    /// Bytes of memory held.
    pub(super) fn held_bytes(&self) -> usize {
        self.tiles.capacity() * size_of::<Tile>() + self.common.held_bytes()
    }

    const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    fn columns(&self) -> usize {
        self.width.div_ceil(SIDE).into()
    }

    fn index(&self, column: u16, row: u16) -> usize {
        usize::from(row) * self.columns() + usize::from(column)
    }

    /// Which pixels of a part would be exact if it were a copy of those from there on.
    fn exact_part(&self, part: Part, left: u16, top: u16) -> Mask {
        let mut exact = [0; 64];
        let lines = usize::from(part.top)..usize::from(part.bottom);
        let columns = part.columns();
        let shift = left % SIDE;
        let mut index = self.index(left / SIDE, top / SIDE);
        let mut sides = self.sides(index);
        let mut row = usize::from(top % SIDE);
        for bits in exact.get_mut(lines).unwrap_or_default() {
            if row == usize::from(SIDE) {
                index += self.columns();
                (sides, row) = (self.sides(index), 0);
            }
            // What follows the last column is the next row's first tile, of which no pixel is used.
            let [first, second] = &sides;
            let (first, second) = (first.row(row), second.row(row));
            let both = first >> shift | second << 1 << (SIDE - 1 - shift);
            *bits = both << part.left & columns;
            row += 1;
        }
        exact
    }

    /// A tile's rows, and those of the one to its right.
    fn sides(&self, index: usize) -> [Rows<'_>; 2] {
        [index, index + 1].map(|index| match self.tiles.get(index) {
            Some(tile) => tile.rows(&self.common),
            None => Rows::Exact,
        })
    }

    /// The pixels of some tiles.
    fn rect(&self, first: usize, across: usize, down: usize) -> Option<Rect> {
        let pixels = |tiles: usize| u16::try_from(tiles).ok()?.checked_mul(SIDE);
        let columns = self.columns();
        let (x, y) = (pixels(first % columns)?, pixels(first / columns)?);
        let width = pixels(across)?.min(self.width - x);
        let height = pixels(down)?.min(self.height - y);
        Some(Rect::new(x, y, width, height))
    }
}

/// The columns and rows of the tiles that a rectangle touches.
fn tiles_of(rect: Rect) -> (std::ops::Range<u16>, std::ops::Range<u16>) {
    let range = |start: u16, length: u16| match length {
        0 => 0..0,
        _ => start / SIDE..(start + length).div_ceil(SIDE),
    };
    (range(rect.x, rect.width), range(rect.y, rect.height))
}

#[cfg(test)]
mod tests;
