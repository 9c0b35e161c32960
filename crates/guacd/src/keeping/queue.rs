//! What waits to be kept, and who works on it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use guac_policy::{Control, DesktopInput, Permitted};
use guac_protocol::Timestamp;
use guac_recorder::End;
use tokio::sync::{Notify, oneshot};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::Instant;

use super::disk::Disk;
use super::lookout;
use super::writer::Writer;
use crate::desktop::Failure;
use crate::viewer::Outbox;

/// What a piece of work counts beside its bytes, so that tiny ones are bounded as well.
const WORK_OVERHEAD: usize = 128;

/// The most that is written on the session's own thread, in bytes: a millisecond's work, sealing included.
const HERE_MAX_BYTES: usize = 256 << 10;

/// What takes as long there is not quick. It may be another program's fault, so that one is not yet too many.
const SLOW: Duration = Duration::from_millis(10);

/// So many slow ones in a row are.
const SLOW_MAX: u32 = 3;

/// And one as slow as this.
const STUCK: Duration = Duration::from_millis(100);

/// For how long nothing more is written there then.
const ELSEWHERE_TIME: Duration = Duration::from_secs(10);

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

    /// Whether it is done at once, if the disk is as quick as ever.
    fn is_small(&self) -> bool {
        // What is closed is waited for until it is on the disk.
        !matches!(self, Self::Close(..)) && self.counted_bytes() <= HERE_MAX_BYTES
    }

    /// Whether somebody else is woken when it is done.
    const fn wakes_viewers(&self) -> bool {
        matches!(self, Self::Frame { .. } | Self::Copied { .. })
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
    /// When there is something to do even if nothing comes, as the writer said last.
    timeout: Option<Instant>,
    /// Until when the session sleeps unless it is woken; none if nothing of this wakes it.
    pub(super) sleeps_until: Option<Instant>,
    /// The session stands still until nothing waits.
    pub(super) is_awaited: bool,
    /// How many writes on the session's thread were slow, one after the other.
    slow_here: u32,
    /// Until when nothing is written there, since it took too long.
    elsewhere_until: Option<Instant>,
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

    /// When the writer has to be woken. One that is at work sees for itself what has become due.
    pub(super) fn timeout(&self, now: Instant) -> Option<Instant> {
        let is_mine = |timeout: &Instant| self.writer.is_some() || now < *timeout;
        self.timeout.filter(is_mine)
    }

    /// Whether the session has to look, now that nothing waits any more.
    fn concerns_session(&mut self) -> bool {
        let oversleeps = match (self.timeout, self.sleeps_until) {
            (Some(timeout), Some(wakes)) => timeout < wakes,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let is_news = std::mem::take(&mut self.disk.is_news);
        self.is_awaited || self.failure.is_some() || is_news || oversleeps
    }

    /// Whether what waits can be done at once, as far as is known.
    fn is_quick(&self) -> bool {
        let is_allowed = self
            .elsewhere_until
            .is_none_or(|until| until <= Instant::now());
        let next = self.queue.front();
        is_allowed && next.is_none_or(|(_, work)| work.is_small())
    }

    /// Notes how long a write on the session's thread took.
    fn took_here(&mut self, time: Duration) {
        self.slow_here = if time < SLOW { 0 } else { self.slow_here + 1 };
        if SLOW_MAX <= self.slow_here || STUCK <= time {
            self.slow_here = 0;
            self.elsewhere_until = Some(Instant::now() + ELSEWHERE_TIME);
        }
    }

    fn wakes_viewers(&self) -> bool {
        let next = self.queue.front();
        next.is_some_and(|(_, work)| work.wakes_viewers())
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
    pub(super) fn new(mut writer: Box<Writer>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                bytes: 0,
                in_hand: None,
                timeout: writer.next_timeout(),
                sleeps_until: None,
                is_awaited: false,
                slow_here: 0,
                elsewhere_until: None,
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
            let shared = Arc::clone(self);
            if state.is_quick() {
                tokio::spawn(shared.write_here(writer));
            } else {
                spawn_blocking(move || shared.write(writer));
            }
        }
    }

    /// Works until nothing waits, on a thread of its own.
    fn write(self: Arc<Self>, mut writer: Box<Writer>) {
        while let Some(again) = self.step(writer) {
            writer = again;
        }
    }

    /// Works on the thread that the session runs on, as long as that is quick.
    async fn write_here(self: Arc<Self>, mut writer: Box<Writer>) {
        loop {
            let Some(leave) = self.state().is_quick().then(lookout::ask).flatten() else {
                spawn_blocking(move || self.write(writer));
                return;
            };
            let begun = Instant::now();
            let wakes_viewers = self.state().wakes_viewers();
            let again = self.step(writer);
            drop(leave);
            self.state().took_here(begun.elapsed());
            let Some(again) = again else {
                return;
            };
            writer = again;
            if wakes_viewers {
                // Whoever was woken is run by this thread and by no other, so before it could be held up.
                yield_now().await;
            }
        }
    }

    /// Does one piece of work. Gives the writer back if more waits.
    fn step(self: &Arc<Self>, mut writer: Box<Writer>) -> Option<Box<Writer>> {
        let work = self.take();
        let bytes = work.as_ref().map_or(0, Work::counted_bytes);
        let outcome = writer.work(work, self);
        let mut state = self.state();
        state.in_hand = None;
        state.bytes = state.bytes.saturating_sub(bytes);
        if let Err(failure) = outcome {
            state.fail(failure);
        }
        if !state.queue.is_empty() {
            return Some(writer);
        }
        state.timeout = writer.next_timeout();
        state.writer = Some(writer);
        if state.concerns_session() {
            self.changed.notify_one();
        }
        None
    }

    fn take(&self) -> Option<Work> {
        let mut state = self.state();
        let (since, work) = state.queue.pop_front()?;
        state.in_hand = Some(since);
        Some(work)
    }
}
