//! The way of a frame: display, gate, recorder, viewers.

use std::time::Duration;

use guac_display::{Delivery, Display};
use guac_policy::{DesktopInput, FrameGate, Unrecorded};
use guac_protocol::Timestamp;
use guac_recorder::evidence::Ending;
use guac_recorder::{ClipboardWay, End, Recording};

use super::viewers::Viewers;
use crate::desktop::Failure;
use crate::viewer::Outgoing;

/// Frames out, in this order and no other.
pub(super) struct FramePath {
    gate: FrameGate,
    recording: Option<Recording>,
}

impl FramePath {
    pub(super) fn new(gate: FrameGate, recording: Option<Recording>) -> Self {
        Self { gate, recording }
    }

    /// Makes and sends every frame that is due.
    pub(super) fn deliver_due(
        &mut self,
        display: &mut Display,
        viewers: &Viewers,
        now: Duration,
    ) -> Result<(), Failure> {
        while let Some(delivery) = display.poll_frame(now) {
            self.deliver(&delivery, viewers)?;
            display.recycle(delivery.frame);
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: &Delivery, viewers: &Viewers) -> Result<(), Failure> {
        let permitted = self
            .gate
            .vet_frame(delivery.frame.instructions())
            .map_err(|refusal| Failure::FrameRefused(refusal.to_string()))?;
        // What only some viewers get shows pixels of canonical frames that were accepted before.
        let recorded = match &mut self.recording {
            Some(recording) if delivery.canonical => permitted.record(recording)?,
            _ => permitted.record(&mut Unrecorded)?,
        };
        for outbox in delivery.to.iter().filter_map(|id| viewers.outbox(*id)) {
            outbox.push(Outgoing::Frame(recorded.clone()));
        }
        Ok(())
    }

    /// Records what a user does, as far as the recording was asked to keep it.
    pub(super) fn record_input(
        &mut self,
        input: &DesktopInput,
        timestamp: Timestamp,
    ) -> Result<(), Failure> {
        let Some(recording) = &mut self.recording else {
            return Ok(());
        };
        match input {
            DesktopInput::Key { keysym, pressed } => recording.key(*keysym, *pressed, timestamp)?,
            DesktopInput::Pointer { x, y, buttons } => {
                recording.mouse(i32::from(*x), i32::from(*y), i32::from(*buttons), timestamp)?;
            }
            DesktopInput::CutText(text) => recording.clipboard(ClipboardWay::Paste, text)?,
            DesktopInput::Resize { .. } => {}
        }
        Ok(())
    }

    /// Records a text of the desktop's clipboard that the gate has let pass to a viewer.
    pub(super) fn record_copied(&mut self, text: &str) -> Result<(), Failure> {
        if let Some(recording) = &mut self.recording {
            recording.clipboard(ClipboardWay::Copy, text)?;
        }
        Ok(())
    }

    /// Closes the recording; an error here can only be logged.
    pub(super) fn finish(&mut self) {
        let end = End {
            state: Ending::Complete,
            reason: "all-left",
            status: None,
        };
        if let Some(mut recording) = self.recording.take()
            && let Err(error) = recording.finish(end)
        {
            tracing::error!("The recording could not be closed: {error}");
        }
    }
}
