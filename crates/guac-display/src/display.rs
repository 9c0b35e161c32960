//! The display of one session: from the server's desktop to the viewers' frames.

mod frames;
mod taking;

use crate::audience::Audience;
use crate::clock::{Clock, Stamps};
use crate::compose::Composer;
use crate::cursor::CursorImage;
use crate::desktop::Desktop;
use crate::frame::Frame;
use crate::moves::MoveSearch;
use crate::picture::Picture;
use crate::pointer::Pointer;
use crate::pool::EncodePool;
use crate::refinement::Refinement;
use crate::region::Region;
use crate::stamp::Stamp;
use crate::viewer::{AcknowledgeError, ViewerCaps, ViewerId, ViewerStats};
use guac_protocol::Timestamp;
use std::sync::Arc;
use std::time::Duration;

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
    search: MoveSearch,
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
            search: MoveSearch::default(),
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

    /// Has large frames encoded with the help of a pool's threads.
    pub fn encode_with(&mut self, pool: EncodePool) {
        self.composer.encode_with(pool);
    }

    /// How many threads may encode one frame at once.
    #[must_use]
    pub fn encoders(&self) -> usize {
        self.composer.encoders()
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

    /// A viewer joins; its first frame is the full state. One of the same id starts anew. With a
    /// `stamp` it is never sent a pixel without it.
    pub fn add_viewer(&mut self, id: ViewerId, caps: ViewerCaps, stamp: Option<Arc<Stamp>>) {
        let pointer_due = self.pointer.is_news_to(id);
        self.audience.join(id, caps, stamp, pointer_due);
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
        let frame = if self.has_news() {
            let ready = self.audience.ready_at();
            ready.map(|ready| ready.max(self.clock.next()))
        } else {
            self.audience.catch_up_at().filter(|_| self.has_shown())
        };
        let pointer = self.audience.awaits_pointer();
        let pointer = pointer.then(|| self.pointer.clock.next());
        [frame, pointer, self.next_refinement()]
            .into_iter()
            .flatten()
            .min()
    }

    /// When something could be made exact, if nothing happens before.
    fn next_refinement(&self) -> Option<Duration> {
        let rests = self.audience.rests_at().filter(|_| !self.has_news())?;
        let due = self.refinement.next()?;
        Some(due.max(self.refining.next()).max(rests))
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
}

impl Default for Display {
    fn default() -> Self {
        Self::new()
    }
}
