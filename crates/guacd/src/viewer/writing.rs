//! From a viewer's outbox to its socket.

use std::io;
use std::time::Duration;

use guac_policy::{Control, Egress, Permitted};
use guac_protocol::ServerInstruction;
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use super::door::Door;
use super::outbox::{Farewell, Outbox, Outgoing};

/// The longest silence towards a client. Clients give up at 10 to 15 s, and the daemon promises
/// never to be silent for more than 5 s.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// Writes until the outbox says farewell or the client can no longer be written to.
pub(crate) async fn write_until_end<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    outbox: &Outbox,
    door: &Door,
) {
    if let Err(error) = write_all(egress, outbox, door).await {
        tracing::debug!("Writing to the client ended: {error}");
    }
}

async fn write_all<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    outbox: &Outbox,
    door: &Door,
) -> io::Result<()> {
    let nop = door.vetted(&ServerInstruction::Nop);
    loop {
        match timeout(KEEP_ALIVE, outbox.next()).await {
            Ok(Ok(Outgoing::Frame(frame))) => egress.send(&frame).await?,
            Ok(Ok(Outgoing::Control(message))) => egress.control(&message).await?,
            Ok(Err(farewell)) => return say_farewell(egress, farewell, door).await,
            Err(_elapsed) => control(egress, nop.as_ref()).await?,
        }
        egress.flush().await?;
    }
}

/// Tells the client why its session is over, and that it is.
pub(crate) async fn say_farewell<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    farewell: Farewell,
    door: &Door,
) -> io::Result<()> {
    if let Farewell::Error { message, status } = farewell {
        control(
            egress,
            door.vetted(&ServerInstruction::Error { message, status })
                .as_ref(),
        )
        .await?;
    }
    control(egress, door.vetted(&ServerInstruction::Disconnect).as_ref()).await?;
    egress.shutdown().await
}

/// Writes one small message and flushes it.
pub(crate) async fn control<W: AsyncWrite + Unpin>(
    egress: &mut Egress<W>,
    message: Option<&Permitted<Control>>,
) -> io::Result<()> {
    match message {
        Some(message) => {
            egress.control(message).await?;
            egress.flush().await
        }
        None => Ok(()),
    }
}
