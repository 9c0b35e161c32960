//! From a viewer's socket through its gate to its session.

use guac_policy::{FromViewer, InputVerdict, ViewerControl};
use guac_protocol::{ClientInstruction, Status};
use tokio::io::AsyncRead;

use super::door::Door;
use super::outbox::{Farewell, Outgoing};
use super::presence::Presence;
use super::socket::{Incoming, ReadEnd};
use crate::session::{SessionEnded, SessionMessage};

/// Reads until the user leaves, the connection ends, or the session does.
pub(crate) async fn read_until_end<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    presence: &Presence,
) -> Farewell {
    loop {
        let step = match next_verdict(incoming, &presence.door) {
            Ok(Some(verdict)) => act(presence, verdict).await,
            Ok(None) => tokio::select! {
                filled = incoming.fill() => filled.err().map(farewell_after),
                () = presence.session.ended() => Some(session_is_over()),
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

/// Does what the gate decided; a farewell ends the viewer.
async fn act(presence: &Presence, verdict: InputVerdict) -> Option<Farewell> {
    match verdict {
        InputVerdict::Desktop(input) => {
            tell(presence, SessionMessage::Input(presence.id, input)).await
        }
        InputVerdict::Control(control) => act_on_control(presence, control).await,
        InputVerdict::Refuse { reply, why } => {
            tracing::debug!("Refused: {why}");
            if let Some(reply) = reply {
                presence.outbox.push(Outgoing::Control(reply));
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

async fn act_on_control(presence: &Presence, control: ViewerControl) -> Option<Farewell> {
    match control {
        ViewerControl::Sync(timestamp) => {
            tell(
                presence,
                SessionMessage::Acknowledge(presence.id, timestamp),
            )
            .await
        }
        ViewerControl::Credential { name, value } => {
            tell(
                presence,
                SessionMessage::Credential(presence.id, name, value),
            )
            .await
        }
        ViewerControl::Accepted { reply } => {
            presence.outbox.push(Outgoing::Control(reply));
            None
        }
        ViewerControl::Nop | ViewerControl::Collecting => None,
        ViewerControl::Disconnect => Some(Farewell::Disconnect),
    }
}

async fn tell(presence: &Presence, message: SessionMessage) -> Option<Farewell> {
    match presence.session.send(message).await {
        Ok(()) => None,
        Err(SessionEnded) => Some(session_is_over()),
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
