//! Writes what is kept, on a thread of its own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use guac_policy::{DesktopInput, Permitted, Recorded, TapError, Unrecorded};
use guac_protocol::Timestamp;
use guac_recorder::evidence::{Anchor, Ending};
use guac_recorder::{ClipboardWay, End, Recording};
use tokio::time::Instant;

use super::copies::{Copies, copy_closed};
use super::disk;
use super::queue::{Addressee, Shared, Work};
use crate::decisions::Witness;
use crate::desktop::Failure;
use crate::session::clock;
use crate::viewer::Outgoing;

/// How often the head of the evidence is told to the decision log, at most.
const HEAD_INTERVAL: Duration = Duration::from_secs(60);

/// How often it is looked how much space is left.
const SPACE_INTERVAL: Duration = Duration::from_secs(10);

/// How many times the least free space is so little that it is told.
const LITTLE_SPACE: u64 = 4;

/// Everything that writing needs.
pub(super) struct Writer {
    /// None once the session goes on without.
    recording: Option<Recording>,
    copies: Option<Copies>,
    witness: Witness,
    break_glass: bool,
    free_bytes: u64,
    /// The head that was told last, and when.
    head: Option<(Instant, Anchor)>,
    space_looked: Instant,
    little_space: bool,
    /// When the recording has something to do, on its own clock and on the runtime's. It stays the same moment, so
    /// that nobody takes it for a new one.
    due: Option<(u64, Instant)>,
}

impl Writer {
    pub(super) fn new(
        recording: Recording,
        copies: Option<Copies>,
        witness: Witness,
        break_glass: bool,
        free_bytes: u64,
    ) -> Self {
        Self {
            recording: Some(recording),
            copies,
            witness,
            break_glass,
            free_bytes,
            head: None,
            space_looked: Instant::now(),
            little_space: false,
            due: None,
        }
    }

    /// Does what is due, then this.
    pub(super) fn work(&mut self, work: Option<Work>, shared: &Arc<Shared>) -> Result<(), Failure> {
        let ticked = self.tick(shared);
        self.survive(ticked)?;
        match work {
            Some(work) => self.handle(work, shared),
            None => Ok(()),
        }
    }

    /// When there is something to do even if nothing comes.
    pub(super) fn next_timeout(&mut self) -> Option<Instant> {
        let due = self.recording.as_ref().and_then(Recording::next_timeout);
        if due != self.due.map(|(due, _)| due) {
            let now = clock::moment().monotonic_ms;
            let at = |due: u64| Instant::now() + Duration::from_millis(due.saturating_sub(now));
            self.due = due.map(|due| (due, at(due)));
        }
        self.due.map(|(_, at)| at)
    }

    fn tick(&mut self, shared: &Arc<Shared>) -> Result<(), TapError> {
        let Some(recording) = &mut self.recording else {
            return Ok(());
        };
        recording.tick(clock::moment())?;
        if copy_closed(recording, self.copies.as_ref()) {
            disk::sync(shared, || recording.durable());
            self.tell_head(false);
        }
        self.watch_space();
        Ok(())
    }

    fn handle(&mut self, work: Work, shared: &Arc<Shared>) -> Result<(), Failure> {
        match work {
            Work::Frame {
                frame,
                canonical,
                to,
            } => {
                let recorded = self.record(frame, canonical)?;
                self.send(&recorded, &to);
                Ok(())
            }
            Work::Input(input, timestamp) => {
                let kept = self.input(&input, timestamp);
                self.survive(kept)
            }
            Work::Copied { text, to } => {
                let kept = match &mut self.recording {
                    Some(recording) => recording.clipboard(ClipboardWay::Copy, &text),
                    None => Ok(()),
                };
                self.survive(kept)?;
                for (outbox, text) in to {
                    outbox.offer_clipboard(text);
                }
                Ok(())
            }
            Work::Refused(count) => {
                if let Some(recording) = &mut self.recording {
                    recording.refused(count);
                }
                Ok(())
            }
            Work::Close(end, done) => {
                self.close(end);
                // Nobody may wait for it any more.
                let _ = done.send(());
                shared.changed.notify_one();
                Ok(())
            }
        }
    }

    fn record(
        &mut self,
        frame: Permitted<Bytes>,
        canonical: bool,
    ) -> Result<Recorded<Bytes>, Failure> {
        if let Some(recording) = &mut self.recording
            && canonical
        {
            match frame.clone().record(recording) {
                Ok(recorded) => return Ok(recorded),
                Err(error) => self.survive(Err(error))?,
            }
        }
        Ok(frame.record(&mut Unrecorded)?)
    }

    fn send(&mut self, frame: &Recorded<Bytes>, to: &[Addressee]) {
        for viewer in to {
            if let Some(recording) = &mut self.recording {
                recording.seen(&viewer.user_id);
            }
            viewer.outbox.push(Outgoing::Frame(frame.clone()));
        }
    }

    fn input(&mut self, input: &DesktopInput, timestamp: Timestamp) -> Result<(), TapError> {
        let Some(recording) = &mut self.recording else {
            return Ok(());
        };
        match input {
            DesktopInput::Key { keysym, pressed } => recording.key(*keysym, *pressed, timestamp),
            DesktopInput::Pointer { x, y, buttons } => {
                recording.mouse(i32::from(*x), i32::from(*y), i32::from(*buttons), timestamp)
            }
            DesktopInput::CutText(text) => recording.clipboard(ClipboardWay::Paste, text),
            DesktopInput::Resize { .. } => Ok(()),
        }
    }

    /// Goes on without a recording where the policy lets it; that is told.
    fn survive(&mut self, kept: Result<(), TapError>) -> Result<(), Failure> {
        let Err(error) = kept else {
            return Ok(());
        };
        if !self.break_glass {
            return Err(Failure::Unkept(error.to_string()));
        }
        tracing::error!("The recording fails, and the session goes on unrecorded: {error}");
        self.witness.unrecorded("break-glass");
        if let Some(mut recording) = self.recording.take() {
            let end = End {
                state: Ending::Ended,
                reason: "recording",
                status: None,
            };
            let _ = recording.finish(end);
            copy_closed(&mut recording, self.copies.as_ref());
        }
        Ok(())
    }

    fn close(&mut self, end: End) {
        if let Some(recording) = &mut self.recording {
            if let Err(error) = recording.finish(end) {
                tracing::error!("The recording could not be closed: {error}");
            }
            copy_closed(recording, self.copies.as_ref());
            self.tell_head(true);
        }
        self.recording = None;
    }

    fn tell_head(&mut self, now: bool) {
        let Some(head) = self.recording.as_ref().and_then(Recording::head) else {
            return;
        };
        let is_due = match self.head {
            Some((told, last)) => last != head && (now || HEAD_INTERVAL <= told.elapsed()),
            None => true,
        };
        if is_due {
            self.head = Some((Instant::now(), head));
            self.witness.evidence_head(&head);
        }
    }

    fn watch_space(&mut self) {
        if self.space_looked.elapsed() < SPACE_INTERVAL {
            return;
        }
        self.space_looked = Instant::now();
        let Some(free) = self.recording.as_ref().and_then(Recording::free_bytes) else {
            return;
        };
        let is_little = free < self.free_bytes.saturating_mul(LITTLE_SPACE);
        if is_little && !self.little_space {
            tracing::warn!("Little space is left for the recording: {free} bytes.");
            self.witness.little_space(free);
        }
        self.little_space = is_little;
    }
}
