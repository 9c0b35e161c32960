//! The client: what its caller sees.

use std::borrow::Cow;

use secrecy::SecretString;

use crate::encoding::Encoding;
use crate::{
    ClientConfig, Error, Event, HandshakeError, PixelSink,
    handshake::{self, Handshake},
    input::Input,
    outbox::Outbox,
    session::{self, Context, Key, Session},
    transport::{Opened, Transport},
};

pub use crate::session::ResizeRequest;

/// A connection to a VNC server, without the connection.
///
/// After each [`feed`](Self::feed) and each call that has something to say, fetch
/// [`take_output`](Self::take_output) and [`poll_event`](Self::poll_event) until they are empty.
/// Before [`Event::Connected`] input is dropped, because there is nobody to have it.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    phase: Phase,
    /// The start of a piece that has not arrived wholly; at most about a kilobyte.
    pending: Vec<u8>,
    outbox: Outbox,
    transport: Transport,
    paused: bool,
    wanted_size: Option<(u16, u16)>,
    failed: Option<Error>,
}

#[derive(Debug)]
enum Phase {
    Handshake(Handshake),
    Session(Box<Session>),
}

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
    /// A client that waits for the server's banner.
    #[must_use]
    pub const fn new(config: ClientConfig) -> Self {
        Self {
            config,
            phase: Phase::Handshake(Handshake::new()),
            pending: Vec::new(),
            outbox: Outbox::new(),
            transport: Transport::plain(),
            paused: false,
            wanted_size: None,
            failed: None,
        }
    }

    /// Takes what the server sent: all of it, in any split. Pixels are written into the sink's
    /// surface at once.
    ///
    /// # Errors
    ///
    /// Anything that the server may not send ends the client: this and all later calls give the
    /// same error.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn PixelSink) -> Result<(), Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.receive(bytes, sink);
        self.failed = result.err();
        result
    }

    /// The server closed its side. Tells what that means at this point, which is
    /// [`Error::Closed`] unless it had announced something worse.
    pub fn end_of_stream(&mut self) -> Error {
        let error = self.failed.unwrap_or_else(|| self.end());
        self.failed = Some(error);
        error
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.outbox.poll_event()
    }

    /// What has to be sent to the server, in order.
    pub fn take_output(&mut self) -> Option<Vec<u8>> {
        if let (Phase::Session(session), None) = (&mut self.phase, self.failed) {
            session.request_updates(&self.config, &mut self.outbox);
        }
        self.transport.take_output(&mut self.outbox)
    }

    /// Answers [`Event::CredentialsRequired`]. What is `None` stays as it was; what is still
    /// unknown after this is tried as empty.
    ///
    /// # Errors
    ///
    /// Credentials that the server's security type cannot carry end the client, as in
    /// [`feed`](Self::feed).
    pub fn supply_credentials(
        &mut self,
        username: Option<SecretString>,
        password: Option<SecretString>,
    ) -> Result<(), Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let known = &mut self.config.credentials;
        known.username = username.or_else(|| known.username.take());
        known.password = password.or_else(|| known.password.take());
        let result = self.go_on();
        self.failed = result.err();
        result
    }

    /// Presses or releases a key, by its X11 keysym.
    pub fn key(&mut self, keysym: u32, pressed: bool) {
        self.key_with_scancode(keysym, 0, pressed);
    }

    /// The same, with the place of the key on a keyboard: its XT scancode, one after 0xe0 with
    /// its top bit set, 0 if it is not known. Servers of virtual machines press the key at that
    /// place; others go by the keysym.
    pub fn key_with_scancode(&mut self, keysym: u32, scancode: u32, pressed: bool) {
        if let Phase::Session(session) = &mut self.phase {
            session.key(
                Key {
                    keysym,
                    scancode,
                    pressed,
                },
                &self.config,
                &mut self.outbox,
            );
        }
    }

    /// Moves the pointer to a pixel, at most the framebuffer's last, with these buttons down:
    /// bit 0 left, 1 middle, 2 right, 3 and 4 the wheel up and down, 5 and 6 left and right, and
    /// if the server takes as many, 7 back, 8 forward, and whatever follows up to bit 14.
    pub fn pointer(&mut self, x: u16, y: u16, buttons: u16) {
        if let Phase::Session(session) = &self.phase {
            session.pointer(x, y, buttons, &mut self.outbox);
        }
    }

    /// Puts a text on the desktop's clipboard, in Latin-1: `?` stands for what it does not have.
    /// The caller bounds the length.
    pub fn cut_text(&mut self, text: &str) {
        if let Phase::Session(_) = &self.phase {
            self.outbox.send(&crate::message::cut_text(text));
        }
    }

    /// Changes which encodings are asked for, best first: for a caller that knows more about the
    /// server once it is connected. Without effect when the handshake is over.
    pub fn set_encodings(&mut self, encodings: &[Encoding]) {
        self.config.encodings = encodings.to_vec();
    }

    /// Wishes for another framebuffer size in pixels, which is clamped to the configured limits
    /// with its proportions kept. A wish before the server can be resized is remembered.
    pub fn request_size(&mut self, width: u16, height: u16) -> ResizeRequest {
        let (width, height) = self.config.limits.clamp(width, height);
        match &mut self.phase {
            Phase::Session(session) => session.request_size(width, height, &mut self.outbox),
            Phase::Handshake(_) if width == 0 || height == 0 => ResizeRequest::Ignored,
            Phase::Handshake(_) => {
                self.wanted_size = Some((width, height));
                ResizeRequest::Deferred
            }
        }
    }

    /// Asks for the whole picture anew.
    pub fn refresh(&mut self) {
        if let Phase::Session(session) = &mut self.phase {
            session.refresh();
        }
    }

    /// Stops asking for updates, or goes on with it; a server that sends them continuously is told
    /// to stop, or to go on. What was asked for before still comes.
    pub fn set_updates_paused(&mut self, paused: bool) {
        self.paused = paused;
        if let Phase::Session(session) = &mut self.phase {
            session.set_paused(paused);
        }
    }

    /// The framebuffer's width and height in pixels, once connected.
    #[must_use]
    pub fn size(&self) -> Option<(u16, u16)> {
        match &self.phase {
            Phase::Handshake(_) => None,
            Phase::Session(session) => Some(session.size()),
        }
    }

    /// The server's own words on why it refused: for a log, never for a user. Bounded, and
    /// without control characters.
    #[must_use]
    pub fn failure_reason(&self) -> Option<String> {
        match &self.phase {
            Phase::Handshake(handshake) => handshake.reason(),
            Phase::Session(_) => None,
        }
    }

    /// Bytes of memory that decoding holds at the moment, beside the caller's picture.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let session = match &self.phase {
            Phase::Handshake(_) => 0,
            Phase::Session(session) => session.held_bytes(),
        };
        session + self.pending.capacity() + self.transport.held_bytes()
    }

    /// What the end of the stream means now.
    fn end(&self) -> Error {
        match &self.phase {
            Phase::Handshake(handshake) => handshake.end_of_stream(),
            Phase::Session(_) => Error::Closed,
        }
    }

    /// Goes on with the credentials that were asked for.
    fn go_on(&mut self) -> Result<(), Error> {
        let Phase::Handshake(handshake) = &mut self.phase else {
            return Ok(());
        };
        let mut goes_on = handshake.answer();
        while goes_on {
            let step = handshake.step(&mut Input::new(&[]), &self.config, &mut self.outbox)?;
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
    fn receive(&mut self, bytes: &[u8], sink: &mut dyn PixelSink) -> Result<(), Error> {
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
        let mut plain = Vec::new();
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
                Opened::Wait => return Ok(None),
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
            Phase::Handshake(handshake) => Ok(match handshake.step(input, config, outbox)? {
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
            }),
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
