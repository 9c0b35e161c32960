//! The display of one session: from the server's desktop to the viewers' frames.

use crate::audience::{Audience, Change, Sending};
use crate::clock::{Clock, Stamps};
use crate::compare::bring_up;
use crate::compose::{Composer, Content};
use crate::cursor::CursorImage;
use crate::desktop::{CopyHint, Desktop};
use crate::frame::Frame;
use crate::limits::REFINE_TILES;
use crate::picture::Picture;
use crate::pointer::Pointer;
use crate::refinement::Refinement;
use crate::region::Region;
use crate::viewer::{AcknowledgeError, Missed, Standing, ViewerCaps, ViewerId, ViewerStats};
use guac_encode::Quality;
use guac_protocol::Timestamp;
use std::time::Duration;

/// How near a moving photograph is to its pixels.
const MOVING: Quality = Quality::new(78);

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

/// A frame and the viewers that it goes to.
#[derive(Debug)]
pub struct Delivery {
    /// Whom it is for. A canonical frame may be for nobody: the viewer that it was made for then
    /// gets what it needs of it in the next delivery.
    pub to: Vec<ViewerId>,
    /// Whether it belongs to the stream that is recorded. The first such frame is complete in
    /// itself; other frames show only what canonical ones before them have shown.
    pub canonical: bool,
    /// What they are to do.
    pub frame: Frame,
}

/// The display of one session.
///
/// After anything was done to it, call [`poll_frame`](Self::poll_frame) until it gives nothing, and
/// again at [`next_timeout`](Self::next_timeout).
#[derive(Debug)]
pub struct Display {
    desktop: Desktop,
    /// What canonical frames have shown; without a size before the first one.
    shown: Picture,
    /// What the frame in the making changes; kept for its memory.
    changed: Region,
    /// Where what was shown is only about right.
    refinement: Refinement,
    /// Whether every image is to be exact.
    lossless: bool,
    cursor: CursorImage,
    cursor_changed: bool,
    /// Updates of the server since the last canonical frame.
    updates: u32,
    audience: Audience,
    pointer: Pointer,
    composer: Composer,
    clock: Clock,
    /// Of frames that only make exact what was about right.
    refining: Clock,
    stamps: Stamps,
    /// The derived frames that belong to the last canonical one have not all been made.
    catching_up: bool,
}

impl Display {
    /// A display without a size, with an arrow for a cursor.
    #[must_use]
    pub fn new() -> Self {
        Self {
            desktop: Desktop::new(),
            shown: Picture::default(),
            changed: Region::new(0, 0),
            refinement: Refinement::default(),
            lossless: false,
            cursor: CursorImage::arrow(),
            cursor_changed: false,
            updates: 0,
            audience: Audience::default(),
            pointer: Pointer::default(),
            composer: Composer::default(),
            clock: Clock::default(),
            refining: Clock::default(),
            stamps: Stamps::default(),
            catching_up: false,
        }
    }

    /// The picture that the decoders write.
    pub fn desktop(&mut self) -> &mut Desktop {
        &mut self.desktop
    }

    /// Makes every image exact, whatever moves.
    pub fn force_lossless(&mut self) {
        self.lossless = true;
    }

    /// One update of the server is complete: its pixels may be shown.
    pub fn update_finished(&mut self) {
        self.updates = self.updates.saturating_add(1);
    }

    /// Takes the server's cursor; `None` hides it.
    pub fn set_cursor(&mut self, cursor: Option<CursorImage>) {
        let cursor = cursor.unwrap_or_else(CursorImage::hidden);
        if cursor != self.cursor {
            self.cursor = cursor;
            self.cursor_changed = true;
        }
    }

    /// A viewer moved the pointer or pressed a button; the others are shown the newest place.
    pub fn pointer_moved(&mut self, by: ViewerId, x: u16, y: u16, buttons: u8) {
        if self.pointer.moved(by, x, y, buttons) {
            self.audience.pointer_moved(by);
        }
    }

    /// A viewer joins; its first frame is the full state. One of the same id starts anew.
    pub fn add_viewer(&mut self, id: ViewerId, caps: ViewerCaps) {
        self.audience.join(id, caps, self.pointer.is_news_to(id));
    }

    /// A viewer has left.
    pub fn remove_viewer(&mut self, id: ViewerId) {
        self.audience.leave(id);
    }

    /// A viewer answered the frame of a time, and with it all before.
    ///
    /// # Errors
    /// There is no such viewer, or no such frame was sent to it yet: to be logged and ignored.
    pub fn acknowledge(
        &mut self,
        id: ViewerId,
        answered: Timestamp,
        now: Duration,
    ) -> Result<(), AcknowledgeError> {
        self.audience.acknowledge(id, answered, now)
    }

    /// How a viewer is doing; `None` if there is no such viewer.
    #[must_use]
    pub fn viewer_stats(&self, id: ViewerId) -> Option<ViewerStats> {
        self.audience.stats(id)
    }

    /// The time stamp of something that happens at `now`, between frames: not before that of the
    /// last frame, which can be some milliseconds ahead.
    #[must_use]
    pub fn timestamp(&self, now: Duration) -> Timestamp {
        self.stamps.between(now)
    }

    /// Gives back the memory of a frame that has been sent, for a later one.
    pub fn recycle(&mut self, frame: Frame) {
        self.composer.recycle(frame);
    }

    /// The next frame to be sent at `now`. To be called until it gives nothing.
    ///
    /// Frames are made when somebody can take one and something has changed: at once after a rest,
    /// and no sooner than a [`FRAME_INTERVAL`](crate::limits::FRAME_INTERVAL) after the last one.
    pub fn poll_frame(&mut self, now: Duration) -> Option<Delivery> {
        self.canonical(now)
            .or_else(|| self.derived(now))
            .or_else(|| self.refined(now))
            .or_else(|| self.pointer_frame(now))
    }

    /// When [`poll_frame`](Self::poll_frame) has something to give though nothing happens, on the
    /// scale of its `now`; `None` when it has not.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Duration> {
        let frame = (self.has_news() && self.audience.is_ready()).then(|| self.clock.next());
        let pointer = self.audience.awaits_pointer();
        let pointer = pointer.then(|| self.pointer.clock.next());
        [frame, pointer, self.next_refinement()]
            .into_iter()
            .flatten()
            .min()
    }

    /// When something could be made exact, if nothing happens before.
    fn next_refinement(&self) -> Option<Duration> {
        let may_refine = !self.has_news() && self.audience.is_idle();
        let due = self.refinement.next().filter(|_| may_refine)?;
        Some(due.max(self.refining.next()))
    }

    /// Whether a canonical frame would show anything new.
    fn has_news(&self) -> bool {
        let drawn = 0 < self.updates && self.desktop.has_been_drawn();
        let picture = drawn && !self.desktop.damaged().is_empty();
        picture || (self.cursor_changed && self.has_shown())
    }

    fn has_shown(&self) -> bool {
        self.shown.size() != (0, 0)
    }

    /// The frame that takes the shown picture and cursor up to the server's.
    fn canonical(&mut self, now: Duration) -> Option<Delivery> {
        if !self.has_news() || !self.clock.is_due(now) || !self.audience.is_ready() {
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
        for copy in &copies {
            self.refinement.moved(copy.source, copy.x, copy.y, now);
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
    fn refined(&mut self, now: Duration) -> Option<Delivery> {
        if self.next_refinement().is_none_or(|due| now < due) {
            return None;
        }
        self.refining.pass(now);
        self.changed.clear();
        self.refinement
            .take_due(now, REFINE_TILES, &mut self.changed);
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
        let refinement = &self.refinement;
        let is_moving = |tile, _| refinement.is_moving(tile, now);
        let content = Content {
            with_size: full,
            copies,
            picture: &self.shown,
            region: &self.changed,
            cursor: cursor.then_some(&self.cursor),
            timestamp,
            updates,
        };
        let loss = self.quality().map(|quality| (quality, &is_moving as _));
        let frame = self.composer.compose(&content, loss);
        for (area, lossy) in self.composer.drawn() {
            self.refinement.drawn(*area, *lossy);
        }
        // Whoever misses the frame misses what it moved as well as what it drew.
        for copy in copies {
            self.changed.add(copy.target());
        }
        let sending = Sending {
            timestamp,
            bytes: frame.wire_bytes(),
            now,
        };
        let change = Change {
            full,
            region: &self.changed,
            cursor,
            updates,
        };
        Delivery {
            to: self.audience.send_common(sending, &change),
            canonical: true,
            frame,
        }
    }

    /// How near what moves is to be; `None` where all of it is to be exact.
    fn quality(&self) -> Option<Quality> {
        let lossy = !self.lossless && self.audience.all_have(|caps| caps.jpeg);
        lossy.then_some(MOVING)
    }

    /// Brings the shown picture up to the desktop, unless no update is complete. What is to be
    /// drawn is then in `changed`; what is to be moved before that is returned.
    fn take_desktop(&mut self, updates: u32, full: bool) -> Vec<CopyHint> {
        let mut copies = Vec::new();
        self.changed.clear();
        if full {
            let (width, height) = self.desktop.size();
            self.shown.assign(self.desktop.picture());
            self.changed = Region::full(width, height);
        } else if 0 < updates {
            copies = self.repeat_copies();
            let (damage, desktop) = (self.desktop.damaged(), self.desktop.picture());
            bring_up(desktop, &mut self.shown, damage, &mut self.changed);
        }
        if 0 < updates {
            self.desktop.settle();
        }
        copies
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

    /// The frame for the viewers that lack the same: the full state, or what they have missed.
    fn derived(&mut self, now: Duration) -> Option<Delivery> {
        // News that waits for the clock is shown together with what was missed, in one frame.
        if !self.has_shown() || (self.has_news() && !self.catching_up) {
            return None;
        }
        let Some((lack, to)) = self.audience.next_group() else {
            self.catching_up = false;
            return None;
        };
        let timestamp = self.stamps.frame(now);
        let (full, missed) = match lack {
            Standing::Stale(missed) => (false, missed),
            Standing::New | Standing::InStep => (true, Missed::everything(self.shown.size())),
        };
        let refinement = &self.refinement;
        let is_lossy = |tile, area| refinement.is_lossy(tile, area);
        let content = Content {
            with_size: full,
            copies: &[],
            picture: &self.shown,
            region: &missed.region,
            cursor: missed.cursor.then_some(&self.cursor),
            timestamp,
            updates: missed.updates,
        };
        let loss = self.quality().map(|quality| (quality, &is_lossy as _));
        let frame = self.composer.compose(&content, loss);
        let sending = Sending {
            timestamp,
            bytes: frame.wire_bytes(),
            now,
        };
        self.audience.send(&to, sending);
        Some(Delivery {
            to,
            canonical: false,
            frame,
        })
    }

    /// Tells the others where the pointer is.
    fn pointer_frame(&mut self, now: Duration) -> Option<Delivery> {
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

impl Default for Display {
    fn default() -> Self {
        Self::new()
    }
}
