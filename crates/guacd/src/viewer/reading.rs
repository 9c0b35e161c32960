//! From a viewer's socket through its gate to its session.

use guac_policy::{FromViewer, InputVerdict, ViewerControl};
use guac_protocol::{ClientInstruction, Status};
use tokio::io::AsyncRead;

use super::door::Door;
use super::outbox::{Farewell, Outbox, Outgoing};
use super::socket::{Incoming, ReadEnd};
use crate::session::{SessionEnded, SessionHandle, SessionMessage, ViewerId};

/// What the reading of one viewer needs.
pub(crate) struct Reading<'a> {
    /// The viewer.
    pub(crate) id: ViewerId,
    /// Its door.
    pub(crate) door: &'a Door,
    /// Its session.
    pub(crate) session: &'a SessionHandle,
    /// Where answers go.
    pub(crate) outbox: &'a Outbox,
}

/// Reads until the user leaves, the connection ends, or the session does.
pub(crate) async fn read_until_end<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    reading: &Reading<'_>,
) -> Farewell {
    loop {
        let step = match next_verdict(incoming, reading.door) {
            Ok(Some(verdict)) => reading.act(verdict).await,
            Ok(None) => tokio::select! {
                filled = incoming.fill() => filled.err().map(farewell_after),
                () = reading.session.ended() => Some(session_is_over()),
            },
            Err(end) => Some(farewell_after(end)),
        };
        if let Some(farewell) = step {
            return farewell;
        }
    }
}

/// The verdict on the next complete instruction; `None` if there is none yet.
fn next_verdict<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    door: &Door,
) -> Result<Option<InputVerdict>, ReadEnd> {
    loop {
        let Some(raw) = incoming.parser.next().map_err(ReadEnd::Malformed)? else {
            return Ok(None);
        };
        let verdict = match ClientInstruction::parse(&raw) {
            Ok(instruction) => Some(door.with(|gate| gate.vet(FromViewer::new(instruction)))),
            Err(error) => {
                tracing::debug!("Ignored an instruction of the client: {error}");
                None
            }
        };
        incoming.heard();
        if verdict.is_some() {
            return Ok(verdict);
        }
    }
}

impl Reading<'_> {
    /// Does what the gate decided; a farewell ends the viewer.
    async fn act(&self, verdict: InputVerdict) -> Option<Farewell> {
        match verdict {
            InputVerdict::Desktop(input) => self.tell(SessionMessage::Input(self.id, input)).await,
            InputVerdict::Control(control) => self.control(control).await,
            InputVerdict::Refuse { reply, why } => {
                tracing::debug!("Refused: {why}");
                if let Some(reply) = reply {
                    self.outbox.push(Outgoing::Control(reply));
                }
                None
            }
            InputVerdict::Ignore(why) => {
                tracing::trace!("Ignored: {why}");
                None
            }
            InputVerdict::End(status, why) => {
                tracing::warn!("The viewer is ended: {why}");
                Some(Farewell::aborted(status))
            }
        }
    }

    async fn control(&self, control: ViewerControl) -> Option<Farewell> {
        match control {
            ViewerControl::Sync(timestamp) => {
                self.tell(SessionMessage::Acknowledge(self.id, timestamp))
                    .await
            }
            ViewerControl::Credential { name, value } => {
                self.tell(SessionMessage::Credential(self.id, name, value))
                    .await
            }
            ViewerControl::Accepted { reply } => {
                self.outbox.push(Outgoing::Control(reply));
                None
            }
            ViewerControl::Nop | ViewerControl::Collecting => None,
            ViewerControl::Disconnect => Some(Farewell::Disconnect),
        }
    }

    async fn tell(&self, message: SessionMessage) -> Option<Farewell> {
        match self.session.send(message).await {
            Ok(()) => None,
            Err(SessionEnded) => Some(session_is_over()),
        }
    }
}

/// What a session that ended in order has said before is what counts; this is for one that could
/// not say anything.
fn session_is_over() -> Farewell {
    Farewell::aborted(Status::ServerError)
}

fn farewell_after(end: ReadEnd) -> Farewell {
    match end {
        ReadEnd::Closed => Farewell::Disconnect,
        ReadEnd::Broken(_) => {
            tracing::debug!("Reading from the client ended: {end}");
            Farewell::Disconnect
        }
        ReadEnd::Silent => {
            tracing::error!("User is not responding.");
            Farewell::aborted(Status::ClientTimeout)
        }
        ReadEnd::Malformed(error) => {
            tracing::warn!("Guacamole connection failure: {error}");
            Farewell::aborted(Status::ClientBadRequest)
        }
    }
}
