//! TLS with a certificate, by rustls and AWS-LC.
//!
//! rustls takes its randomness from AWS-LC, which takes it from the system: the one place where
//! this crate is not given what it needs. The time comes from the caller.
//!
//! What rustls holds is bounded by rustls: 64 KiB of an unfinished handshake message, 18 KiB of a
//! record, and what these open to, which is fetched at once. It refuses larger messages, and more
//! than a few warnings and changes of keys in a row. Tickets for later sessions are not kept.

mod verify;

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection};

use super::{Channel, Opened};
use crate::{Error, SecurityConfig, TlsError, input::Input, limits::TLS_BYTES};
use verify::Verifier;

/// One TLS connection to a server that has to prove who it is.
pub(crate) struct Tls {
    connection: ClientConnection,
    /// What went wrong, if what came before it was good.
    failed: Option<TlsError>,
}

impl Tls {
    /// Is ready to greet a server that is known by this.
    pub(crate) fn start(security: &SecurityConfig) -> Result<Self, TlsError> {
        let trust = security.trust.as_ref();
        let trust = trust.ok_or(TlsError::UnknownAuthority)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let verifier = Verifier::new(trust, &security.pins, algorithms)?;
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(Now(trust.now)))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::from)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        // Without a name an address stands in: it is neither sent nor compared.
        let nobody = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0; 4])));
        let name = trust.server_name.clone().unwrap_or(nobody);
        let mut connection = ClientConnection::new(Arc::new(config), name)?;
        // What is written is bounded where it is queued, and fetched at once from here.
        connection.set_buffer_limit(None);
        Ok(Self {
            connection,
            failed: None,
        })
    }

    /// Lets rustls work on what it has read. What was good before an error is not lost.
    fn process(&mut self, plain: &mut Vec<u8>) -> Result<Opened, TlsError> {
        let result = self.connection.process_new_packets();
        let ended = match self.connection.reader().read_to_end(plain) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(_) => return Err(TlsError::Malformed),
        };
        match result {
            Ok(_) if ended => Ok(Opened::End),
            Ok(_) => Ok(Opened::More),
            Err(error) if plain.is_empty() => Err(error.into()),
            Err(error) => {
                self.failed = Some(error.into());
                Ok(Opened::More)
            }
        }
    }
}

impl Channel for Tls {
    fn open(&mut self, wire: &mut Input<'_>, plain: &mut Vec<u8>) -> Result<Opened, Error> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        if wire.is_empty() {
            return Ok(Opened::Wait);
        }
        let read = self.connection.read_tls(&mut wire.rest());
        let count = read.map_err(|_error| TlsError::Malformed)?;
        wire.up_to(count);
        match self.process(plain)? {
            // It takes nothing more once it has been told of the end.
            Opened::More if count == 0 => Ok(Opened::End),
            opened => Ok(opened),
        }
    }

    fn seal(&mut self, plain: &[u8], wire: &mut Vec<u8>) {
        // Neither fails: both only add to vectors.
        let _written = self.connection.writer().write_all(plain);
        while self.connection.wants_write() {
            if self.connection.write_tls(wire).is_err() {
                break;
            }
        }
    }

    fn is_established(&self) -> bool {
        !self.connection.is_handshaking()
    }

    fn held_bytes(&self) -> usize {
        TLS_BYTES
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("established", &self.is_established())
            .finish_non_exhaustive()
    }
}

/// The time, as the caller gave it.
#[derive(Debug)]
struct Now(UnixTime);

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}
