//! What waits to be written to one viewer's socket.
//!
//! A session never waits for a viewer: it puts bytes here and goes on. The display keeps the
//! number of frames in flight small; a viewer that lets more than [`CONTROL_MAX_BYTES`] of other
//! traffic pile up is ended, and nobody else notices.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use guac_policy::{Control, Permitted, Recorded};
use guac_protocol::Status;
use tokio::sync::Notify;

/// The most bytes of control traffic that may wait for one viewer. Frames are not counted here:
/// the display keeps each viewer's frames in flight within a window of its own.
pub(crate) const CONTROL_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Something to write.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    /// A frame that the recorder has accepted.
    Frame(Recorded<Bytes>),
    /// Small traffic for this viewer alone.
    Control(Permitted<Control>),
}

impl Outgoing {
    fn counted_len(&self) -> usize {
        match self {
            Self::Frame(_) => 0,
            Self::Control(message) => message.get().bytes().len(),
        }
    }
}

/// Why a viewer's connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The user or the session ended without a fault.
    Disconnect,
    /// Something failed: a text for the protocol's `error`, and the status.
    Error {
        /// Stock guacd's text; it hides the detail, which is in the log.
        message: &'static str,
        /// Why.
        status: Status,
    },
}

impl Farewell {
    /// The end for a reason that the log tells more about.
    pub(crate) const fn aborted(status: Status) -> Self {
        Self::Error {
            message: "Aborted. See logs.",
            status,
        }
    }
}

/// The sending side is the session's and the reader's, the taking side is the writer's.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Outgoing>,
    control_bytes: usize,
    farewell: Option<Farewell>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::default()),
                changed: Notify::new(),
            }),
        }
    }

    /// Queues something unless the viewer is already ending. A viewer that let too much pile up
    /// is ended instead.
    pub(crate) fn push(&self, item: Outgoing) {
        let mut state = self.state();
        if state.farewell.is_some() {
            return;
        }
        if CONTROL_MAX_BYTES < state.control_bytes.saturating_add(item.counted_len()) {
            state.queue.clear();
            state.control_bytes = 0;
            state.farewell = Some(Farewell::aborted(Status::ClientOverrun));
        } else {
            state.control_bytes = state.control_bytes.saturating_add(item.counted_len());
            state.queue.push_back(item);
        }
        drop(state);
        self.shared.changed.notify_one();
    }

    /// Ends the viewer once everything queued before is written. The first farewell counts.
    pub(crate) fn close(&self, farewell: Farewell) {
        self.state().farewell.get_or_insert(farewell);
        self.shared.changed.notify_one();
    }

    /// The next thing to write, or the end. Only the writer calls this.
    pub(crate) async fn next(&self) -> Result<Outgoing, Farewell> {
        loop {
            let changed = self.shared.changed.notified();
            if let Some(ready) = self.take() {
                return ready;
            }
            changed.await;
        }
    }

    fn take(&self) -> Option<Result<Outgoing, Farewell>> {
        let mut state = self.state();
        if let Some(item) = state.queue.pop_front() {
            state.control_bytes = state.control_bytes.saturating_sub(item.counted_len());
            return Some(Ok(item));
        }
        state.farewell.map(Err)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a poisoned lock is as good as any.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
