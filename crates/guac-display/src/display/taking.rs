//! Taking over what the server has drawn: moves first, then what differs.

use super::Display;
use crate::compare::{bring_up, differences};
use crate::desktop::CopyHint;
use crate::moves;
use crate::region::Region;

impl Display {
    /// Brings the shown picture up to the desktop, unless no update is complete. What is to be
    /// drawn is then in `changed`; what is to be moved before that is returned.
    pub(super) fn take_desktop(&mut self, updates: u32, full: bool) -> Vec<CopyHint> {
        let mut copies = Vec::new();
        self.changed.clear();
        if full {
            let (width, height) = self.desktop.size();
            self.shown.assign(self.desktop.picture());
            self.changed = Region::full(width, height);
        } else if 0 < updates {
            copies = self.repeat_copies();
            let (damage, desktop) = (self.desktop.damaged(), self.desktop.picture());
            differences(desktop, &self.shown, damage, &mut self.changed);
            let moves = self.search.find(moves::Change {
                desktop,
                shown: &self.shown,
                region: &self.changed,
            });
            if !moves.is_empty() {
                self.move_shown(&moves);
                copies.extend(moves);
            }
            bring_up(self.desktop.picture(), &mut self.shown, &self.changed);
        }
        if 0 < updates {
            self.desktop.settle();
        }
        copies
    }

    /// Does moves that were found in the shown picture. What they move there is equal to the desktop: only
    /// tiles that are moved in part are compared again.
    fn move_shown(&mut self, moves: &[CopyHint]) {
        let (width, height) = self.shown.size();
        let before = std::mem::replace(&mut self.changed, Region::new(width, height));
        let mut in_part = Region::new(width, height);
        for tile in before.rows().flatten().filter(|tile| !tile.is_empty()) {
            let targets = || moves.iter().map(CopyHint::target);
            if targets().any(|target| target.union(*tile) == target) {
                continue;
            }
            let is_moved = targets().any(|target| !target.intersection(*tile).is_empty());
            let rest = if is_moved {
                &mut in_part
            } else {
                &mut self.changed
            };
            rest.add(*tile);
        }
        for copy in moves {
            self.shown.move_area(copy.source, copy.x, copy.y);
        }
        let (desktop, shown) = (self.desktop.picture(), &self.shown);
        differences(desktop, shown, &in_part, &mut self.changed);
    }

    /// Does the server's moves in the shown picture, one after another as the viewers will, and
    /// gives those that were worth it. What a move gets wrong, the comparison finds.
    fn repeat_copies(&mut self) -> Vec<CopyHint> {
        let mut done = Vec::new();
        for copy in self.desktop.copies() {
            if copy.is_worth_it(self.desktop.picture(), &self.shown) {
                self.shown.move_area(copy.source, copy.x, copy.y);
                done.push(*copy);
            }
        }
        done
    }
}
