//! Finds what has moved: scrolled pages and dragged windows that the server has drawn anew.
//!
//! A few anchors, short rows of pixels that are unlike their surroundings, are taken from what
//! changed and looked for in the picture that was shown. The offset that most of them agree on is
//! then checked pixel by pixel, and only what is equal is moved.

mod anchor;
mod matching;

use crate::area::Area;
use crate::desktop::CopyHint;
use crate::limits::{MOVE_PIXELS, SEARCH_PAUSE};
use crate::picture::Picture;
use crate::region::Region;
use anchor::Anchors;
use matching::Matching;

/// Where pixels come from, relative to where they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offset {
    dx: i32,
    dy: i32,
}

/// Two pictures of one size, and where they differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) desktop: &'a Picture,
    pub(crate) shown: &'a Picture,
    pub(crate) region: &'a Region,
}

/// Searches, in memory that it keeps.
#[derive(Debug, Default)]
pub(crate) struct MoveSearch {
    anchors: Anchors,
    matching: Matching,
    /// What moves, mostly goes on to do so by as much.
    recent: Option<Offset>,
    /// Frames to go until the search in all directions is tried again, after it was in vain.
    pause: u32,
}

impl MoveSearch {
    /// The moves that, done one after another in the shown picture, bring most of it up to the
    /// desktop; none where the change is small or new.
    pub(crate) fn find(&mut self, change: Change<'_>) -> Vec<CopyHint> {
        let mut moves = Vec::new();
        if change.region.pixels() < MOVE_PIXELS {
            return moves;
        }
        let everywhere = self.pause == 0;
        for offset in self.offsets(change, everywhere) {
            self.matching.compare(change, offset, &moves);
            self.matching.take_rectangles(change, offset, &mut moves);
        }
        if !moves.is_empty() {
            self.pause = 0;
        } else if everywhere {
            self.pause = SEARCH_PAUSE;
            self.recent = None;
        } else {
            self.pause -= 1;
        }
        in_order(moves)
    }

    /// The offsets that enough anchors agree on, the most first.
    fn offsets(&mut self, change: Change<'_>, everywhere: bool) -> Vec<Offset> {
        self.anchors.choose(change);
        let mut found = self
            .anchors
            .agreed(change, self.recent.into_iter().collect());
        if found.is_empty() {
            found = self.anchors.agreed(change, self.anchors.along_axes(change));
        }
        if found.is_empty() && everywhere {
            found = self.anchors.agreed(change, self.anchors.anywhere(change));
        }
        self.recent = found.first().copied();
        found
    }
}

/// Orders moves so that each reads its source before another writes there. What stands in a circle
/// is left out, and drawn.
fn in_order(mut moves: Vec<CopyHint>) -> Vec<CopyHint> {
    let mut ordered = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let overwrites = |one: usize, other: &CopyHint| {
            let target: Option<Area> = moves.get(one).map(CopyHint::target);
            target.is_some_and(|target| !target.intersection(other.source).is_empty())
        };
        let is_free = |one: &usize| {
            let mut others = moves.iter().enumerate().filter(|(at, _)| at != one);
            others.all(|(_, other)| !overwrites(*one, other))
        };
        match (0..moves.len()).find(is_free) {
            Some(free) => ordered.push(moves.swap_remove(free)),
            None => {
                let smallest = (0..moves.len()).min_by_key(|at| moves.get(*at).map(pixels));
                moves.swap_remove(smallest.unwrap_or_default());
            }
        }
    }
    ordered
}

fn pixels(copy: &CopyHint) -> u32 {
    copy.source.pixels()
}

#[cfg(test)]
mod tests;
