//! What is known of the segment of a recording that is being written.

use crate::evidence::{Moment, Seen, Segment, VIEWERS_MAX};
use crate::spool::Extents;

/// The longest time that a segment is open, in milliseconds.
pub const SEGMENT_MAX_MS: u64 = 5_000;

/// The most bytes of the recording that a segment has. Sealed they are fewer as a rule, and some hundreds more
/// where nothing can be compressed.
pub const SEGMENT_MAX_BYTES: u64 = 4 * 1_024 * 1_024;

/// The segment that is being written.
#[derive(Debug)]
pub(crate) struct OpenSegment {
    number: u64,
    /// When the first thing happened in it; nothing has yet otherwise.
    opened_ms: Option<u64>,
    first_frame: u64,
    frames: u64,
    keys: u64,
    refused: u64,
    seen: Vec<Seen>,
}

impl OpenSegment {
    pub(crate) const fn first() -> Self {
        Self::new(1, 1)
    }

    const fn new(number: u64, first_frame: u64) -> Self {
        Self {
            number,
            opened_ms: None,
            first_frame,
            frames: 0,
            keys: 0,
            refused: 0,
            seen: Vec::new(),
        }
    }

    /// Something happens in it.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.opened_ms.get_or_insert(now.monotonic_ms);
    }

    /// Whether nothing has happened in it.
    pub(crate) const fn is_untouched(&self) -> bool {
        self.opened_ms.is_none()
    }

    /// When it has to be closed, on the monotonic clock in milliseconds.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        Some(self.opened_ms?.saturating_add(SEGMENT_MAX_MS))
    }

    pub(crate) fn frame(&mut self) {
        self.frames += 1;
    }

    pub(crate) fn key(&mut self) {
        self.keys += 1;
    }

    pub(crate) fn refused(&mut self, count: u64) {
        self.refused = self.refused.saturating_add(count);
    }

    /// A viewer is sent this frame, or what it needs to show it.
    pub(crate) fn seen(&mut self, viewer: &str, frame: u64) {
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.viewer == viewer) {
            seen.last = frame;
        } else if self.seen.len() < VIEWERS_MAX {
            self.seen.push(Seen {
                viewer: viewer.to_owned(),
                first: frame,
                last: frame,
            });
        }
    }

    /// The one after it, if nobody is told what it was.
    pub(crate) const fn after(&self) -> Self {
        Self::new(self.number + 1, self.first_frame + self.frames)
    }

    /// Closes it and opens the next one.
    pub(crate) fn close(&mut self, Extents { file, plain }: Extents) -> Segment {
        let next = self.after();
        let closed = std::mem::replace(self, next);
        Segment {
            number: closed.number,
            file,
            plain,
            opened_ms: closed.opened_ms.unwrap_or_default(),
            first_frame: closed.first_frame,
            frames: closed.frames,
            keys: closed.keys,
            refused: closed.refused,
            seen: closed.seen,
        }
    }

    /// How many are closed.
    pub(crate) const fn closed(&self) -> u64 {
        self.number - 1
    }
}
