//! The way of a frame: display, gate, recorder, viewers.

use std::sync::Arc;
use std::time::Duration;

use guac_display::{Delivery, Display};
use guac_policy::{Control, DesktopInput, FrameGate, Permitted, Unrecorded};
use guac_protocol::Timestamp;
use guac_recorder::End;
use tokio::time::Instant;

use super::viewers::Viewers;
use crate::desktop::Failure;
use crate::keeping::{Addressee, Keeping, Work};
use crate::viewer::{Outbox, Outgoing};

/// Frames out, in this order and no other.
pub(super) struct FramePath {
    gate: FrameGate,
    keeping: Option<Keeping>,
    /// Refused actions that the evidence has been told of.
    refused: u64,
}

impl FramePath {
    pub(super) const fn new(gate: FrameGate, keeping: Option<Keeping>) -> Self {
        Self {
            gate,
            keeping,
            refused: 0,
        }
    }

    /// Makes and sends every frame that is due. None is made while the session is frozen.
    pub(super) fn deliver_due(
        &mut self,
        display: &mut Display,
        viewers: &Viewers,
        now: Duration,
    ) -> Result<(), Failure> {
        while !self.is_frozen() {
            let Some(delivery) = display.poll_frame(now) else {
                break;
            };
            self.deliver(&delivery, viewers)?;
            display.recycle(delivery.frame);
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: &Delivery, viewers: &Viewers) -> Result<(), Failure> {
        let frame = self
            .gate
            .vet_frame(delivery.frame.instructions())
            .map_err(|refusal| Failure::FrameRefused(refusal.to_string()))?;
        match &self.keeping {
            // What only some viewers get shows pixels of canonical frames that were accepted before: all of
            // them go the same way, in their order.
            Some(keeping) => keeping.push(Work::Frame {
                frame,
                canonical: delivery.canonical,
                to: viewers.addressees(&delivery.to),
            }),
            None => {
                let frame = frame.record(&mut Unrecorded)?;
                for outbox in delivery.to.iter().filter_map(|id| viewers.outbox(*id)) {
                    outbox.push(Outgoing::Frame(frame.clone()));
                }
            }
        }
        Ok(())
    }

    /// Keeps what a user does, as far as the recording was asked to.
    pub(super) fn record_input(&self, input: &DesktopInput, timestamp: Timestamp) {
        if let Some(keeping) = &self.keeping {
            keeping.push(Work::Input(input.clone(), timestamp));
        }
    }

    /// Offers a text of the desktop's clipboard to those who may have it, once it is kept. While the session
    /// is frozen nobody gets it.
    pub(super) fn offer_clipboard(&self, text: &str, to: Vec<(Outbox, Permitted<Control>)>) {
        match &self.keeping {
            Some(keeping) if keeping.is_frozen() => {}
            Some(keeping) => keeping.push(Work::Copied {
                text: text.to_owned(),
                to,
            }),
            None => {
                for (outbox, text) in to {
                    outbox.offer_clipboard(text);
                }
            }
        }
    }

    /// Whether picture and input stand still.
    pub(super) fn is_frozen(&self) -> bool {
        self.keeping.as_ref().is_some_and(Keeping::is_frozen)
    }

    /// Looks how far keeping has got; says whether the session has frozen by that. `refused` counts the
    /// actions that have been refused in it so far.
    pub(super) fn look(
        &mut self,
        now: Instant,
        refused: impl FnOnce() -> u64,
    ) -> Result<bool, Failure> {
        let Some(keeping) = &mut self.keeping else {
            return Ok(false);
        };
        let was_frozen = keeping.is_frozen();
        keeping.look(now)?;
        if keeping.is_frozen() {
            return Ok(!was_frozen);
        }
        let refused = refused();
        let new = refused.saturating_sub(self.refused);
        if new != 0 {
            self.refused = refused;
            keeping.push(Work::Refused(new));
        }
        Ok(false)
    }

    /// Until when keeping need not be looked at.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.keeping.as_ref()?.next_timeout()
    }

    /// Returns when keeping should be looked at.
    pub(super) async fn changed(&self) {
        match &self.keeping {
            Some(keeping) => keeping.changed().await,
            None => std::future::pending().await,
        }
    }

    /// Closes the recording.
    pub(super) async fn finish(self, end: End) {
        if let Some(keeping) = self.keeping {
            keeping.finish(end).await;
        }
    }
}

impl Viewers {
    fn addressees(&self, to: &[super::ViewerId]) -> Vec<Addressee> {
        let present = to.iter().filter_map(|id| self.get(*id));
        let addressee = present.map(|viewer| Addressee {
            user_id: Arc::clone(&viewer.user_id),
            outbox: viewer.outbox.clone(),
        });
        addressee.collect()
    }
}
