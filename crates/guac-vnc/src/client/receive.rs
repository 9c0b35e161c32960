//! The way of received bytes: off the transport, then through handshake or session.

use std::borrow::Cow;

use super::{Client, Phase};
use crate::{
    Error, Event, HandshakeError, PixelSink, handshake,
    input::Input,
    session::{self, Context, Session},
    transport::Opened,
};

/// What became of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// There is more to do at once.
    Again,
    /// The server has to send more, or the caller credentials.
    Wait,
    /// What follows comes through another transport.
    Switched,
}

impl Client {
    /// What the end of the stream means now.
    pub(super) fn end(&self) -> Error {
        match &self.phase {
            Phase::Handshake(handshake) => handshake.end_of_stream(),
            Phase::Session(_) => Error::Closed,
        }
    }

    /// Goes on with the credentials that were asked for.
    pub(super) fn go_on(&mut self) -> Result<(), Error> {
        let Phase::Handshake(handshake) = &mut self.phase else {
            return Ok(());
        };
        let mut goes_on = handshake.answer();
        while goes_on {
            let step = handshake.step(&mut Input::new(&[]), &self.config, &mut self.outbox)?;
            self.transport.flush(&mut self.outbox);
            goes_on = match step {
                handshake::Step::Again => true,
                handshake::Step::Switch(channel) => {
                    self.transport.switch(channel, &mut self.outbox);
                    self.transport.is_established()
                }
                // A session does not start without bytes of the server.
                handshake::Step::Wait | handshake::Step::Ready(_) => false,
            };
        }
        Ok(())
    }

    /// Takes what came from the socket off the transport, however often that changes on the way.
    pub(super) fn receive(&mut self, bytes: &[u8], sink: &mut dyn PixelSink) -> Result<(), Error> {
        let mut rest = Cow::Borrowed(bytes);
        loop {
            let left = if self.transport.is_plain() {
                self.consume(&rest, sink)?
            } else {
                self.open(&rest, sink)?
            };
            match left {
                Some(left) => rest = Cow::Owned(left),
                None => return Ok(()),
            }
        }
    }

    /// Opens what came through a channel, piece by piece. Gives the bytes that are left if the
    /// transport changed.
    fn open(&mut self, bytes: &[u8], sink: &mut dyn PixelSink) -> Result<Option<Vec<u8>>, Error> {
        let mut wire = Input::new(bytes);
        let mut plain = std::mem::take(&mut self.opened);
        loop {
            plain.clear();
            let opened = self.transport.open(&mut wire, &mut plain)?;
            if self.transport.is_established()
                && let Some(left) = self.consume(&plain, sink)?
            {
                // What was opened by the old transport does not belong to the new one.
                return if left.is_empty() {
                    Ok(Some(wire.rest().to_vec()))
                } else {
                    Err(HandshakeError::UnexpectedBytes.into())
                };
            }
            match opened {
                Opened::More => {}
                Opened::Wait => {
                    self.opened = plain;
                    return Ok(None);
                }
                Opened::End => return Err(self.end()),
            }
        }
    }

    /// Runs over the bytes that waited and the new ones, without joining the two as a whole.
    /// Gives the bytes that are left if the transport changed.
    fn consume(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn PixelSink,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut fresh = bytes;
        let mut pending = std::mem::take(&mut self.pending);
        while !pending.is_empty() {
            let waited = pending.len();
            // What waits is the start of one small piece: a few bytes more complete it.
            let added = fresh.len().min(waited.max(64));
            pending.extend_from_slice(fresh.get(..added).unwrap_or_default());
            let (used, flow) = self.run(&pending, sink)?;
            if flow == Flow::Switched {
                pending.drain(..used);
                pending.extend_from_slice(fresh.get(added..).unwrap_or_default());
                return Ok(Some(pending));
            }
            if let Some(used) = used.checked_sub(waited) {
                // The rest of what was added is looked at where it came from.
                fresh = fresh.get(used..).unwrap_or_default();
                pending.clear();
            } else {
                pending.drain(..used);
                fresh = fresh.get(added..).unwrap_or_default();
                if fresh.is_empty() {
                    self.pending = pending;
                    return Ok(None);
                }
            }
        }
        let (used, flow) = self.run(fresh, sink)?;
        pending.extend_from_slice(fresh.get(used..).unwrap_or_default());
        if flow == Flow::Switched {
            return Ok(Some(pending));
        }
        self.pending = pending;
        Ok(None)
    }

    /// Runs the state machines over bytes until they want more, or until those that follow come
    /// through another transport. Gives how many were used.
    fn run(&mut self, bytes: &[u8], sink: &mut dyn PixelSink) -> Result<(usize, Flow), Error> {
        let mut input = Input::new(bytes);
        loop {
            let flow = self.step(&mut input, sink)?;
            if flow != Flow::Again {
                return Ok((bytes.len() - input.len(), flow));
            }
        }
    }

    fn step(&mut self, input: &mut Input<'_>, sink: &mut dyn PixelSink) -> Result<Flow, Error> {
        let Self { config, outbox, .. } = self;
        match &mut self.phase {
            Phase::Session(session) => {
                let step = session.step(
                    input,
                    &mut Context {
                        config,
                        outbox,
                        sink,
                    },
                )?;
                Ok(match step {
                    session::Step::Again => Flow::Again,
                    session::Step::Wait => Flow::Wait,
                })
            }
            Phase::Handshake(handshake) => {
                let step = handshake.step(input, config, outbox)?;
                // Each answer is a message of its own, however the server's bytes come.
                self.transport.flush(outbox);
                Ok(match step {
                    handshake::Step::Wait => Flow::Wait,
                    handshake::Step::Again => Flow::Again,
                    handshake::Step::Switch(channel) => {
                        self.transport.switch(channel, outbox);
                        Flow::Switched
                    }
                    handshake::Step::Ready(ready) => {
                        self.start_session(ready, sink);
                        Flow::Again
                    }
                })
            }
        }
    }

    fn start_session(&mut self, ready: handshake::Ready, sink: &mut dyn PixelSink) {
        let handshake::Ready {
            version,
            security,
            width,
            height,
            name,
        } = ready;
        let Self { config, outbox, .. } = self;
        let mut session = Session::start(
            width,
            height,
            &mut Context {
                config,
                outbox,
                sink,
            },
        );
        session.set_paused(self.paused);
        if let Some((width, height)) = self.wanted_size.take() {
            session.request_size(width, height, outbox);
        }
        outbox.event(Event::Connected {
            version,
            security,
            width,
            height,
        });
        outbox.event(Event::DesktopName(name));
        self.phase = Phase::Session(Box::new(session));
    }
}
