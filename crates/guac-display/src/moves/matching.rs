//! What of a picture is its predecessor at an offset, as rectangles.

use super::{Change, Offset};
use crate::area::Area;
use crate::desktop::CopyHint;
use crate::limits::{COPY_HINTS, MOVE_MIN_PIXELS};
use crate::region::TILE;

/// For each row of the changed area, the tiles' columns in which it is equal to the shown picture
/// at the offset: one bit each. The longest side of a desktop has 128 of them.
#[derive(Debug, Default)]
pub(super) struct Matching {
    rows: Vec<u128>,
    /// The first of the rows.
    top: u16,
    /// How many rows above and with this one are equal, in each column; kept for its memory.
    heights: Vec<u16>,
}

/// A rectangle of rows and of tiles' columns.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    top: u16,
    bottom: u16,
    first: u16,
    last: u16,
}

impl Matching {
    /// Compares all changed rows at an offset; what moves already found draw is left out.
    pub(super) fn compare(&mut self, change: Change<'_>, offset: Offset, found: &[CopyHint]) {
        let bounds = change.region.bounds();
        self.top = bounds.top;
        self.rows.clear();
        for y in bounds.top..bounds.bottom {
            let columns = bounds.left / TILE..bounds.right.div_ceil(TILE);
            let equal = columns.filter(|column| {
                let cell = cell(change, *column, y);
                source(change, cell, offset).is_some_and(|from| {
                    change.desktop.row(y, cell.left, cell.right)
                        == change.shown.row(from.top, from.left, from.right)
                })
            });
            let bits = equal.fold(0, |bits, column| bits | bit(column));
            self.rows.push(bits);
        }
        for copy in found {
            let target = copy.target();
            let columns = target.left / TILE..target.right.div_ceil(TILE);
            self.clear(target.top..target.bottom, columns);
        }
    }

    /// The moves by the offset that are worth it, the largest first.
    pub(super) fn take_rectangles(
        &mut self,
        change: Change<'_>,
        offset: Offset,
        moves: &mut Vec<CopyHint>,
    ) {
        while moves.len() < COPY_HINTS {
            let block = self.largest();
            let Some(target) = self.widened(change, offset, block) else {
                return;
            };
            if gained(change, target) < MOVE_MIN_PIXELS {
                return;
            }
            self.clear(block.top..block.bottom, block.first..block.last);
            if let Some(source) = source(change, target, offset) {
                moves.push(CopyHint {
                    source,
                    x: target.left,
                    y: target.top,
                });
            }
        }
    }

    fn clear(&mut self, rows: std::ops::Range<u16>, columns: std::ops::Range<u16>) {
        let bits = columns.fold(0, |bits, column| bits | bit(column));
        let first = usize::from(rows.start.saturating_sub(self.top));
        let rows = self.rows.iter_mut().skip(first).take(rows.len());
        rows.for_each(|row| *row &= !bits);
    }

    /// The rectangle of set bits that holds the most: the largest one under a histogram, which
    /// grows row by row.
    fn largest(&mut self) -> Block {
        let columns = 128;
        self.heights.clear();
        self.heights.resize(columns + 1, 0);
        let (mut best, mut most) = (Block::default(), 0);
        let mut stack: Vec<(u16, u16)> = Vec::with_capacity(columns);
        for (bottom, row) in (self.top + 1..).zip(&self.rows) {
            if *row == 0 {
                self.heights.fill(0);
                continue;
            }
            stack.clear();
            for (column, height) in (0_u16..).zip(&mut self.heights) {
                let set = column < 128 && row & bit(column) != 0;
                *height = if set { *height + 1 } else { 0 };
                let mut first = column;
                while let Some((start, above)) = stack.pop_if(|(_, above)| *height <= *above) {
                    first = start;
                    let size = u32::from(above) * u32::from(column - start);
                    if most < size {
                        most = size;
                        best = Block {
                            top: bottom - above,
                            bottom,
                            first: start,
                            last: column,
                        };
                    }
                }
                stack.push((first, *height));
            }
        }
        best
    }

    /// The block in pixels, made wider where parts of the columns beside it are equal too.
    fn widened(&self, change: Change<'_>, offset: Offset, block: Block) -> Option<Area> {
        if block.bottom <= block.top {
            return None;
        }
        let (width, _) = change.desktop.size();
        let area = Area {
            left: block.first * TILE,
            top: block.top,
            right: (block.last * TILE).min(width),
            bottom: block.bottom,
        };
        let left = Area {
            left: area.left.saturating_sub(TILE),
            right: area.left,
            ..area
        };
        let right = Area {
            left: area.right,
            right: area.right.saturating_add(TILE).min(width),
            ..area
        };
        Some(Area {
            left: area.left - equal_columns(change, left, offset, true),
            right: area.right + equal_columns(change, right, offset, false),
            ..area
        })
    }
}

fn bit(column: u16) -> u128 {
    1_u128.checked_shl(column.into()).unwrap_or_default()
}

/// The pixels of a tile's column in a row.
fn cell(change: Change<'_>, column: u16, y: u16) -> Area {
    let (width, _) = change.desktop.size();
    let left = column * TILE;
    Area {
        left,
        top: y,
        right: (left + TILE).min(width),
        bottom: y + 1,
    }
}

/// Where an area comes from; `None` if that is not wholly inside the picture.
fn source(change: Change<'_>, area: Area, offset: Offset) -> Option<Area> {
    let (width, height) = change.shown.size();
    let left = u16::try_from(i32::from(area.left) + offset.dx).ok()?;
    let top = u16::try_from(i32::from(area.top) + offset.dy).ok()?;
    let source = area.at(left, top);
    let whole = source.width() == area.width() && source.height() == area.height();
    (whole && source.right <= width && source.bottom <= height).then_some(source)
}

/// How many columns of an area, from its right or from its left edge, are equal in all its rows.
fn equal_columns(change: Change<'_>, area: Area, offset: Offset, from_right: bool) -> u16 {
    // What would come from outside the picture is left out.
    let (width, _) = change.shown.size();
    let shifted = |x: u16| i32::from(x) + offset.dx;
    let mut area = area;
    while area.left < area.right && shifted(area.left) < 0 {
        area.left += 1;
    }
    while area.left < area.right && i32::from(width) < shifted(area.right) {
        area.right -= 1;
    }
    let mut equal = area.width();
    for y in area.top..area.bottom {
        let row = Area {
            top: y,
            bottom: y + 1,
            ..area
        };
        let Some(from) = source(change, row, offset) else {
            return 0;
        };
        let new = change.desktop.row(y, row.left, row.right);
        let old = change.shown.row(from.top, from.left, from.right);
        let same = |(new, old): &(&u32, &u32)| new == old;
        let pairs = new.iter().zip(old);
        let count = if from_right {
            pairs.rev().take_while(same).count()
        } else {
            pairs.take_while(same).count()
        };
        equal = equal.min(u16::try_from(count).unwrap_or(equal));
        if equal == 0 {
            return 0;
        }
    }
    equal
}

/// The pixels of an area that differ from what is shown there, by the rectangles of the tiles.
fn gained(change: Change<'_>, area: Area) -> u32 {
    let changed = change.region.rows().flatten();
    let parts = changed.map(|tile| tile.intersection(area));
    let held = parts.filter(|part| !part.is_empty());
    held.map(Area::pixels).sum()
}
