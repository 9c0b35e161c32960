//! One viewer: what is on its way to it, and what it has missed.

use crate::audience::{Change, Sending};
use crate::desktop::CopyHint;
use crate::limits::FRAMES_IN_FLIGHT;
use crate::link::{Answered, Link, as_usize};
use crate::region::Region;
use crate::stamp::Stamp;
use guac_protocol::Timestamp;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A viewer of the session, numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewerId(pub u64);

/// What a viewer's client can show besides PNG, which every client can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ViewerCaps {
    /// It listed `image/webp`.
    pub webp: bool,
    /// It listed `image/jpeg`.
    pub jpeg: bool,
}

impl ViewerCaps {
    /// Whether a client of these can show all that one of `others` can.
    pub(crate) fn include(self, others: Self) -> bool {
        self.webp >= others.webp && self.jpeg >= others.jpeg
    }

    /// The more a client can show the greater: JPEG saves more than WebP.
    pub(crate) fn rank(self) -> (bool, bool) {
        (self.jpeg, self.webp)
    }
}

/// Why an answer to a `sync` was not counted. The session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcknowledgeError {
    /// There is no such viewer.
    #[error("no such viewer")]
    UnknownViewer,
    /// The time is after that of the last frame sent to the viewer.
    #[error("answered {answered} when {} was sent last", .sent.unwrap_or(0))]
    AheadOfServer {
        /// The time that was answered.
        answered: i64,
        /// The time of the last frame; `None` if there was none.
        sent: Option<i64>,
    },
}

/// How a viewer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewerStats {
    /// What its client can show.
    pub caps: ViewerCaps,
    /// Frames sent and not acknowledged.
    pub frames_in_flight: usize,
    /// About the bytes of these on the wire.
    pub bytes_in_flight: usize,
    /// Bytes in a second that its link was seen to take; `None` before it has carried enough.
    pub bandwidth: Option<usize>,
    /// From sending to answer, of the last frame that was answered.
    pub round_trip: Option<Duration>,
    /// Whether it has been sent all that has been shown.
    pub in_step: bool,
}

/// What a viewer has to be sent before it can be given the common frames.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing: it has all that has been shown.
    InStep,
    /// What it has missed.
    Stale(Missed),
    /// Everything: size, picture, cursor.
    New,
}

/// What has been shown to others and not to this viewer. Only where is kept, never what: the
/// newest content is taken when the viewer is ready.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// Moves to be done before `region` is drawn, if all that was missed is one frame.
    pub(crate) copies: Vec<CopyHint>,
    pub(crate) region: Region,
    pub(crate) cursor: bool,
    pub(crate) updates: u32,
}

impl Missed {
    /// All of a picture of a size, and the cursor.
    pub(crate) fn everything((width, height): (u16, u16)) -> Self {
        Self {
            copies: Vec::new(),
            region: Region::full(width, height),
            cursor: true,
            updates: 0,
        }
    }
}

/// A frame on its way.
#[derive(Debug, Clone, Copy)]
struct InFlight {
    frame: Sending,
    /// Bytes in flight when it was sent, its own among them.
    queued: usize,
}

/// The state of one viewer.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) standing: Standing,
    /// Another user's pointer has moved since this viewer was told.
    pub(crate) pointer_due: bool,
    pub(crate) caps: ViewerCaps,
    /// What lies over its picture.
    pub(crate) stamp: Option<Arc<Stamp>>,
    pub(crate) link: Link,
    /// Oldest first, at most as many as its link is given.
    in_flight: VecDeque<InFlight>,
    last_sent: Option<Timestamp>,
    round_trip: Option<Duration>,
}

impl Viewer {
    pub(crate) fn new(caps: ViewerCaps, stamp: Option<Arc<Stamp>>, pointer_due: bool) -> Self {
        Self {
            standing: Standing::New,
            pointer_due,
            caps,
            stamp,
            link: Link::default(),
            in_flight: VecDeque::with_capacity(FRAMES_IN_FLIGHT),
            last_sent: None,
            round_trip: None,
        }
    }

    /// Whether its window has room for a frame.
    pub(crate) fn has_room(&self) -> bool {
        let (frames, bytes) = (self.link.frames_in_flight(), self.link.bytes_in_flight());
        self.in_flight.len() < frames && self.bytes_in_flight() < bytes
    }

    /// When it can be sent a frame, in the past if it can be now; `None` before another answer.
    pub(crate) fn ready_at(&self) -> Option<Duration> {
        self.has_room().then(|| self.link.paced_until())
    }

    pub(crate) fn is_ready(&self, now: Duration) -> bool {
        self.ready_at().is_some_and(|ready| ready <= now)
    }

    /// When nothing waits for its link any more, so that it could be sent what is not urgent; `None`
    /// while there is no room, or something of its own to be sent.
    pub(crate) fn rests_at(&self) -> Option<Duration> {
        let knows_link = self.link.bandwidth().is_some();
        let may = self.standing == Standing::InStep
            && self.has_room()
            && (knows_link || self.in_flight.is_empty());
        may.then(|| self.link.free())
    }

    /// When it could be sent something of its own that it is waiting for.
    pub(crate) fn catch_up_at(&self) -> Option<Duration> {
        self.ready_at()
            .filter(|_| self.standing != Standing::InStep)
    }

    /// Whether it can be told of another user's pointer: it has a picture to see it on, and
    /// answers. A viewer that does not read gets no pointers either.
    pub(crate) fn can_see_pointer(&self) -> bool {
        self.pointer_due && self.last_sent.is_some() && self.has_room()
    }

    /// A frame was sent to it.
    pub(crate) fn sent(&mut self, frame: Sending) {
        self.last_sent = Some(frame.timestamp);
        self.link.sending(&frame);
        let queued = self.bytes_in_flight() + frame.bytes;
        self.in_flight.push_back(InFlight { frame, queued });
    }

    /// It answered the frame of a time, and so has all up to it.
    pub(crate) fn acknowledge(
        &mut self,
        answered: Timestamp,
        now: Duration,
    ) -> Result<(), AcknowledgeError> {
        if self.last_sent < Some(answered) {
            return Err(AcknowledgeError::AheadOfServer {
                answered: answered.0,
                sent: self.last_sent.map(|sent| sent.0),
            });
        }
        let mut answers: Option<Answered> = None;
        while let Some(InFlight { frame, queued }) = self
            .in_flight
            .pop_front_if(|sent| sent.frame.timestamp <= answered)
        {
            self.round_trip = Some(now.saturating_sub(frame.now));
            let before = answers.map(|answers| (answers.first_sent, answers.bytes));
            let (first_sent, bytes) = before.unwrap_or((frame.now, 0));
            answers = Some(Answered {
                first_sent,
                last_sent: frame.now,
                queued,
                bytes: bytes + frame.bytes,
            });
        }
        if let Some(answers) = answers {
            self.link.answered(answers, now);
        }
        Ok(())
    }

    /// A common frame was made without it.
    pub(crate) fn missed(&mut self, change: &Change<'_>) {
        match &mut self.standing {
            Standing::New => {}
            Standing::Stale(missed) => {
                for copy in missed.copies.drain(..).chain(change.copies.iter().copied()) {
                    missed.region.add(copy.target());
                }
                missed.region.merge(change.region);
                missed.cursor |= change.cursor;
                missed.updates = missed.updates.saturating_add(change.updates);
            }
            Standing::InStep => {
                self.standing = Standing::Stale(Missed {
                    copies: change.copies.to_vec(),
                    region: change.region.clone(),
                    cursor: change.cursor,
                    updates: change.updates,
                });
            }
        }
    }

    pub(crate) fn stats(&self) -> ViewerStats {
        ViewerStats {
            caps: self.caps,
            frames_in_flight: self.in_flight.len(),
            bytes_in_flight: self.bytes_in_flight(),
            bandwidth: self.link.bandwidth().map(as_usize),
            round_trip: self.round_trip,
            in_step: self.standing == Standing::InStep,
        }
    }

    fn bytes_in_flight(&self) -> usize {
        self.in_flight.iter().map(|sent| sent.frame.bytes).sum()
    }
}
