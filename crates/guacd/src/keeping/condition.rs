//! Whether keeping keeps up, as its session sees it.

use std::sync::Arc;
use std::time::Duration;

use guac_policy::KeepingLimits;
use guac_recorder::End;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::patience::UntilAbandoned;
use super::queue::{Shared, State, Work};
use super::wanted::Wanted;
use super::writer::Writer;
use crate::decisions::Witness;
use crate::desktop::Failure;
use crate::session::clock;

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
}

/// Why nothing may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The recorder has not accepted what happened.
    Recorder,
    /// What it accepted is not on the disk.
    Disk,
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
        }
    }

    /// What holds a session up that has gone on until now.
    fn of(state: &State, limits: &KeepingLimits, now: Instant) -> Option<Self> {
        let bytes = u64::try_from(state.bytes).unwrap_or(u64::MAX);
        let is_late = |since: Option<Instant>, limit| {
            since.is_some_and(|since| limit <= now.saturating_duration_since(since))
        };
        if limits.backlog_bytes < bytes || is_late(state.oldest(), limits.freeze_after) {
            Some(Self::Recorder)
        } else if is_late(state.disk.since, limits.disk_within) {
            Some(Self::Disk)
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
        let recording = wanted.open(clock::moment())?;
        if let Some((path, key)) = recording.evidence() {
            witness.evidence_begins(recording.path(), path, &key);
        }
        let limits = wanted.limits;
        let shared = Arc::new_cyclic(|shared| {
            let mut recording = recording;
            recording.set_patience(Box::new(UntilAbandoned {
                shared: shared.clone(),
                told: false,
            }));
            let (witness, glass) = (witness.clone(), wanted.break_glass);
            let writer = Writer::new(recording, witness, glass, limits.free_bytes);
            Shared::new(Box::new(writer))
        });
        Ok(Self {
            shared,
            limits,
            break_glass: wanted.break_glass,
            witness: witness.clone(),
            frozen: None,
        })
    }

    /// Keeps something, later.
    pub(crate) fn push(&self, work: Work) {
        self.shared.push(work);
    }

    /// Whether the session stands still.
    pub(crate) const fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Looks how far keeping has got, and does what is due.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub(crate) fn look(&mut self, now: Instant) -> Result<(), Failure> {
        let (cause, is_idle, is_due) = {
            let mut state = self.shared.state();
            if let Some(failure) = state.failure.take() {
                return Err(failure);
            }
            let is_due = state.timeout.is_some_and(|timeout| timeout <= now);
            let cause = Cause::of(&state, &self.limits, now);
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

    /// Until when the session may sleep without looking.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let state = self.shared.state();
        let kept = state.oldest().map(|since| since + self.limits.freeze_after);
        let on_disk = state
            .disk
            .since
            .map(|since| since + self.limits.disk_within);
        let timeouts = match self.frozen {
            Some(frozen) => [
                state.timeout,
                Some(frozen.since + self.limits.end_after),
                None,
            ],
            None => [state.timeout, kept, on_disk],
        };
        timeouts.into_iter().flatten().min()
    }

    /// Returns when the session should look.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Closes the files, as far as they can be written.
    pub(crate) async fn finish(self, end: End) {
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
