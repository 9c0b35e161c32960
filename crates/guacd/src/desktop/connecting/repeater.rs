//! VNC servers behind an UltraVNC repeater: it greets, is told where to connect to, and is out of
//! the way from then on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Connection;
use crate::desktop::failure::Failure;

/// What a repeater says first: a version that no VNC server has.
const GREETING: &[u8; 12] = b"RFB 000.000\n";

/// What a repeater reads, whatever is asked for: the rest is zeros.
const DESTINATION_BYTES: usize = 250;

/// What a repeater is asked for, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination(Box<[u8; DESTINATION_BYTES]>);

impl Destination {
    /// A host and a port, or `ID:` and the number under which a server waits at the repeater: as one
    /// text without a port, or as the host `ID` and the number as its port.
    pub(crate) fn new(host: &str, port: u16) -> Result<Self, Failure> {
        let text = match host.strip_prefix("ID:") {
            Some(_) if port == 0 => host.to_owned(),
            _ => format!("{host}:{port}"),
        };
        let mut bytes = Box::new([0; DESTINATION_BYTES]);
        let (start, _end) = bytes
            .split_at_mut_checked(text.len())
            .filter(|(_, end)| !end.is_empty())
            .ok_or(Failure::BadParameter {
                name: "dest-host",
                problem: "it is longer than a repeater can be told",
            })?;
        start.copy_from_slice(text.as_bytes());
        Ok(Self(bytes))
    }
}

/// Asks a repeater for a server. What comes after is the server's.
pub(super) async fn ask(
    mut stream: TcpStream,
    destination: &Destination,
) -> Result<Connection, Failure> {
    let mut greeting = [0; GREETING.len()];
    let lost = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Failure::Closed,
        kind => Failure::Lost(kind),
    };
    stream.read_exact(&mut greeting).await.map_err(lost)?;
    if &greeting != GREETING {
        return Err(Failure::NoRepeater);
    }
    stream.write_all(&*destination.0).await.map_err(lost)?;
    Ok(stream.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_text_and_zeros() {
        for (host, port, text) in [
            ("desktop.example", 5901, "desktop.example:5901"),
            ("10.0.0.7", 0, "10.0.0.7:0"),
            ("ID:1234", 0, "ID:1234"),
            ("ID", 1234, "ID:1234"),
        ] {
            let Destination(bytes) = Destination::new(host, port).unwrap();
            let (start, rest) = bytes.split_at(text.len());
            assert_eq!(start, text.as_bytes());
            assert!(rest.iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn a_destination_leaves_room_for_its_end() {
        let host = |length: usize| "h".repeat(length - ":5900".len());
        assert!(Destination::new(&host(249), 5900).is_ok());
        assert!(matches!(
            Destination::new(&host(250), 5900),
            Err(Failure::BadParameter {
                name: "dest-host",
                ..
            })
        ));
        assert!(Destination::new(&host(1000), 5900).is_err());
    }
}
