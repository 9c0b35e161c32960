//! What lies between the socket and the protocol: nothing, or a channel that seals what is sent
//! and opens what is received.

pub(crate) mod tls;

use std::fmt;

use zeroize::Zeroize;

use crate::{Error, input::Input, outbox::Outbox};

/// Encryption of everything, from some point of the handshake on.
pub(crate) trait Channel: fmt::Debug + Send {
    /// Takes the next piece off the wire, and appends what it holds to `plain`.
    ///
    /// A piece is as small as can be opened at once, and nothing behind it may be taken: after it
    /// the protocol may go on without this channel. The start of a piece that has not arrived
    /// wholly may be taken, and is kept here.
    fn open(&mut self, wire: &mut Input<'_>, plain: &mut Vec<u8>) -> Result<Opened, Error>;

    /// Appends to `wire` what is to be sent, sealed, and whatever the channel itself has to say.
    fn seal(&mut self, plain: &[u8], wire: &mut Vec<u8>);

    /// Whether the channel stands, so that the protocol may go on. It does not while keys are
    /// exchanged or the server is verified.
    fn is_established(&self) -> bool;

    /// Bytes of memory that the channel holds.
    fn held_bytes(&self) -> usize;
}

/// What became of a look at the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// There may be another piece at once.
    More,
    /// The server has to send more.
    Wait,
    /// The server ended the channel in order.
    End,
}

/// The channel in use, and what is ready for the socket.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    channel: Option<Box<dyn Channel>>,
    sealed: Vec<u8>,
}

impl Transport {
    /// Without encryption.
    pub(crate) const fn plain() -> Self {
        Self {
            channel: None,
            sealed: Vec::new(),
        }
    }

    pub(crate) const fn is_plain(&self) -> bool {
        self.channel.is_none()
    }

    pub(crate) fn is_established(&self) -> bool {
        self.channel
            .as_ref()
            .is_none_or(|channel| channel.is_established())
    }

    /// From here on uses this channel, or none. What was said before goes out as it would have.
    pub(crate) fn switch(&mut self, channel: Option<Box<dyn Channel>>, outbox: &mut Outbox) {
        self.seal(outbox);
        self.channel = channel;
    }

    /// Seals what was said so far, so that it shares no message of a channel with what follows.
    pub(crate) fn flush(&mut self, outbox: &mut Outbox) {
        if self.channel.is_some() && outbox.has_bytes() {
            self.seal(outbox);
        }
    }

    /// Takes the next piece off the wire, and appends what it holds to `plain`.
    pub(crate) fn open(
        &mut self,
        wire: &mut Input<'_>,
        plain: &mut Vec<u8>,
    ) -> Result<Opened, Error> {
        match &mut self.channel {
            Some(channel) => channel.open(wire, plain),
            None => {
                plain.extend_from_slice(wire.up_to(wire.len()));
                Ok(Opened::Wait)
            }
        }
    }

    /// What has to be sent to the server, as it goes into the socket.
    pub(crate) fn take_output(&mut self, outbox: &mut Outbox) -> Option<Vec<u8>> {
        if self.channel.is_none() && self.sealed.is_empty() {
            return outbox.take_bytes();
        }
        self.seal(outbox);
        (!self.sealed.is_empty()).then(|| std::mem::take(&mut self.sealed))
    }

    pub(crate) fn held_bytes(&self) -> usize {
        let channel = self.channel.as_ref();
        channel.map_or(0, |channel| channel.held_bytes()) + self.sealed.capacity()
    }

    fn seal(&mut self, outbox: &mut Outbox) {
        let mut plain = outbox.take_bytes().unwrap_or_default();
        match &mut self.channel {
            Some(channel) => {
                channel.seal(&plain, &mut self.sealed);
                // There may be a password in it.
                plain.zeroize();
            }
            None => self.sealed.extend_from_slice(&plain),
        }
    }
}
