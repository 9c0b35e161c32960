//! A client connection from its first byte to its last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use guac_policy::{Egress, Restrictions, Role};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::door::Door;
use super::handshake::{self, Opened, Rejection, Target};
use super::newcomer::Newcomer;
use super::outbox::Farewell;
use super::presence::Presence;
use super::reading::read_until_end;
use super::socket::Incoming;
use super::writing::{say_farewell, write_until_end};
use crate::decisions::Witness;
use crate::desktop::arguments::Values;
use crate::desktop::restrictions;
use crate::server::Server;
use crate::session::{Joining, SessionHandle, SessionMessage};
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
    let policy = server.policy();
    let unheard = Witness::unheard(&policy);
    let lobby = Door::new(&policy, Restrictions::default(), Role::Joiner, unheard);
    let opened = tokio::select! {
        opened = handshake::open(server, &mut incoming, &mut egress, &lobby) => opened,
        () = tokio::time::sleep(HANDSHAKE_TIMEOUT) => Err(Rejection::Quiet),
        () = server.shutdown_token().cancelled() => Err(Rejection::Quiet),
    };
    match opened {
        Ok(opened) => {
            let id = opened.id.clone();
            // Who is told the id may hand it on at once, so the session is there before.
            let place = take_place(server, opened, peer).await;
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
async fn take_place(
    server: &Server,
    mut opened: Opened,
    peer: SocketAddr,
) -> Result<Presence, Farewell> {
    // The password is among the values: this copy of it lives no longer than it must.
    let mut values = Zeroizing::new(std::mem::take(&mut opened.result.values));
    let (policy, role) = match &opened.target {
        Target::Join(session) => (Arc::clone(&session.policy), Role::Joiner),
        Target::New => (server.policy(), Role::Owner),
    };
    let newcomer = Newcomer::new(server, &opened, policy, role, peer);
    let span = tracing::Span::current();
    span.record("connection", &opened.id);
    span.record("user", &newcomer.user_id);
    newcomer.overrule(&mut values)?;
    let values = Values::new(&values);
    let own = restrictions(&values);
    match &opened.target {
        Target::Join(session) => {
            newcomer.may_join()?;
            let joining = newcomer.joining(server, &opened, session.restrictions.and(own));
            join(session.clone(), joining).await
        }
        Target::New => newcomer.start(server, &opened, &values, own),
    }
}

async fn join(session: SessionHandle, joining: Joining) -> Result<Presence, Farewell> {
    let presence = Presence::of(&joining);
    match session.send(SessionMessage::Join(Box::new(joining))).await {
        Ok(()) => Ok(presence(session)),
        Err(_ended) => Err(Farewell::no_such_connection()),
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
