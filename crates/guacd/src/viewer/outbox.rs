//! What waits to be written to one viewer.
//!
//! Filling it never waits: a session must not be held up by a viewer that reads slowly. The display
//! gives a viewer no new frame before it has answered for earlier ones, so that little waits for a
//! viewer that plays by the rules. One that answers what it has not read, or lets other traffic pile
//! up, is ended, and nobody else notices.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use guac_policy::{Control, Permitted, Recorded};
use guac_protocol::Status;
use tokio::sync::Notify;

/// Bytes of control traffic that may wait for one viewer before it gets no more.
pub(crate) const CONTROL_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of frames that may wait for one viewer before it gets no more: well above the window that
/// the display keeps for a viewer that answers honestly.
pub(crate) const FRAMES_MAX_BYTES: usize = 4 * guac_display::limits::BYTES_IN_FLIGHT;

/// What a waiting message counts beside its bytes, so that tiny ones are bounded as well.
const MESSAGE_OVERHEAD: usize = 256;

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
        let bytes = match self {
            Self::Frame(frame) => frame.get().len(),
            Self::Control(message) => message.get().bytes().len(),
        };
        bytes.saturating_add(MESSAGE_OVERHEAD)
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

    /// The end for a reason that is the policy's.
    pub(crate) const fn by_policy(status: Status) -> Self {
        Self::Error {
            message: "Not allowed. The session is ended by policy.",
            status,
        }
    }

    /// The end for a client whose connection id is unknown, with stock guacd's text.
    pub(crate) const fn no_such_connection() -> Self {
        Self::Error {
            message: "No such connection.",
            status: Status::ResourceNotFound,
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
    clipboard: Option<Permitted<Control>>,
    control_bytes: usize,
    frame_bytes: usize,
    farewell: Option<Farewell>,
}

impl State {
    /// The bytes that wait of an item's kind, and how many of them are too many.
    fn account(&mut self, item: &Outgoing) -> (&mut usize, usize) {
        match item {
            Outgoing::Frame(_) => (&mut self.frame_bytes, FRAMES_MAX_BYTES),
            Outgoing::Control(_) => (&mut self.control_bytes, CONTROL_MAX_BYTES),
        }
    }

    fn end(&mut self, farewell: Farewell) {
        *self = Self {
            farewell: Some(farewell),
            ..Self::default()
        };
    }

    fn take(&mut self) -> Option<Result<Outgoing, Farewell>> {
        if let Some(text) = self.clipboard.take() {
            return Some(Ok(Outgoing::Control(text)));
        }
        if let Some(item) = self.queue.pop_front() {
            let (waiting, _) = self.account(&item);
            *waiting = waiting.saturating_sub(item.counted_len());
            return Some(Ok(item));
        }
        self.farewell.map(Err)
    }
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
    /// is ended instead. One message may be of any size: it is what waits before it that counts.
    pub(crate) fn push(&self, item: Outgoing) {
        let mut state = self.state();
        if state.farewell.is_some() {
            return;
        }
        let (waiting, limit) = state.account(&item);
        if limit < *waiting {
            state.end(Farewell::aborted(Status::ClientOverrun));
        } else {
            *waiting = waiting.saturating_add(item.counted_len());
            state.queue.push_back(item);
        }
        drop(state);
        self.shared.changed.notify_one();
    }

    /// Offers the desktop's clipboard. Only the newest text waits: nobody pastes an older one.
    pub(crate) fn offer_clipboard(&self, text: Permitted<Control>) {
        let mut state = self.state();
        if state.farewell.is_none() {
            state.clipboard = Some(text);
        }
        drop(state);
        self.shared.changed.notify_one();
    }

    /// Ends the viewer. The first farewell counts. What was queued before is written before; of a
    /// session that has failed nothing more is worth a wait for the reason.
    pub(crate) fn close(&self, farewell: Farewell) {
        let mut state = self.state();
        match (state.farewell, farewell) {
            (Some(_), _) => return,
            (None, Farewell::Error { .. }) => state.end(farewell),
            (None, Farewell::Disconnect) => state.farewell = Some(farewell),
        }
        drop(state);
        self.shared.changed.notify_one();
    }

    /// The next thing to write, or the end. Cancel-safe. Only the writer calls this.
    pub(crate) async fn next(&self) -> Result<Outgoing, Farewell> {
        loop {
            // Made before looking, so that what comes in between is not missed.
            let changed = self.shared.changed.notified();
            if let Some(ready) = self.state().take() {
                return ready;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a poisoned lock is as good as any.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use guac_policy::{
        ClipboardRule, FrameGate, FromDesktop, Policy, Restrictions, Role, Unrecorded,
    };
    use guac_protocol::{ServerInstruction, Timestamp};
    use tokio::time::timeout;

    use super::*;
    use crate::decisions::Witness;
    use crate::viewer::Door;

    const OVERRUN: Farewell = Farewell::aborted(Status::ClientOverrun);

    fn door() -> Door {
        let rule = ClipboardRule::up_to(16 << 20);
        let policy = Policy::builder().clipboard_copy(rule).build();
        let policy = Arc::new(policy);
        let witness = Witness::unheard(&policy);
        Door::new(&policy, Restrictions::default(), Role::Owner, witness)
    }

    fn nop() -> Outgoing {
        Outgoing::Control(door().vetted(&ServerInstruction::Nop).unwrap())
    }

    fn clipboard(text: &str) -> Permitted<Control> {
        door()
            .with(|gate| gate.vet_clipboard(FromDesktop::new(text), Duration::ZERO))
            .unwrap()
    }

    fn frame() -> Outgoing {
        let sync = ServerInstruction::Sync {
            timestamp: Timestamp(1),
            frames: 1,
        };
        let mut gate = FrameGate::new(Arc::new(Policy::builtin()));
        let frame = gate.vet_frame([sync]).unwrap();
        Outgoing::Frame(frame.record(&mut Unrecorded).unwrap())
    }

    async fn drained(outbox: &Outbox) -> (usize, Farewell) {
        let mut count = 0;
        loop {
            match outbox.next().await {
                Ok(_) => count += 1,
                Err(farewell) => return (count, farewell),
            }
        }
    }

    #[tokio::test]
    async fn whoever_lets_too_much_pile_up_is_ended() {
        for (item, limit) in [(nop(), CONTROL_MAX_BYTES), (frame(), FRAMES_MAX_BYTES)] {
            let outbox = Outbox::new();
            let fitting = limit / item.counted_len() + 1;
            for _ in 0..fitting {
                outbox.push(item.clone());
            }
            assert!(outbox.next().await.is_ok());
            outbox.push(item.clone());
            outbox.push(item.clone());
            assert_eq!(drained(&outbox).await, (0, OVERRUN));
        }
    }

    #[tokio::test]
    async fn the_first_farewell_counts_and_only_an_error_overtakes() {
        let failed = Farewell::no_such_connection();
        for (first, second, written) in [
            (failed, Farewell::Disconnect, 0),
            (Farewell::Disconnect, failed, 2),
        ] {
            let outbox = Outbox::new();
            outbox.push(frame());
            outbox.push(nop());
            outbox.close(first);
            outbox.close(second);
            outbox.push(nop());
            assert_eq!(drained(&outbox).await, (written, first));
        }
    }

    #[tokio::test]
    async fn only_the_newest_clipboard_waits_and_it_may_be_large() {
        let outbox = Outbox::new();
        outbox.offer_clipboard(clipboard(&"old".repeat(4 << 20)));
        let newest = clipboard(&"new".repeat(4 << 20));
        outbox.offer_clipboard(newest.clone());
        outbox.push(nop());
        assert!(matches!(outbox.next().await, Ok(Outgoing::Control(text)) if text == newest));
        outbox.close(Farewell::Disconnect);
        assert_eq!(drained(&outbox).await, (1, Farewell::Disconnect));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wake_up_survives_a_wait_that_was_given_up() {
        let outbox = Outbox::new();
        for _ in 0..3 {
            assert!(
                timeout(Duration::from_secs(4), outbox.next())
                    .await
                    .is_err()
            );
        }
        let waiting = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.next().await.is_ok() }
        });
        tokio::task::yield_now().await;
        outbox.push(nop());
        assert!(waiting.await.unwrap());
    }
}
