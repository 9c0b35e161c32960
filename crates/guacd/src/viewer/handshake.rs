//! The handshake with a client, up to `ready`.

use guac_display::ViewerCaps;
use guac_policy::Egress;
use guac_protocol::handshake::{
    HandshakeError, HandshakeEvent, HandshakeResult, SelectTarget, ServerHandshake,
};
use guac_protocol::{ServerInstruction, Status};
use tokio::io::{AsyncRead, AsyncWrite};
use uuid::Uuid;

use super::door::Door;
use super::outbox::Farewell;
use super::socket::{Incoming, ReadEnd};
use super::writing::control;
use crate::desktop::arguments::{ARGUMENTS, PROTOCOL_VERSION};
use crate::server::Server;
use crate::session::{Features, SessionHandle};

/// The only protocol there is.
const PROTOCOL: &str = "vnc";

/// Stock guacd's line for a client that selected something and did not get through.
const NOT_CONNECTED: &str = "Handshake failed, \"connect\" instruction was not received.";

/// What a client is after.
pub(crate) enum Target {
    /// A session of its own.
    New,
    /// A running one.
    Join(SessionHandle),
}

/// A client that has been sent `ready`.
pub(crate) struct Opened {
    /// The connection's id, `$` and a UUID.
    pub(crate) id: String,
    /// What it is after.
    pub(crate) target: Target,
    /// What it said.
    pub(crate) result: HandshakeResult,
}

/// A client that was not let in.
pub(crate) enum Rejection {
    /// It is not told: a probe, or something that does not speak the protocol.
    Quiet,
    /// It is told.
    Told(Farewell),
}

impl Opened {
    /// What the client understands.
    pub(crate) fn features(&self) -> Features {
        let version = self.result.protocol_version;
        let decodes = |mimetype: &str| self.result.image.iter().any(|listed| listed == mimetype);
        let mut caps = ViewerCaps::default();
        caps.webp = decodes("image/webp");
        caps.jpeg = decodes("image/jpeg");
        Features {
            required: version.supports_required(),
            msg: version.supports_msg(),
            caps,
            size: (self.result.size.width, self.result.size.height),
        }
    }
}

/// Talks to a client until it has said what it wants.
pub(crate) async fn open<R, W>(
    server: &Server,
    incoming: &mut Incoming<R>,
    egress: &mut Egress<W>,
    lobby: &Door,
) -> Result<Opened, Rejection>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut handshake = ServerHandshake::new();
    let first = next_event(incoming, &mut handshake).await;
    let selected = match first.map_err(|end| before_select(end, incoming))? {
        HandshakeEvent::Selected(selected) => selected,
        HandshakeEvent::Connected(_) => return Err(Rejection::Quiet),
    };
    let (id, target) = resolve(server, selected)?;
    handshake.announced(ARGUMENTS.len());
    let args = ServerInstruction::Args {
        version: PROTOCOL_VERSION,
        names: ARGUMENTS.to_vec(),
    };
    tell(egress, lobby, &args).await?;
    let connected = loop {
        match next_event(incoming, &mut handshake).await {
            Ok(HandshakeEvent::Connected(result)) => break Ok(*result),
            Ok(HandshakeEvent::Selected(_)) => {}
            Err(end) => break Err(end),
        }
    };
    // A wrong number of values is told after `ready`, where stock clients look for errors.
    if matches!(connected, Err(End::Handshake(error)) if error.follows_ready()) {
        welcome(egress, lobby, &id).await?;
    }
    match connected {
        Ok(result) => {
            let version = result.protocol_version.token();
            tracing::debug!("Client is using protocol version \"{version}\"");
            Ok(Opened { id, target, result })
        }
        Err(end) => Err(after_select(end)),
    }
}

/// Tells a client the id of its connection, which everything else follows.
pub(crate) async fn welcome<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    lobby: &Door,
    id: &str,
) -> Result<(), Rejection> {
    tell(egress, lobby, &ServerInstruction::Ready { id }).await
}

/// Why the handshake did not come to its end.
#[derive(Debug, Clone, Copy)]
enum End {
    Read(ReadEnd),
    Handshake(HandshakeError),
}

async fn next_event<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    handshake: &mut ServerHandshake,
) -> Result<HandshakeEvent, End> {
    loop {
        while let Some(raw) = incoming
            .parser
            .next()
            .map_err(|error| End::Read(ReadEnd::Malformed(error)))?
        {
            let event = handshake.receive(&raw).map_err(End::Handshake)?;
            incoming.heard();
            if let Some(event) = event {
                return Ok(event);
            }
        }
        incoming.fill().await.map_err(End::Read)?;
    }
}

/// Before `select` nothing is answered: whoever is there may not speak the protocol at all.
fn before_select<R: AsyncRead + Unpin>(end: End, incoming: &Incoming<R>) -> Rejection {
    match end {
        End::Handshake(HandshakeError::ConnectionId) => return unknown_connection(),
        End::Handshake(HandshakeError::ProtocolName) => return unknown_protocol("?"),
        End::Read(ReadEnd::Closed | ReadEnd::Broken(_) | ReadEnd::Silent)
            if !incoming.received_any() => {}
        End::Read(ReadEnd::Malformed(_)) | End::Handshake(_) => tracing::error!(
            "Guacamole protocol violation. Perhaps the version of guacamole-client is \
             incompatible with this version of guacd?"
        ),
        End::Read(error) => tracing::debug!("Error reading \"select\": {error}"),
    }
    Rejection::Quiet
}

fn after_select(end: End) -> Rejection {
    let status = match end {
        End::Handshake(error @ HandshakeError::ArgumentCount { .. }) => {
            tracing::error!("Client did not return the expected number of arguments.");
            error.status()
        }
        End::Handshake(error) => {
            if error == HandshakeError::SizeIncomplete {
                tracing::error!("Received \"size\" instruction lacked required arguments.");
            }
            tracing::error!("{NOT_CONNECTED}");
            error.status()
        }
        End::Read(error) => {
            tracing::error!("{NOT_CONNECTED}");
            match error {
                ReadEnd::Closed | ReadEnd::Broken(_) => return Rejection::Quiet,
                ReadEnd::Silent => Status::ClientTimeout,
                ReadEnd::Malformed(_) => Status::ClientBadRequest,
            }
        }
    };
    match end {
        End::Handshake(error) => tracing::debug!("The handshake failed: {error}."),
        End::Read(error) => tracing::debug!("The handshake failed: {error}."),
    }
    Rejection::Told(Farewell::aborted(status))
}

/// Finds the running connection, or starts to make a new one.
fn resolve(server: &Server, selected: SelectTarget) -> Result<(String, Target), Rejection> {
    match selected {
        SelectTarget::Protocol(protocol) if protocol == PROTOCOL => {
            let id = format!("${}", Uuid::new_v4());
            tracing::info!("Creating new client for protocol \"{protocol}\"");
            tracing::info!("Connection ID is \"{id}\"");
            Ok((id, Target::New))
        }
        SelectTarget::Protocol(protocol) => Err(unknown_protocol(&protocol)),
        SelectTarget::Connection(id) => match server.find_session(&id) {
            Some(session) => {
                tracing::info!("Joining existing connection \"{id}\"");
                Ok((id, Target::Join(session)))
            }
            None => {
                tracing::info!("Connection \"{id}\" does not exist");
                Err(unknown_connection())
            }
        },
    }
}

fn unknown_connection() -> Rejection {
    Rejection::Told(Farewell::no_such_connection())
}

fn unknown_protocol(name: &str) -> Rejection {
    tracing::warn!("Support for protocol \"{name}\" is not installed");
    Rejection::Told(Farewell::aborted(Status::Unsupported))
}

async fn tell<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    lobby: &Door,
    instruction: &ServerInstruction<'_>,
) -> Result<(), Rejection> {
    control(egress, lobby.vetted(instruction).as_ref())
        .await
        .map_err(|error| {
            tracing::debug!("The handshake could not be answered: {error}");
            Rejection::Quiet
        })
}
