//! From a viewer's socket through its gate to its session.

use std::time::Duration;

use guac_policy::{DesktopInput, FromViewer, InputVerdict, Permitted, Verdict, ViewerControl};
use guac_protocol::{ClientInstruction, Status};
use tokio::io::AsyncRead;

use super::door::Door;
use super::outbox::{Farewell, Outgoing};
use super::pacing::Pacing;
use super::presence::Presence;
use super::socket::{Incoming, ReadEnd};
use crate::session::{SessionEnded, SessionMessage, clock};

/// Reads until the user leaves, the connection ends, or the session does.
pub(crate) async fn read_until_end<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    presence: &Presence,
) -> Farewell {
    let mut pacing = Pacing::default();
    loop {
        let next = if pacing.is_full() {
            Ok(None)
        } else {
            next_verdict(incoming, &presence.door)
        };
        let step = match next {
            Ok(Some(verdict)) => act(presence, &mut pacing, verdict).await,
            Ok(None) => {
                let may_read = !pacing.is_full();
                tokio::select! {
                    filled = incoming.fill(), if may_read => filled.err().map(farewell_after),
                    input = pacing.next() => send(presence, input).await,
                    () = presence.session.ended() => Some(session_is_over()),
                }
            }
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
            Ok(instruction) => {
                Some(door.with(|gate| gate.vet(FromViewer::new(instruction), clock::now())))
            }
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
async fn act(presence: &Presence, pacing: &mut Pacing, verdict: InputVerdict) -> Option<Farewell> {
    match verdict {
        InputVerdict::Desktop(input) => pace(presence, pacing, input, Duration::ZERO).await,
        InputVerdict::Delay { input, wait, why } => {
            presence.door.refused(&why, Verdict::Delayed);
            pace(presence, pacing, input, wait).await
        }
        InputVerdict::Control(control) => act_on_control(presence, control).await,
        InputVerdict::Refuse { reply, why } => {
            presence.door.refused(&why, Verdict::Refused);
            if let Some(reply) = reply {
                presence.outbox.push(Outgoing::Control(reply));
            }
            None
        }
        InputVerdict::Ignore(why) => {
            presence.door.ignored(why);
            None
        }
        InputVerdict::End(status, why) => {
            tracing::warn!("The viewer is ended: {why}");
            presence.door.refused(&why, Verdict::Ended);
            Some(Farewell::by_policy(status))
        }
    }
}

/// Sends an input, now or later.
async fn pace(
    presence: &Presence,
    pacing: &mut Pacing,
    input: Permitted<DesktopInput>,
    wait: Duration,
) -> Option<Farewell> {
    match pacing.admit(input, wait) {
        Some(input) => send(presence, input).await,
        None => None,
    }
}

async fn send(presence: &Presence, input: Permitted<DesktopInput>) -> Option<Farewell> {
    tell(presence, SessionMessage::Input(presence.id, input)).await
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
