//! Finds where the shown picture differs from the desktop, at memory speed, and brings it up.

use crate::area::Area;
use crate::picture::Picture;
use crate::region::{Region, TILE};

/// Copies a region from `desktop` to `shown`, pictures of one size.
pub(crate) fn bring_up(desktop: &Picture, shown: &mut Picture, region: &Region) {
    for tile in region.rows().flatten().filter(|tile| !tile.is_empty()) {
        for y in tile.top..tile.bottom {
            let new = desktop.row(y, tile.left, tile.right);
            let old = shown.row_mut(y, tile.left, tile.right);
            if old.len() == new.len() {
                old.copy_from_slice(new);
            }
        }
    }
}

/// Adds to `changed` the exact pixels that differ within the damaged tiles of `desktop` and
/// `shown`, pictures of one size.
pub(crate) fn differences(
    desktop: &Picture,
    shown: &Picture,
    damage: &Region,
    changed: &mut Region,
) {
    if damage.is_empty() {
        return;
    }
    for row in damage.rows() {
        let mut left = 0;
        // Neighbouring damaged tiles are compared together: long rows are what memory is fast at.
        for run in row.chunk_by(|a, b| a.is_empty() == b.is_empty()) {
            let right = run.iter().fold(left, |right, _| right + TILE);
            let held = run.iter().fold(Area::EMPTY, |held, tile| held.union(*tile));
            if !held.is_empty() {
                compare_run(
                    desktop,
                    shown,
                    Area {
                        left,
                        right,
                        ..held
                    },
                    changed,
                );
            }
            left = right;
        }
    }
}

/// The same for the tiles of one run; `run` begins at a tile's edge.
fn compare_run(desktop: &Picture, shown: &Picture, run: Area, changed: &mut Region) {
    let stride = desktop.stride();
    let columns = usize::from(run.left)..usize::from(run.right).min(stride);
    let (top, height) = (usize::from(run.top), usize::from(run.height()));
    let desktop = desktop.pixels().chunks(stride).skip(top).take(height);
    let shown = shown.pixels().chunks(stride).skip(top).take(height);
    for (y, (new, old)) in (run.top..).zip(desktop.zip(shown)) {
        let (Some(new), Some(old)) = (new.get(columns.clone()), old.get(columns.clone())) else {
            continue;
        };
        if new == old {
            continue;
        }
        let tile = usize::from(TILE);
        let tiles = new.chunks(tile).zip(old.chunks(tile));
        for (left, (new, old)) in (run.left..).step_by(tile).zip(tiles) {
            if let Some((first, last)) = difference(new, old) {
                changed.add(Area {
                    left: left + first,
                    top: y,
                    right: left + last + 1,
                    bottom: y + 1,
                });
            }
        }
    }
}

/// The first and the last place where two rows of a tile differ.
fn difference(new: &[u32], old: &[u32]) -> Option<(u16, u16)> {
    if new == old {
        return None;
    }
    let mut differs = new.iter().zip(old).map(|(new, old)| new != old);
    let first = differs.position(|differs| differs)?;
    // Counted from after the first one, which is the last one too when there is no other.
    let last = differs
        .rposition(|differs| differs)
        .map_or(first, |last| first + 1 + last);
    Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?))
}
