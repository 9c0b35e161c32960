//! The encrypted messages of RSA-AES as what lies between the socket and the protocol.

use super::{CryptoError, Opener, Sealer};
use crate::{
    Error,
    input::Input,
    transport::{Channel, Opened},
};

/// Both directions of one session.
#[derive(Debug)]
pub(crate) struct SealedChannel {
    sealer: Sealer,
    opener: Opener,
    /// What went wrong where it could not be told.
    failed: Option<CryptoError>,
}

impl SealedChannel {
    pub(crate) const fn new(sealer: Sealer, opener: Opener) -> Self {
        Self {
            sealer,
            opener,
            failed: None,
        }
    }
}

impl Channel for SealedChannel {
    fn open(&mut self, wire: &mut Input<'_>, plain: &mut Vec<u8>) -> Result<Opened, Error> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        Ok(if self.opener.open(wire, plain)? {
            Opened::More
        } else {
            Opened::Wait
        })
    }

    fn seal(&mut self, plain: &[u8], wire: &mut Vec<u8>) {
        self.failed = self.failed.or(self.sealer.seal(plain, wire).err());
    }

    fn is_established(&self) -> bool {
        true
    }

    fn held_bytes(&self) -> usize {
        self.opener.held_bytes()
    }
}
