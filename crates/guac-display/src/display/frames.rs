//! Making frames: canonical ones, those that make exact, those for who fell behind, pointers.

use super::{Delivery, Display};
use crate::audience::{Change, Sending};
use crate::compose::{Composer, Content};
use crate::desktop::CopyHint;
use crate::frame::Frame;
use crate::limits::{MOTION_STREAK, REFINE_BYTES, REFINE_TILES, REFINE_TIME};
use crate::link::Tier;
use crate::stamp::moves_under;
use crate::viewer::{Missed, Standing, ViewerCaps};
use guac_protocol::Timestamp;
use std::time::Duration;

/// What a canonical frame is besides its picture.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    /// It is complete in itself.
    full: bool,
    /// It brings the cursor.
    cursor: bool,
    /// Updates of the server that it merges; none in one that only makes exact what was shown.
    updates: u32,
}

impl Display {
    /// The frame that takes the shown picture and cursor up to the server's.
    pub(super) fn canonical(&mut self, now: Duration) -> Option<Delivery> {
        let is_ready = self.audience.ready_at().is_some_and(|ready| ready <= now);
        if !self.has_news() || !self.clock.is_due(now) || !is_ready {
            return None;
        }
        self.clock.pass(now);
        let updates = std::mem::take(&mut self.updates);
        let full = 0 < updates && self.desktop.size() != self.shown.size();
        let copies = self.take_desktop(updates, full);
        let cursor = std::mem::take(&mut self.cursor_changed) || full;
        if self.changed.is_empty() && copies.is_empty() && !cursor {
            self.catching_up = true;
            return None;
        }
        if full {
            self.refinement.reset(self.shown.size());
        }
        if !copies.is_empty() {
            self.refinement.has_moves(now);
        }
        for copy in &copies {
            self.refinement.moved(copy, now);
        }
        self.refinement.changed(&self.changed, now);
        Some(self.show(
            now,
            &copies,
            Shown {
                full,
                cursor,
                updates,
            },
        ))
    }

    /// The frame that makes exact some of what was about right and has come to rest, so little that
    /// what is new never waits for it.
    pub(super) fn refined(&mut self, now: Duration) -> Option<Delivery> {
        if self.next_refinement().is_none_or(|due| now < due) {
            return None;
        }
        self.refining.pass(now);
        self.changed.clear();
        let bandwidth = self.audience.resting_bandwidth(now);
        let bytes = bandwidth.map(|bandwidth| bandwidth * REFINE_TIME.as_secs_f64());
        let in_time = |tiles: &u16| {
            bytes.is_none_or(|bytes| f64::from(*tiles) * f64::from(REFINE_BYTES) <= bytes)
        };
        let most = (2..=REFINE_TILES).take_while(in_time).count() + 1;
        self.refinement.take_due(now, most, &mut self.changed);
        Some(self.show(now, &[], Shown::default()))
    }

    /// The canonical frame that does `copies` and draws what is in `changed`.
    fn show(&mut self, now: Duration, copies: &[CopyHint], what: Shown) -> Delivery {
        self.catching_up = true;
        let Shown {
            full,
            cursor,
            updates,
        } = what;
        let timestamp = self.stamps.frame(now);
        let tier = self.audience.best_tier(now);
        // Over a slow link a photograph is about right at first, though it may not move.
        let streak = if self.audience.is_slow(now) {
            1
        } else {
            MOTION_STREAK
        };
        let caps = self.audience.most_caps();
        let refinement = &self.refinement;
        let may_lose = self.may_lose(caps);
        let is_moving = |tile, _| refinement.is_moving(tile, now, streak);
        let content = Content {
            with_size: full,
            copies,
            picture: &mut self.shown,
            stamp: None,
            region: &self.changed,
            cursor: cursor.then_some(&self.cursor),
            timestamp,
            updates,
            webp: caps.webp,
        };
        let loss = may_lose.then(|| (tier.quality(), &is_moving as _));
        let frame = self.composer.compose(content, loss);
        for drawn in self.composer.drawn() {
            // An image may make exact in passing what lies beside the region. Whoever misses the frame
            // misses that as well.
            if self.refinement.drawn(drawn.area, drawn.is_lossy()) {
                self.changed.add(drawn.area);
            }
        }
        let sending = self.sending(&frame, timestamp, tier, now);
        let change = Change {
            full,
            copies,
            region: &self.changed,
            drawn: self.composer.drawn(),
            cursor,
            updates,
        };
        Delivery {
            to: self.audience.send_common(sending, &change),
            canonical: true,
            frame,
        }
    }

    /// Whether anything may be about right for a client.
    fn may_lose(&self, caps: ViewerCaps) -> bool {
        !self.lossless && caps.jpeg
    }

    /// What is told of a frame that was just composed.
    fn sending(&self, frame: &Frame, timestamp: Timestamp, tier: Tier, now: Duration) -> Sending {
        let lossy = self
            .composer
            .drawn()
            .iter()
            .filter(|drawn| drawn.is_lossy());
        let lossy_bytes = lossy.map(|drawn| drawn.bytes / 3 * 4).sum();
        Sending {
            timestamp,
            bytes: frame.wire_bytes(),
            now,
            needs: self.composer.needs(),
            lossy: (0 < lossy_bytes).then_some(tier),
            lossy_bytes,
        }
    }

    /// The frame for the viewers that lack the same: the full state, or what they have missed.
    pub(super) fn derived(&mut self, now: Duration) -> Option<Delivery> {
        // News that waits for the clock is shown together with what was missed, in one frame.
        if !self.has_shown() || (self.has_news() && !self.catching_up) {
            return None;
        }
        let Some(mut group) = self.audience.next_group(now) else {
            self.catching_up = false;
            return None;
        };
        let timestamp = self.stamps.frame(now);
        let size = self.shown.size();
        let lack = std::mem::replace(&mut group.lack, Standing::InStep);
        let (full, mut missed) = match lack {
            Standing::Stale(missed) => (false, missed),
            Standing::New | Standing::InStep => (true, Missed::everything(size)),
        };
        if let Some(stamp) = &group.stamp {
            missed.copies = moves_under(stamp, &missed.copies, size, &mut missed.region);
        }
        let refinement = &self.refinement;
        let may_lose = self.may_lose(group.caps);
        let is_lossy = |tile, area| refinement.is_lossy(tile, area);
        let content = Content {
            with_size: full,
            copies: &missed.copies,
            picture: &mut self.shown,
            stamp: group.stamp.as_ref(),
            region: &missed.region,
            cursor: missed.cursor.then_some(&self.cursor),
            timestamp,
            updates: missed.updates,
            webp: group.caps.webp,
        };
        let loss = may_lose.then(|| (group.tier.quality(), &is_lossy as _));
        let frame = self.composer.compose(content, loss);
        // An image may hold what lies between two lossy places, which then is lossy here as well.
        for drawn in self
            .composer
            .drawn()
            .iter()
            .filter(|drawn| drawn.is_lossy())
        {
            self.refinement.drawn(drawn.area, true);
        }
        let sending = self.sending(&frame, timestamp, group.tier, now);
        Some(Delivery {
            to: self.audience.send_group(&group, sending),
            canonical: false,
            frame,
        })
    }

    /// Tells the others where the pointer is.
    pub(super) fn pointer_frame(&mut self, now: Duration) -> Option<Delivery> {
        if !self.pointer.clock.is_due(now) {
            return None;
        }
        let to = self.audience.take_pointer_group();
        if to.is_empty() {
            return None;
        }
        let mouse = self.pointer.mouse(self.timestamp(now))?;
        self.pointer.clock.pass(now);
        Some(Delivery {
            to,
            canonical: false,
            frame: Composer::pointer(mouse),
        })
    }
}
