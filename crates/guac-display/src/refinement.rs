//! What viewers have only about right: where a lossy image was drawn, and when that is made exact.

use crate::area::Area;
use crate::desktop::CopyHint;
use crate::limits::{MOTION_GAP, MOVES_STREAK, REFINE_AFTER, REFINE_LATEST};
use crate::region::{Region, TILE, tile_bounds};
use std::time::Duration;

/// How each tile of the shown picture has moved lately, and what in it is only about right.
///
/// Whatever differs from the shown picture at any viewer lies in here or in what that viewer has
/// missed: derived frames are lossy only where this says so.
#[derive(Debug, Default)]
pub(crate) struct Refinement {
    columns: usize,
    /// Row by row, as in a [`Region`].
    tiles: Vec<Tile>,
    /// How many of them hold what is only about right: mostly none, and then nothing is due.
    lossy_tiles: usize,
    /// When parts of the picture were last moved, if they ever were.
    last_move: Option<Duration>,
    /// Frames with moves, one soon after another.
    moves: u8,
}

#[derive(Debug, Clone, Copy)]
struct Tile {
    /// The smallest rectangle that holds what is only about right; inside the tile.
    lossy: Area,
    /// When it last changed, if it ever has.
    changed: Option<Duration>,
    /// What of it changed then.
    part: Area,
    /// Changes of the same part, one soon after another.
    streak: u8,
}

const STILL: Tile = Tile {
    lossy: Area::EMPTY,
    changed: None,
    part: Area::EMPTY,
    streak: 0,
};

impl Refinement {
    /// A picture of a size, all of it exact and still.
    pub(crate) fn reset(&mut self, (width, height): (u16, u16)) {
        self.columns = usize::from(width.div_ceil(TILE));
        let rows = usize::from(height.div_ceil(TILE));
        self.tiles.clear();
        self.tiles.resize(self.columns * rows, STILL);
        self.lossy_tiles = 0;
        (self.last_move, self.moves) = (None, 0);
    }

    /// The frame of this time moves something: a window that is dragged, a page that is scrolled.
    pub(crate) fn has_moves(&mut self, now: Duration) {
        let before = self.last_move.replace(now);
        self.moves = if before.is_some_and(|before| now.saturating_sub(before) <= MOTION_GAP) {
            self.moves.saturating_add(1)
        } else {
            1
        };
    }

    /// The server changed a region.
    pub(crate) fn changed(&mut self, region: &Region, now: Duration) {
        for (tile, changed) in self.tiles.iter_mut().zip(region.rows().flatten()) {
            if changed.is_empty() {
                continue;
            }
            let gap = tile.changed.map(|before| now.saturating_sub(before));
            // What changes bit by bit, each beside the one before, does so once.
            let again = 2 * tile.part.intersection(*changed).pixels() >= changed.pixels();
            tile.streak = match gap {
                Some(gap) if gap <= MOTION_GAP && again => tile.streak.saturating_add(1),
                _ => 1,
            };
            tile.part = *changed;
            tile.changed = Some(now);
        }
    }

    /// Whether a tile changes now, for at least the time of that number in a streak, or as what is
    /// dragged or scrolled uncovers it.
    pub(crate) fn is_moving(&self, tile: usize, now: Duration, streak: u8) -> bool {
        let uncovered = self.last_move == Some(now) && MOVES_STREAK <= self.moves;
        let tile = self.tiles.get(tile);
        tile.is_some_and(|tile| tile.changed == Some(now) && (uncovered || streak <= tile.streak))
    }

    /// Whether everybody has an area of a tile only about right, or will be sent it again.
    pub(crate) fn is_lossy(&self, tile: usize, area: Area) -> bool {
        self.tiles
            .get(tile)
            .is_some_and(|tile| tile.lossy.union(area) == tile.lossy)
    }

    /// An image was drawn for everybody; says whether it made exact anything that was not.
    pub(crate) fn drawn(&mut self, area: Area, lossy: bool) -> bool {
        let (mut added, mut made_exact) = (0, 0);
        self.each_tile(area, |tile, part| {
            if lossy {
                added += usize::from(tile.lossy.is_empty());
                tile.lossy = tile.lossy.union(part);
            } else if !tile.lossy.is_empty() && part.union(tile.lossy) == part {
                tile.lossy = Area::EMPTY;
                made_exact += 1;
            }
        });
        self.lossy_tiles = self.lossy_tiles + added - made_exact;
        0 < made_exact
    }

    /// Everybody moved an area, and with it what is only about right.
    pub(crate) fn moved(&mut self, copy: &CopyHint, now: Duration) {
        let mut carried = Vec::new();
        self.each_tile(copy.source, |tile, _| {
            carried.extend(copy.carried(tile.lossy))
        });
        // The target is exact but for what is carried there; a tile that it covers in part keeps
        // what it had, which is sent again in vain at worst.
        self.drawn(copy.target(), false);
        self.each_tile(copy.target(), |tile, _| tile.changed = Some(now));
        for lossy in carried {
            self.drawn(lossy, true);
        }
    }

    /// Adds to `region` what has been still for long enough, at most so many tiles of it.
    pub(crate) fn take_due(&self, now: Duration, most: usize, region: &mut Region) {
        let due = self.lossy().filter(|tile| self.due(tile) <= now);
        for tile in due.take(most) {
            region.add(tile.lossy);
        }
    }

    /// When something is to be made exact.
    pub(crate) fn next(&self) -> Option<Duration> {
        if self.lossy_tiles == 0 {
            return None;
        }
        self.lossy().map(|tile| self.due(tile)).min()
    }

    /// When a tile is to be made exact. While parts of the picture are being moved that waits, since
    /// they may soon cover it, but not for ever.
    fn due(&self, tile: &Tile) -> Duration {
        let changed = tile.changed.unwrap_or_default();
        let moved = self.last_move.unwrap_or_default() + MOTION_GAP;
        (changed + REFINE_AFTER).max(moved.min(changed + REFINE_LATEST))
    }

    fn lossy(&self) -> impl Iterator<Item = &Tile> {
        self.tiles.iter().filter(|tile| !tile.lossy.is_empty())
    }

    /// Calls `visit` for each tile that an area touches, with its part of the area.
    fn each_tile(&mut self, area: Area, mut visit: impl FnMut(&mut Tile, Area)) {
        if area.is_empty() {
            return;
        }
        let columns = area.left / TILE..area.right.div_ceil(TILE);
        for row in area.top / TILE..area.bottom.div_ceil(TILE) {
            for column in columns.clone() {
                let at = usize::from(row) * self.columns + usize::from(column);
                let (left, top) = (column * TILE, row * TILE);
                if let Some(tile) = self.tiles.get_mut(at) {
                    let bounds = tile_bounds(left, top);
                    visit(tile, area.intersection(bounds));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::area::area;
    use crate::limits::MOTION_STREAK;

    const SIZE: (u16, u16) = (256, 128);

    fn refinement() -> Refinement {
        let mut refinement = Refinement::default();
        refinement.reset(SIZE);
        refinement
    }

    fn due(refinement: &Refinement, now: Duration) -> Vec<Area> {
        let mut region = Region::new(SIZE.0, SIZE.1);
        refinement.take_due(now, usize::MAX, &mut region);
        let tiles = region.rows().flatten().copied();
        tiles.filter(|tile| !tile.is_empty()).collect()
    }

    #[test]
    fn motion_is_change_after_change() {
        let mut refinement = refinement();
        let mut region = Region::new(SIZE.0, SIZE.1);
        region.add(area(70, 0, 80, 10));
        let mut now = Duration::from_secs(1);
        for moving in [false, true, true] {
            now += MOTION_GAP;
            refinement.changed(&region, now);
            assert_eq!(refinement.is_moving(1, now, MOTION_STREAK), moving);
            assert!(!refinement.is_moving(0, now, 1));
        }
        // It moved a moment ago, and does not now.
        assert!(!refinement.is_moving(1, now + Duration::from_millis(1), 1));
        now += MOTION_GAP + Duration::from_millis(1);
        refinement.changed(&region, now);
        assert!(
            !refinement.is_moving(1, now, 2),
            "after a rest it starts anew"
        );
    }

    #[test]
    fn what_is_uncovered_bit_by_bit_does_not_move() {
        let mut refinement = refinement();
        let mut now = Duration::from_secs(1);
        for left in [0, 14, 28, 42] {
            now += Duration::from_millis(33);
            let mut region = Region::new(SIZE.0, SIZE.1);
            region.add(area(left, 0, left + 14, 64));
            refinement.changed(&region, now);
            assert!(!refinement.is_moving(0, now, 2), "{left}");
        }
    }

    #[test]
    fn what_is_lossy_is_due_once_it_is_still() {
        let mut refinement = refinement();
        let mut region = Region::new(SIZE.0, SIZE.1);
        region.add(area(0, 0, 128, 64));
        let now = Duration::from_secs(1);
        refinement.changed(&region, now);
        assert_eq!(refinement.next(), None);
        refinement.drawn(area(10, 10, 100, 20), true);
        assert_eq!(refinement.next(), Some(now + REFINE_AFTER));
        assert_eq!(
            due(&refinement, now + REFINE_AFTER - Duration::from_nanos(1)),
            []
        );
        let halves = [area(10, 10, 64, 20), area(64, 10, 100, 20)];
        assert_eq!(due(&refinement, now + REFINE_AFTER), halves);
        // An exact image that holds only part of it is not enough.
        refinement.drawn(area(10, 10, 99, 20), false);
        assert_eq!(due(&refinement, now + REFINE_AFTER), halves[1..]);
        refinement.drawn(area(60, 0, 128, 64), false);
        assert_eq!(refinement.next(), None);
    }

    #[test]
    fn a_move_carries_what_is_lossy() {
        let mut refinement = refinement();
        refinement.drawn(area(0, 0, 10, 10), true);
        refinement.drawn(area(130, 70, 140, 80), true);
        let now = Duration::from_secs(9);
        let copy = CopyHint {
            source: area(0, 0, 64, 64),
            x: 128,
            y: 64,
        };
        refinement.moved(&copy, now);
        assert_eq!(due(&refinement, now), [area(0, 0, 10, 10)]);
        let now = now + REFINE_AFTER;
        assert_eq!(
            due(&refinement, now),
            [area(0, 0, 10, 10), area(128, 64, 138, 74)]
        );
    }

    /// Frame after frame moves something and uncovers a stripe; what is right of it is not moved.
    fn dragged(refinement: &mut Refinement, frames: u16, gap: Duration) -> Duration {
        let mut now = Duration::from_secs(1);
        for frame in 1..=frames {
            now += gap;
            let mut region = Region::new(SIZE.0, SIZE.1);
            region.add(area(frame, 0, frame + 1, 64));
            refinement.has_moves(now);
            refinement.changed(&region, now);
        }
        now
    }

    #[test]
    fn what_a_drag_uncovers_is_about_right() {
        for (frames, gap, uncovered) in [
            (MOVES_STREAK - 1, MOTION_GAP, false),
            (MOVES_STREAK, MOTION_GAP, true),
            (MOVES_STREAK, MOTION_GAP + Duration::from_millis(1), false),
        ] {
            let mut refinement = refinement();
            let now = dragged(&mut refinement, frames.into(), gap);
            assert_eq!(refinement.is_moving(0, now, MOTION_STREAK), uncovered);
            assert!(!refinement.is_moving(1, now, 1), "it has not changed");
            assert!(!refinement.is_moving(0, now + gap, 1), "it is over");
        }
    }

    #[test]
    fn refinement_waits_for_the_end_of_a_drag_but_not_for_ever() {
        let mut refinement = refinement();
        let began = dragged(&mut refinement, 3, MOTION_GAP);
        refinement.drawn(area(0, 0, 10, 10), true);
        refinement.drawn(area(128, 0, 130, 10), true);
        assert_eq!(
            due(&refinement, began + REFINE_AFTER - MOTION_GAP).len(),
            1,
            "long still"
        );
        let last = began + REFINE_AFTER;
        refinement.has_moves(last);
        assert_eq!(due(&refinement, last), []);
        assert_eq!(due(&refinement, last + MOTION_GAP).len(), 2);
        let last = began + REFINE_LATEST;
        refinement.has_moves(last);
        assert_eq!(
            due(&refinement, last - Duration::from_millis(1)),
            [area(128, 0, 130, 10)]
        );
        assert_eq!(due(&refinement, last).len(), 2);
    }
}
