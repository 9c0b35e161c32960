//! Anchors: rows of pixels that are unlike their surroundings, and where they were before.

use super::{Change, Offset};
use crate::area::Area;
use crate::limits::{ANCHORS, MOVE_OFFSETS, SEARCHED_PIXELS};
use crate::picture::Picture;
use std::cmp::Reverse;
use std::ops::Range;

/// Pixels of an anchor.
const LENGTH: u16 = 32;
/// Changes of colour from pixel to pixel from which on a row is worth looking for.
const DISTINCT: usize = 5;
/// One row in so many is looked at for an anchor.
const ROW_STEP: usize = 3;
/// Places of one anchor that are taken as candidates along a row, a column, or everywhere.
const CANDIDATES: usize = 3;
/// Tiles of which one is to have an anchor.
const TRIED: usize = 3;
/// Positions that are looked at together: whole vector registers.
const LANES: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Anchor {
    x: u16,
    y: u16,
    /// Two places within it whose colours are rare there; the second is not before the first.
    probe: [u16; 2],
}

/// The anchors of one change.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    chosen: Vec<Anchor>,
}

impl Anchors {
    /// Takes anchors from changed tiles all over the picture.
    pub(super) fn choose(&mut self, change: Change<'_>) {
        self.chosen.clear();
        let wide = |tile: &Area| LENGTH <= tile.width();
        let tiles = || change.region.rows().flatten().copied().filter(wide);
        let step = tiles().count().div_ceil(ANCHORS).max(1);
        for first in (0..).step_by(step) {
            // Of tiles beside each other the first that is not plain will do.
            let mut group = tiles().skip(first).take(step).peekable();
            if group.peek().is_none() {
                return;
            }
            let mut anchors = group
                .take(TRIED)
                .filter_map(|tile| anchor(change.desktop, tile));
            self.chosen.extend(anchors.next());
        }
    }

    /// Those of some offsets that enough anchors come from, at most [`MOVE_OFFSETS`], the most
    /// agreed on first.
    pub(super) fn agreed(&self, change: Change<'_>, offsets: Vec<Offset>) -> Vec<Offset> {
        let enough = (self.chosen.len() / 8).clamp(1, 3);
        let votes = |offset: &Offset| {
            let anchors = self.chosen.iter();
            anchors
                .filter(|anchor| anchor.is_at(change, *offset))
                .count()
        };
        let counted = offsets.into_iter().map(|offset| (votes(&offset), offset));
        let mut agreed: Vec<_> = counted.filter(|(count, _)| enough <= *count).collect();
        agreed.sort_by_key(|(count, _)| Reverse(*count));
        agreed.truncate(MOVE_OFFSETS);
        agreed.into_iter().map(|(_, offset)| offset).collect()
    }

    /// The offsets that anchors may come from along their columns and rows.
    pub(super) fn along_axes(&self, change: Change<'_>) -> Vec<Offset> {
        let bounds = change.region.bounds();
        let mut offsets = Vec::new();
        for anchor in &self.chosen {
            let columns = bounds.left..bounds.right;
            let row = anchor.within(change, columns, anchor.y..anchor.y + 1);
            let column = anchor.along_column(change, bounds);
            anchor.add_offsets(column.into_iter().chain(row), &mut offsets);
        }
        offsets
    }

    /// The offsets that some of the anchors may come from anywhere in what changed.
    pub(super) fn anywhere(&self, change: Change<'_>) -> Vec<Offset> {
        let bounds = change.region.bounds();
        let most = usize::try_from(SEARCHED_PIXELS / bounds.pixels().max(1)).unwrap_or_default();
        let step = (self.chosen.len() / most.max(1)).max(1);
        let mut offsets = Vec::new();
        for anchor in self.chosen.iter().skip(step / 2).step_by(step).take(most) {
            let (columns, rows) = (bounds.left..bounds.right, bounds.top..bounds.bottom);
            let places = anchor.within(change, columns, rows);
            anchor.add_offsets(places, &mut offsets);
        }
        offsets
    }
}

/// The most telling row of a tile's changed part.
fn anchor(desktop: &Picture, tile: Area) -> Option<Anchor> {
    let rows = (tile.top..tile.bottom).step_by(ROW_STEP);
    let starts = [tile.left, tile.right - LENGTH];
    let places = rows.flat_map(|y| starts.map(|x| (x, y)));
    let distinct = |(x, y): (u16, u16)| {
        let row = desktop.row(y, x, x + LENGTH);
        row.windows(2)
            .filter(|pair| pair.first() != pair.last())
            .count()
    };
    let (count, (x, y)) = places.map(|place| (distinct(place), place)).max()?;
    let probe = probes(desktop.row(y, x, x + LENGTH))?;
    (DISTINCT <= count).then_some(Anchor { x, y, probe })
}

/// The two places of a row whose colours are the rarest in it.
fn probes(row: &[u32]) -> Option<[u16; 2]> {
    let rarity = |pixel: &u32| row.iter().filter(|other| *other == pixel).count();
    let mut places: Vec<(usize, u16)> = row.iter().map(rarity).zip(0..).collect();
    places.sort_unstable();
    let first = places.first()?.1;
    let second = places.get(1)?.1;
    Some([first.min(second), first.max(second)])
}

impl Anchor {
    fn row<'a>(&self, change: Change<'a>) -> &'a [u32] {
        change.desktop.row(self.y, self.x, self.x + LENGTH)
    }

    /// Whether the shown picture has it at an offset.
    fn is_at(&self, change: Change<'_>, offset: Offset) -> bool {
        let x = u16::try_from(i32::from(self.x) + offset.dx);
        let y = u16::try_from(i32::from(self.y) + offset.dy);
        let (Ok(x), Ok(y)) = (x, y) else {
            return false;
        };
        let (width, height) = change.shown.size();
        let fits = x.checked_add(LENGTH).is_some_and(|right| right <= width) && y < height;
        fits && change.shown.row(y, x, x + LENGTH) == self.row(change)
    }

    /// Adds the offsets of places that are not among them yet.
    fn add_offsets(&self, places: impl IntoIterator<Item = (u16, u16)>, offsets: &mut Vec<Offset>) {
        for (x, y) in places {
            let offset = Offset {
                dx: i32::from(x) - i32::from(self.x),
                dy: i32::from(y) - i32::from(self.y),
            };
            if !offsets.contains(&offset) {
                offsets.push(offset);
            }
        }
    }

    /// Where it is in its own column, the nearest places first.
    fn along_column(&self, change: Change<'_>, bounds: Area) -> Vec<(u16, u16)> {
        let wanted = self.row(change);
        let mut found: Vec<(u16, u16)> = (bounds.top..bounds.bottom)
            .filter(|y| {
                let row = change.shown.row(*y, self.x, self.x + LENGTH);
                *y != self.y && row == wanted
            })
            .map(|y| (self.x, y))
            .collect();
        found.sort_by_key(|(_, y)| y.abs_diff(self.y));
        found.truncate(CANDIDATES);
        found
    }

    /// Where it is within some columns and rows.
    fn within(&self, change: Change<'_>, columns: Range<u16>, rows: Range<u16>) -> Vec<(u16, u16)> {
        let wanted = self.row(change);
        let [first, second] = self.probe.map(usize::from);
        let (Some(one), Some(two)) = (wanted.get(first), wanted.get(second)) else {
            return Vec::new();
        };
        let length = usize::from(LENGTH);
        let mut found = Vec::new();
        for y in rows {
            let row = change.shown.row(y, columns.start, columns.end);
            let positions = (row.len() + 1).saturating_sub(length);
            let ones = row.get(first..first + positions).unwrap_or_default();
            let twos = row.get(second..second + positions).unwrap_or_default();
            for (block, (ones, twos)) in ones.chunks(LANES).zip(twos.chunks(LANES)).enumerate() {
                let hits = ones.iter().zip(twos).map(|(a, b)| a == one && b == two);
                if !hits.clone().fold(false, |any, hit| any | hit) {
                    continue;
                }
                let starts = (block * LANES..).zip(hits).filter(|(_, hit)| *hit);
                for (start, _) in starts {
                    if row.get(start..start + length) == Some(wanted) {
                        let x = columns.start + u16::try_from(start).unwrap_or_default();
                        found.push((x, y));
                    }
                }
                if CANDIDATES < found.len() {
                    // It is everywhere, and tells nothing.
                    return Vec::new();
                }
            }
        }
        found.retain(|place| *place != (self.x, self.y));
        found
    }
}
