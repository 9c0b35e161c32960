//! Whether keeping keeps up, as its session sees it.

use std::sync::Arc;
use std::time::Duration;

use guac_policy::KeepingLimits;
use guac_recorder::End;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::copies::{Backlog, Copies, copy_closed, is_for_good, trouble};
use super::patience::UntilAbandoned;
use super::queue::{Shared, State, Work};
use super::wanted::Wanted;
use super::writer::Writer;
use crate::decisions::Witness;
use crate::desktop::Failure;
use crate::session::clock;

/// How long a session waits at its start for the store to take the first line of its evidence.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a session waits at its end for its recording to be closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long it waits after what cannot be written has been given up.
const ABANDON_TIMEOUT: Duration = Duration::from_secs(2);

/// What is kept of one session.
pub(crate) struct Keeping {
    shared: Arc<Shared>,
    limits: KeepingLimits,
    break_glass: bool,
    witness: Witness,
    frozen: Option<Frozen>,
    copies: Option<Copies>,
    /// Until when the store has to take the first line of the evidence. Before it has, nothing happens.
    opening: Option<Instant>,
    /// The session goes on whatever the store has.
    without_store: bool,
}

/// Why nothing may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The recorder has not accepted what happened.
    Recorder,
    /// What it accepted is not on the disk.
    Disk,
    /// What is closed is not in the object store.
    Store,
}

#[derive(Debug, Clone, Copy)]
struct Frozen {
    since: Instant,
    cause: Cause,
}

impl Cause {
    const fn name(self) -> &'static str {
        match self {
            Self::Recorder => "recorder",
            Self::Disk => "disk",
            Self::Store => "store",
        }
    }

    /// What holds a session up that has gone on until now.
    fn of(
        state: &State,
        stored: Option<&Backlog>,
        limits: &KeepingLimits,
        now: Instant,
    ) -> Option<Self> {
        let bytes = u64::try_from(state.bytes).unwrap_or(u64::MAX);
        let is_late = |since: Option<Instant>, limit| {
            since.is_some_and(|since| limit <= now.saturating_duration_since(since))
        };
        if limits.backlog_bytes < bytes || is_late(state.oldest(), limits.freeze_after) {
            Some(Self::Recorder)
        } else if is_late(state.disk.since, limits.disk_within) {
            Some(Self::Disk)
        } else if stored.is_some_and(|backlog| {
            limits.store_backlog_bytes < backlog.bytes
                || backlog.oldest.is_some_and(|age| limits.store_within <= age)
        }) {
            Some(Self::Store)
        } else {
            None
        }
    }
}

impl Keeping {
    /// Opens the files.
    ///
    /// # Errors
    /// When they cannot be had. Nothing may be shown then, unless the policy lets it.
    pub(crate) fn start(wanted: &Wanted, witness: &Witness) -> Result<Self, Failure> {
        let mut recording = wanted.open(clock::moment())?;
        if let Some((path, key)) = recording.evidence() {
            witness.evidence_begins(recording.path(), path, &key);
        }
        let limits = wanted.limits;
        let store = wanted.store.clone();
        let copies = store.map(|store| Copies::start(store, wanted.session(), &recording));
        let copies = copies.transpose().map_err(|error| {
            tracing::error!("The files of the recording cannot be read back: {error}");
            Failure::Recording(error.to_string())
        })?;
        copy_closed(&mut recording, copies.as_ref());
        let copying = copies.clone();
        let shared = Arc::new_cyclic(|shared| {
            let mut recording = recording;
            recording.set_patience(Box::new(UntilAbandoned {
                shared: shared.clone(),
                told: false,
            }));
            let (witness, glass) = (witness.clone(), wanted.break_glass);
            let writer = Writer::new(recording, copying, witness, glass, limits.free_bytes);
            Shared::new(Box::new(writer))
        });
        if let Some(copies) = &copies {
            copies.watch(Arc::downgrade(&shared));
        }
        Ok(Self {
            opening: copies.as_ref().map(|_| Instant::now() + OPEN_TIMEOUT),
            copies,
            without_store: false,
            shared,
            limits,
            break_glass: wanted.break_glass,
            witness: witness.clone(),
            frozen: None,
        })
    }

    /// Whether nothing waits to be kept.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.shared.state().is_idle()
    }

    /// Keeps something, later.
    pub(crate) fn push(&self, work: Work) {
        self.shared.push(work);
    }

    /// Whether the session stands still.
    pub(crate) const fn is_frozen(&self) -> bool {
        self.frozen.is_some() || self.opening.is_some()
    }

    /// Looks how far keeping has got, and does what is due.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub(crate) fn look(&mut self, now: Instant) -> Result<(), Failure> {
        let looked = self.look_at_all(now);
        let mut state = self.shared.state();
        let was_awaited = std::mem::replace(&mut state.is_awaited, self.is_frozen());
        if state.is_awaited && !was_awaited && state.is_idle() {
            // It got there before it knew that it is waited for.
            self.shared.changed.notify_one();
        }
        looked
    }

    fn look_at_all(&mut self, now: Instant) -> Result<(), Failure> {
        self.look_at_opening(now)?;
        let stored = self.stored();
        let (cause, is_idle, is_due) = {
            let mut state = self.shared.state();
            if let Some(failure) = state.failure.take() {
                return Err(failure);
            }
            let is_due = state.timeout(now).is_some_and(|timeout| timeout <= now);
            let cause = Cause::of(&state, stored.as_ref(), &self.limits, now);
            (cause, state.is_idle(), is_due)
        };
        if is_due {
            self.shared.kick();
        }
        match (self.frozen, cause) {
            (None, Some(cause)) => self.freeze(cause, now),
            (Some(frozen), None) if is_idle => self.thaw(frozen, now),
            (Some(frozen), _) if frozen.since + self.limits.end_after <= now => {
                return self.give_up(frozen, now);
            }
            (None, None) | (Some(_), _) => {}
        }
        Ok(())
    }

    /// What the store does not have yet, while that matters.
    fn stored(&self) -> Option<Backlog> {
        let copies = self.copies.as_ref().filter(|_| !self.without_store)?;
        Some(copies.backlog())
    }

    /// Lets the session begin once the store has shown that it takes what it is given.
    fn look_at_opening(&mut self, now: Instant) -> Result<(), Failure> {
        let (Some(until), Some(backlog)) = (self.opening, self.stored()) else {
            return Ok(());
        };
        if backlog.pieces == 0 {
            self.opening = None;
        } else if until <= now || is_for_good(&backlog) {
            let why = trouble(&backlog);
            tracing::error!("The object store takes nothing: {why}.");
            if !self.break_glass {
                return Err(Failure::Recording(why));
            }
            self.opening = None;
            self.leave_store(&backlog);
        }
        Ok(())
    }

    /// Goes on with the files alone.
    fn leave_store(&mut self, backlog: &Backlog) {
        tracing::error!("The session goes on, recorded in its files alone.");
        self.witness.unstored(backlog.bytes);
        self.without_store = true;
    }

    /// Until when the session may sleep without looking, if it is not woken.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let store = self.store_timeout();
        let mut state = self.shared.state();
        let timeout = state.timeout(Instant::now());
        let kept = state.oldest().map(|since| since + self.limits.freeze_after);
        let on_disk = state
            .disk
            .since
            .map(|since| since + self.limits.disk_within);
        let timeouts = match self.frozen {
            Some(frozen) => [timeout, Some(frozen.since + self.limits.end_after), None],
            None => [timeout, kept, on_disk],
        };
        let timeouts = timeouts.into_iter().chain([self.opening, store]);
        state.sleeps_until = timeouts.flatten().min();
        state.sleeps_until
    }

    /// When the store is late, if it is not already.
    fn store_timeout(&self) -> Option<Instant> {
        let oldest = self.stored().filter(|_| self.frozen.is_none())?.oldest?;
        Some(Instant::now() + self.limits.store_within.saturating_sub(oldest))
    }

    /// Returns when the session should look.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Closes the files, as far as they can be written, and waits for the store to have them.
    pub(crate) async fn finish(self, end: End) {
        self.close(end).await;
        if let Some(copies) = self.copies {
            copies.drain(self.limits.store_within, &self.witness).await;
        }
    }

    async fn close(&self, end: End) {
        let (done, mut closed) = oneshot::channel();
        self.shared.push(Work::Close(end, done));
        // What was given up already does not get better by being waited for.
        let is_abandoned = self.shared.state().abandoned;
        if !is_abandoned && timeout(CLOSE_TIMEOUT, &mut closed).await.is_ok() {
            return;
        }
        self.abandon();
        if timeout(ABANDON_TIMEOUT, closed).await.is_err() {
            tracing::error!("The recording could not be closed in time.");
        }
    }

    fn freeze(&mut self, cause: Cause, now: Instant) {
        let name = cause.name();
        tracing::warn!("The session freezes: what is kept of it falls behind ({name}).");
        self.witness.frozen(name);
        self.frozen = Some(Frozen { since: now, cause });
    }

    fn thaw(&mut self, frozen: Frozen, now: Instant) {
        let passed = now.saturating_duration_since(frozen.since);
        tracing::info!("The session goes on after {} ms.", passed.as_millis());
        self.witness.resumed(passed);
        self.frozen = None;
    }

    /// Nothing has got better in time.
    fn give_up(&mut self, frozen: Frozen, now: Instant) -> Result<(), Failure> {
        if let (Cause::Store, true, Some(backlog)) = (frozen.cause, self.break_glass, self.stored())
        {
            self.leave_store(&backlog);
            return Ok(());
        }
        let first = !self.abandon();
        if self.break_glass && first {
            // A writer that can give up goes on without the recording. One that hangs cannot.
            self.frozen = Some(Frozen {
                since: now,
                ..frozen
            });
            return Ok(());
        }
        Err(Failure::Unkept(format!(
            "what is kept of it has been behind for {} s ({})",
            self.limits.end_after.as_secs(),
            frozen.cause.name()
        )))
    }

    /// Tells whether it was given up before.
    fn abandon(&self) -> bool {
        let before = std::mem::replace(&mut self.shared.state().abandoned, true);
        self.shared.abandoning.notify_all();
        before
    }
}
