//! What waits to be kept, and who works on it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use guac_policy::{Control, DesktopInput, Permitted};
use guac_protocol::Timestamp;
use guac_recorder::End;
use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::disk::Disk;
use super::writer::Writer;
use crate::desktop::Failure;
use crate::viewer::Outbox;

/// What a piece of work counts beside its bytes, so that tiny ones are bounded as well.
const WORK_OVERHEAD: usize = 128;

/// Something to keep.
pub(crate) enum Work {
    /// A frame, and whom it goes to once it is kept.
    Frame {
        /// The frame.
        frame: Permitted<Bytes>,
        /// Whether it is part of the recording. Others show pixels of frames that were.
        canonical: bool,
        /// Its viewers.
        to: Vec<Addressee>,
    },
    /// What a user does, and when.
    Input(DesktopInput, Timestamp),
    /// A text of the desktop's clipboard, and whom it goes to once it is kept.
    Copied {
        /// The text.
        text: String,
        /// The same, as each may have it.
        to: Vec<(Outbox, Permitted<Control>)>,
    },
    /// So many actions were refused since the last time.
    Refused(u64),
    /// Nothing more comes.
    Close(End, oneshot::Sender<()>),
}

/// A viewer that a frame goes to.
pub(crate) struct Addressee {
    /// `@` and a UUID.
    pub(crate) user_id: Arc<str>,
    /// Where its bytes go.
    pub(crate) outbox: Outbox,
}

impl Work {
    fn counted_bytes(&self) -> usize {
        let bytes = match self {
            Self::Frame { frame, .. } => frame.get().len(),
            Self::Copied { text, .. } | Self::Input(DesktopInput::CutText(text), _) => text.len(),
            Self::Input(..) | Self::Refused(_) | Self::Close(..) => 0,
        };
        bytes.saturating_add(WORK_OVERHEAD)
    }
}

/// Shared by a session and whoever writes for it.
pub(super) struct Shared {
    state: Mutex<State>,
    /// The session should look at the state.
    pub(super) changed: Notify,
    /// A writer that waits should look at the state.
    pub(super) abandoning: Condvar,
}

pub(super) struct State {
    queue: VecDeque<(Instant, Work)>,
    /// Of what waits, with what is being worked on.
    pub(super) bytes: usize,
    /// Since when what is being worked on has waited.
    in_hand: Option<Instant>,
    /// Nobody writes while it lies here.
    writer: Option<Box<Writer>>,
    /// When there is something to do even if nothing comes.
    pub(super) timeout: Option<Instant>,
    /// Why nothing more is kept.
    pub(super) failure: Option<Failure>,
    has_failed: bool,
    pub(super) disk: Disk,
    /// What cannot be written is given up.
    pub(super) abandoned: bool,
}

impl State {
    /// Since when something has waited to be kept.
    pub(super) fn oldest(&self) -> Option<Instant> {
        let first = self.queue.front().map(|(since, _)| *since);
        self.in_hand.or(first)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.in_hand.is_none()
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        if !self.has_failed {
            self.has_failed = true;
            self.failure = Some(failure);
        }
        // What follows would not be kept either. Whoever waits for the end still gets it.
        self.queue
            .retain(|(_, work)| matches!(work, Work::Close(..)));
        self.bytes = 0;
    }
}

impl Shared {
    pub(super) fn new(writer: Box<Writer>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                bytes: 0,
                in_hand: None,
                timeout: writer.next_timeout(),
                writer: Some(writer),
                failure: None,
                has_failed: false,
                disk: Disk::default(),
                abandoned: false,
            }),
            changed: Notify::new(),
            abandoning: Condvar::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues something. Once keeping has failed, it is dropped.
    pub(super) fn push(self: &Arc<Self>, work: Work) {
        let mut state = self.state();
        if !state.has_failed || matches!(work, Work::Close(..)) {
            state.bytes = state.bytes.saturating_add(work.counted_bytes());
            state.queue.push_back((Instant::now(), work));
            self.wake(&mut state);
        }
    }

    /// Has the writer look whether there is something to do.
    pub(super) fn kick(self: &Arc<Self>) {
        self.wake(&mut self.state());
    }

    fn wake(self: &Arc<Self>, state: &mut State) {
        if let Some(writer) = state.writer.take() {
            state.timeout = None;
            let shared = Arc::clone(self);
            spawn_blocking(move || shared.write(writer));
        }
    }

    /// The writer's thread: works until nothing waits.
    fn write(self: Arc<Self>, mut writer: Box<Writer>) {
        loop {
            let work = self.take();
            let bytes = work.as_ref().map_or(0, Work::counted_bytes);
            let outcome = writer.work(work, &self);
            let mut state = self.state();
            state.in_hand = None;
            state.bytes = state.bytes.saturating_sub(bytes);
            if let Err(failure) = outcome {
                state.fail(failure);
                self.changed.notify_one();
            }
            if state.queue.is_empty() {
                state.timeout = writer.next_timeout();
                state.writer = Some(writer);
                // The session has to know until when it may sleep, and that nothing waits any more.
                self.changed.notify_one();
                return;
            }
        }
    }

    fn take(&self) -> Option<Work> {
        let mut state = self.state();
        let (since, work) = state.queue.pop_front()?;
        state.in_hand = Some(since);
        Some(work)
    }
}
