//! Brings the shown picture up to the desktop and finds what changed, at memory speed.

use crate::area::Area;
use crate::picture::Picture;
use crate::region::{Region, TILE};

/// Copies what differs within the damaged tiles from `desktop` to `shown`, pictures of one size,
/// and adds the exact pixels to `changed`.
pub(crate) fn bring_up(
    desktop: &Picture,
    shown: &mut Picture,
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
                bring_up_run(
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
fn bring_up_run(desktop: &Picture, shown: &mut Picture, run: Area, changed: &mut Region) {
    let stride = desktop.stride();
    let columns = usize::from(run.left)..usize::from(run.right).min(stride);
    let (top, height) = (usize::from(run.top), usize::from(run.height()));
    let desktop = desktop.pixels().chunks(stride).skip(top).take(height);
    let shown = shown.pixels_mut().chunks_mut(stride).skip(top).take(height);
    for (y, (new, old)) in (run.top..).zip(desktop.zip(shown)) {
        let (Some(new), Some(old)) = (new.get(columns.clone()), old.get_mut(columns.clone()))
        else {
            continue;
        };
        if new == old {
            continue;
        }
        let tile = usize::from(TILE);
        let tiles = new.chunks(tile).zip(old.chunks_mut(tile));
        for (left, (new, old)) in (run.left..).step_by(tile).zip(tiles) {
            if let Some((first, last)) = difference(new, old) {
                changed.add(Area {
                    left: left + first,
                    top: y,
                    right: left + last + 1,
                    bottom: y + 1,
                });
                old.copy_from_slice(new);
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
