//! A client connection from its first byte to its last.

use std::net::SocketAddr;
use std::time::Duration;

use guac_policy::{Egress, Restrictions, Role};
use guac_protocol::Status;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::door::Door;
use super::handshake::{self, Opened, Rejection, Target};
use super::outbox::{Farewell, Outbox};
use super::presence::Presence;
use super::reading::read_until_end;
use super::socket::Incoming;
use super::writing::{say_farewell, write_until_end};
use crate::desktop::arguments::Values;
use crate::desktop::{Settings, restrictions};
use crate::server::Server;
use crate::session::{Joining, SessionHandle, SessionMessage, user_name};
use crate::stall::Unstalled;

/// How long a whole handshake may take. A client that says something every few seconds and never
/// connects must not stay.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the last bytes to a client whose session is over may take.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take no byte of what it is sent before it is given up: as long as one that
/// says nothing.
const STALL_TIMEOUT: Duration = super::socket::SILENCE_TIMEOUT;

/// Serves one client until it is gone or its session has ended, then closes the connection.
pub(crate) async fn serve<S>(server: &Server, stream: S, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (read, write) = tokio::io::split(stream);
    let mut incoming = Incoming::new(read);
    let mut egress = Egress::new(Unstalled::new(write, STALL_TIMEOUT));
    let lobby = Door::new(server.policy(), Restrictions::default(), Role::Joiner);
    let opened = tokio::select! {
        opened = handshake::open(server, &mut incoming, &mut egress, &lobby) => opened,
        () = tokio::time::sleep(HANDSHAKE_TIMEOUT) => Err(Rejection::Quiet),
        () = server.shutdown_token().cancelled() => Err(Rejection::Quiet),
    };
    match opened {
        Ok(opened) => {
            let id = opened.id.clone();
            // Who is told the id may hand it on at once, so the session is there before.
            let place = take_place(server, opened).await;
            if handshake::welcome(&mut egress, &lobby, &id).await.is_ok() {
                match place {
                    Ok(presence) => attend(presence, &mut incoming, &mut egress).await,
                    Err(farewell) => part(&mut egress, farewell, &lobby).await,
                }
            }
        }
        Err(Rejection::Quiet) => {
            tracing::debug!(%peer, "Connection closed during handshake");
            let _gone_or_told = timeout(FAREWELL_TIMEOUT, egress.shutdown()).await;
        }
        Err(Rejection::Told(farewell)) => part(&mut egress, farewell, &lobby).await,
    }
    incoming.linger().await;
}

/// Starts the session, or joins it.
async fn take_place(server: &Server, mut opened: Opened) -> Result<Presence, Farewell> {
    // The password is among the values: this copy of it lives no longer than it must.
    let values = Zeroizing::new(std::mem::take(&mut opened.result.values));
    let values = Values::new(&values);
    let own = restrictions(&values);
    let span = tracing::Span::current();
    span.record("connection", &opened.id);
    match &opened.target {
        Target::Join(session) => {
            let session = session.clone();
            let joining = joining(server, &opened, session.restrictions.and(own), Role::Joiner);
            span.record("user", &joining.user_id);
            join(session, joining).await
        }
        Target::New => {
            let joining = joining(server, &opened, own, Role::Owner);
            span.record("user", &joining.user_id);
            start(server, &opened.id, &values, own, joining)
        }
    }
}

fn joining(server: &Server, opened: &Opened, restrictions: Restrictions, role: Role) -> Joining {
    Joining {
        id: server.next_viewer_id(),
        user_id: format!("@{}", Uuid::new_v4()),
        features: opened.features(),
        name: user_name(opened.result.name.as_deref().unwrap_or_default()),
        door: Door::new(server.policy(), restrictions, role),
        outbox: Outbox::new(),
    }
}

async fn join(session: SessionHandle, joining: Joining) -> Result<Presence, Farewell> {
    let presence = Presence::of(&joining);
    match session.send(SessionMessage::Join(Box::new(joining))).await {
        Ok(()) => Ok(presence(session)),
        Err(_ended) => Err(Farewell::no_such_connection()),
    }
}

fn start(
    server: &Server,
    id: &str,
    values: &Values<'_>,
    restrictions: Restrictions,
    owner: Joining,
) -> Result<Presence, Farewell> {
    let settings = Settings::parse(values, server.policy(), server.vnc_options());
    let settings = settings.map_err(|failure| {
        failure.log();
        Farewell::aborted(failure.status())
    })?;
    let presence = Presence::of(&owner);
    match server.start_session(id, settings, restrictions, owner) {
        Ok(session) => Ok(presence(session)),
        Err(error) => {
            tracing::error!("No session was started: {error}.");
            Err(Farewell::aborted(Status::ServerBusy))
        }
    }
}

/// Carries bytes both ways until either side ends.
async fn attend<R, W>(presence: Presence, incoming: &mut Incoming<R>, egress: &mut Egress<W>)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (door, outbox) = (presence.door.clone(), presence.outbox.clone());
    let mut writing = std::pin::pin!(write_until_end(egress, &outbox, &door));
    let still_writing = tokio::select! {
        farewell = read_until_end(incoming, &presence) => {
            outbox.close(farewell);
            true
        }
        () = &mut writing => false,
    };
    // The desktop is let go of before anything else: keys must not stay pressed.
    drop(presence);
    if still_writing {
        let _elapsed = timeout(FAREWELL_TIMEOUT, writing).await;
    }
}

/// Tells a client that has no place why, as far as it still listens.
async fn part<W: AsyncWrite + Unpin>(egress: &mut Egress<W>, farewell: Farewell, door: &Door) {
    match timeout(FAREWELL_TIMEOUT, say_farewell(egress, farewell, door)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("The client could not be told: {error}"),
        Err(_elapsed) => tracing::debug!("The client could not be told: it does not read"),
    }
}
