//! A client connection from its first byte to its last.

use std::net::SocketAddr;

use guac_policy::{Egress, Gate, Restrictions, Role};
use guac_protocol::Status;
use tokio::io::{AsyncRead, AsyncWrite, WriteHalf};
use uuid::Uuid;

use super::door::Door;
use super::handshake::{self, Opened, Rejection, Target};
use super::outbox::{Farewell, Outbox};
use super::reading::{Reading, read_until_end};
use super::socket::Incoming;
use super::writing::{say_farewell, write_until_end};
use crate::desktop::arguments::Values;
use crate::desktop::{Failure, Settings, restrictions};
use crate::server::Server;
use crate::session::{Joining, SessionHandle, SessionMessage};

/// How long a whole handshake may take. A client that says something every few seconds and never
/// connects must not stay.
const HANDSHAKE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);

/// How long the last bytes to a client whose session is over may take.
const FAREWELL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// A viewer that is about to take its place.
struct Seat {
    session: SessionHandle,
    role: Role,
    restrictions: Restrictions,
}

/// Serves one client until it is gone or its session has ended, then closes the connection.
pub(crate) async fn serve<S>(server: &Server, stream: S, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (read, write) = tokio::io::split(stream);
    let mut incoming = Incoming::new(read);
    let mut egress = Egress::new(write);
    let lobby = Door::new(server.policy(), Restrictions::default(), Role::Joiner);
    let opened = tokio::select! {
        opened = handshake::open(server, &mut incoming, &mut egress, &lobby) => opened,
        () = tokio::time::sleep(HANDSHAKE_TIMEOUT) => Err(Rejection::Quiet),
        () = server.shutdown_token().cancelled() => Err(Rejection::Quiet),
    };
    match opened {
        Ok(opened) => match take_seat(server, &opened) {
            Ok(seat) => attend(server, seat, opened, &mut incoming, &mut egress).await,
            Err(farewell) => part(&mut egress, farewell, &lobby).await,
        },
        Err(Rejection::Quiet) => tracing::debug!(%peer, "Connection closed during handshake"),
        Err(Rejection::Told(farewell)) => part(&mut egress, farewell, &lobby).await,
    }
    incoming.linger().await;
}

/// Finds or starts the session.
fn take_seat(server: &Server, opened: &Opened) -> Result<Seat, Farewell> {
    let values = Values::new(&opened.result.values);
    let own = restrictions(&values);
    match &opened.target {
        Target::Join(session) => Ok(Seat {
            session: session.clone(),
            role: Role::Joiner,
            restrictions: session.restrictions.and(own),
        }),
        Target::New => {
            if let Some(name) = Settings::closed_door(&values) {
                let failure = Failure::ClosedDoor(name);
                failure.log();
                return Err(Farewell::aborted(failure.status()));
            }
            let settings = Settings::parse(&values, server.policy().clipboard_copy().max_bytes());
            let session = server
                .start_session(&opened.id, settings, own)
                .map_err(|error| {
                    tracing::error!("No session was started: {error}.");
                    Farewell::aborted(Status::ServerBusy)
                })?;
            Ok(Seat {
                session,
                role: Role::Owner,
                restrictions: own,
            })
        }
    }
}

/// Joins the session and carries bytes both ways until either side ends.
async fn attend<R, S>(
    server: &Server,
    seat: Seat,
    opened: Opened,
    incoming: &mut Incoming<R>,
    egress: &mut Egress<WriteHalf<S>>,
) where
    R: AsyncRead + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let id = server.next_viewer_id();
    let door = Door::new(server.policy(), seat.restrictions, seat.role);
    let outbox = Outbox::new();
    let joining = Joining {
        id,
        user_id: format!("@{}", Uuid::new_v4()),
        features: opened.features(),
        name: opened.result.name.unwrap_or_default(),
        door: door.clone(),
        outbox: outbox.clone(),
    };
    if seat
        .session
        .send(SessionMessage::Join(Box::new(joining)))
        .await
        .is_err()
    {
        part(egress, handshake::no_such_connection(), &door).await;
        return;
    }
    let reading = Reading {
        id,
        door: &door,
        session: &seat.session,
        outbox: &outbox,
    };
    let mut writing = std::pin::pin!(write_until_end(egress, &outbox, &door));
    let still_writing = tokio::select! {
        farewell = read_until_end(incoming, &reading) => {
            outbox.close(farewell);
            true
        }
        () = &mut writing => false,
    };
    // The desktop is let go of before anything else: keys must not stay pressed.
    let releases = door.with(Gate::release_all);
    let _session_has_ended = seat.session.send(SessionMessage::Leave(id, releases)).await;
    if still_writing {
        let _elapsed = tokio::time::timeout(FAREWELL_TIMEOUT, writing).await;
    }
}

/// Tells a client that has no seat why, as far as it still listens.
async fn part<W: AsyncWrite + Unpin>(egress: &mut Egress<W>, farewell: Farewell, door: &Door) {
    if let Err(error) = say_farewell(egress, farewell, door).await {
        tracing::debug!("The client could not be told: {error}");
    }
}
