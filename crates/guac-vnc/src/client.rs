//! The client: what its caller sees.

mod receive;

use secrecy::SecretString;

use crate::encoding::Encoding;
use crate::{
    ClientConfig, Error, Event, PixelSink,
    handshake::Handshake,
    outbox::Outbox,
    session::{Key, Session},
    transport::Transport,
};

pub use crate::session::{DroppedTexts, ResizeRequest, XvpAction};

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
    /// What the transport opened; its memory is used again.
    opened: Vec<u8>,
    paused: bool,
    wanted_size: Option<(u16, u16)>,
    failed: Option<Error>,
}

#[derive(Debug)]
enum Phase {
    Handshake(Handshake),
    Session(Box<Session>),
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
            opened: Vec::new(),
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
            session.catch_up(&self.config, &mut self.outbox);
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

    /// Puts a text on the desktop's clipboard, if the configuration lets it cross: as Unicode, once
    /// the desktop asks for it, if the server has the extended clipboard, else at once, encoded as
    /// the configuration says, with `?` for what that does not have. The caller bounds the length.
    pub fn cut_text(&mut self, text: &str) {
        if let Phase::Session(session) = &mut self.phase {
            session.cut_text(text, &self.config, &mut self.outbox);
        }
    }

    /// The server's texts that the configuration lets nobody have, dropped as they arrived since
    /// this was asked last.
    pub fn take_dropped_texts(&mut self) -> DroppedTexts {
        match &mut self.phase {
            Phase::Session(session) => session.take_dropped_texts(),
            Phase::Handshake(_) => DroppedTexts::default(),
        }
    }

    /// Asks the server to take no input from whoever sits before the desktop itself, or to take it
    /// again. UltraVNC does; servers that do not know this message may close the connection.
    pub fn disable_server_input(&mut self, disabled: bool) {
        if let Phase::Session(session) = &self.phase {
            session.disable_server_input(disabled, &mut self.outbox);
        }
    }

    /// Asks the server to do this with its machine. False, and nothing is sent, unless it said
    /// that it takes such orders ([`Event::XvpAvailable`]).
    pub fn xvp(&mut self, action: XvpAction) -> bool {
        match &self.phase {
            Phase::Session(session) => session.xvp(action, &mut self.outbox),
            Phase::Handshake(_) => false,
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

    /// Whether something is shown lossy that [`refine`](Self::refine) would ask for again. Changes
    /// with [`feed`](Self::feed) and [`take_output`](Self::take_output).
    #[must_use]
    pub fn wants_refinement(&self) -> bool {
        match &self.phase {
            Phase::Handshake(_) => false,
            Phase::Session(session) => session.wants_refinement(),
        }
    }

    /// A moment has passed, about a fifth of a second: to be called that often while
    /// [`wants_refinement`](Self::wants_refinement). What came as JPEG and was not drawn for more
    /// than two moments is asked for again in an encoding that has no loss, piece by piece: while a
    /// piece is on its way there is no other. Nothing is asked for more than three times that a
    /// server goes on to send as JPEG.
    pub fn refine(&mut self) {
        if let Phase::Session(session) = &mut self.phase {
            session.refine();
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

    /// Whether [`feed`](Self::feed) and [`supply_credentials`](Self::supply_credentials) may take
    /// some tenths of a second now, because the server chose a security type for which keys are
    /// made. A caller on a thread that others share may want to do that elsewhere.
    #[must_use]
    pub fn makes_keys(&self) -> bool {
        match &self.phase {
            Phase::Handshake(handshake) => handshake.makes_keys(),
            Phase::Session(_) => false,
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
        let waiting = self.pending.capacity() + self.opened.capacity();
        session + waiting + self.outbox.held_bytes() + self.transport.held_bytes()
    }
}
