//! A running session: messages of the server (RFC 6143, "Server-to-Client Messages").

mod clipboard;
mod colours;
mod continuous;
mod controls;
mod cursor;
mod extras;
mod locks;
mod losses;
mod refinement;
mod requests;
mod resizing;
mod screens;
mod update;

pub use clipboard::DroppedTexts;
pub(crate) use controls::Key;
pub use extras::XvpAction;
pub use screens::ResizeRequest;

use crate::{
    ClientConfig, ColorDepth, Error, Event, PixelSink, ProtocolError, Rect, decode::Decoders,
    encoding::Loss, input::Input, limits::MAX_FENCE_PAYLOAD, message, outbox::Outbox,
    pixel::Formats,
};
use clipboard::Clipboards;
use colours::Colours;
use continuous::Continuous;
use controls::Controls;
use extras::Extra;
use refinement::Refinement;
use requests::Requests;
use screens::Screens;
use update::Update;

const FENCE_REQUEST: u32 = 1 << 31;
/// Block before, block after, sync next: all hold already, because each message is taken and
/// answered before the next one is looked at.
const FENCE_KNOWN: u32 = 0b111;

/// The state of a running session.
#[derive(Debug)]
pub(crate) struct Session {
    width: u16,
    height: u16,
    colours: Colours,
    /// Whether pixels came since everything was asked for last.
    drawn: bool,
    state: State,
    update: Update,
    decoders: Decoders,
    requests: Requests,
    refinement: Refinement,
    continuous: Continuous,
    controls: Controls,
    clipboards: Clipboards,
    screens: Screens,
    /// The version of xvp that the server speaks, once it said so.
    xvp: Option<u8>,
}

/// Where in the server's stream the session is.
#[derive(Debug)]
enum State {
    MessageType,
    UpdateHeader,
    Update,
    ColoursHeader,
    Colours,
    CutText,
    Fence,
    Extra(Extra),
}

/// What became of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to do at once.
    Again,
    /// The server has to send more.
    Wait,
}

/// What a step needs beside the bytes.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a ClientConfig,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) sink: &'a mut dyn PixelSink,
}

impl Session {
    /// Starts with a framebuffer whose size was checked: asks for pixels as the configuration
    /// wants them, and for all of them.
    pub(crate) fn start(width: u16, height: u16, context: &mut Context<'_>) -> Self {
        let Context {
            config,
            outbox,
            sink,
        } = context;
        outbox.send(&message::set_pixel_format(config));
        outbox.send(&message::set_encodings(config, Loss::AsConfigured));
        sink.resize(width, height);
        let mut refinement = Refinement::default();
        refinement.resized(width, height);
        Self {
            width,
            height,
            colours: Colours::default(),
            drawn: false,
            state: State::MessageType,
            update: Update::default(),
            decoders: Decoders::default(),
            requests: Requests::start(),
            refinement,
            continuous: Continuous::default(),
            controls: Controls::default(),
            clipboards: Clipboards::default(),
            screens: Screens::default(),
            xvp: None,
        }
    }

    /// Does what the bytes at hand allow, up to the next state.
    pub(crate) fn step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Step, Error> {
        let next = match &mut self.state {
            State::MessageType => match input.u8() {
                None => None,
                Some(kind) => Some(self.message_type(kind, context.outbox)?),
            },
            State::UpdateHeader => input.array().map(|[_, high, low]: [u8; 3]| {
                self.update.begin(u16::from_be_bytes([high, low]));
                self.drawn = true;
                self.continuous.update_started();
                self.requests.want_changes();
                State::Update
            }),
            State::Update => self.update_step(input, context)?,
            State::ColoursHeader => self.colours.begin(input).then_some(State::Colours),
            State::Colours => self.colours.feed(input).map(|changed| {
                let indexed = context.config.color_depth == ColorDepth::Indexed8;
                // What is in the picture has the colours of the map before.
                if changed && indexed && self.drawn {
                    self.refresh();
                }
                State::MessageType
            }),
            State::CutText => self
                .clipboards
                .feed(input, context.config, context.outbox)?
                .then_some(State::MessageType),
            State::Fence => answer_fence(input, context.outbox)?,
            State::Extra(_) => self.extra_step(input, context)?,
        };
        let Some(next) = next else {
            return Ok(Step::Wait);
        };
        self.state = next;
        Ok(Step::Again)
    }

    fn message_type(&mut self, kind: u8, outbox: &mut Outbox) -> Result<State, Error> {
        match kind {
            0 => Ok(State::UpdateHeader),
            1 => Ok(State::ColoursHeader),
            2 => {
                outbox.event(Event::Bell);
                Ok(State::MessageType)
            }
            3 => Ok(State::CutText),
            150 => {
                if self.continuous.ended() {
                    self.requests.want_changes();
                }
                Ok(State::MessageType)
            }
            248 => Ok(State::Fence),
            other => Extra::of(other)
                .map(State::Extra)
                .ok_or_else(|| ProtocolError::UnknownMessage(other).into()),
        }
    }

    /// Queues what is due: what the server asked for, and what it has to be told about updates.
    pub(crate) fn catch_up(&mut self, config: &ClientConfig, outbox: &mut Outbox) {
        self.clipboards.provide(outbox);
        if !self.requests.are_paused() {
            self.refinement.catch_up(config, outbox);
        }
        let continuously = config.continuous_updates && !self.requests.are_paused();
        self.continuous.keep(continuously, self.size(), outbox);
        if let Some(kind) = self.requests.take() {
            let area = Rect::new(0, 0, self.width, self.height);
            outbox.send(&message::update_request(
                kind == requests::Kind::Changes,
                area,
            ));
        }
    }

    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.requests.set_paused(paused);
        if !paused && self.continuous.ignores_requests() {
            self.requests.want_changes();
        }
    }

    pub(crate) fn wants_refinement(&self) -> bool {
        !self.requests.are_paused() && self.refinement.is_wanted()
    }

    pub(crate) fn refine(&mut self) {
        self.refinement.moment_passed();
    }

    pub(crate) fn refresh(&mut self) {
        self.requests.want_everything();
        self.drawn = false;
    }

    pub(crate) fn key(&mut self, key: Key, config: &ClientConfig, outbox: &mut Outbox) {
        self.controls.key(key, config.sync_locks, outbox);
    }

    pub(crate) fn pointer(&self, x: u16, y: u16, buttons: u16, outbox: &mut Outbox) {
        let x = x.min(self.width.saturating_sub(1));
        let y = y.min(self.height.saturating_sub(1));
        self.controls.pointer(x, y, buttons, outbox);
    }

    /// Asks the server not to take input from those who sit before it, or to take it again.
    pub(crate) fn disable_server_input(&self, disabled: bool, outbox: &mut Outbox) {
        outbox.send(&message::set_server_input(disabled));
    }

    pub(crate) fn cut_text(&mut self, text: &str, config: &ClientConfig, outbox: &mut Outbox) {
        if config.clipboard.send {
            self.clipboards
                .send(text, config.clipboard.encoding, outbox);
        }
    }

    pub(crate) fn take_dropped_texts(&mut self) -> DroppedTexts {
        self.clipboards.take_dropped()
    }

    pub(crate) fn request_size(
        &mut self,
        width: u16,
        height: u16,
        outbox: &mut Outbox,
    ) -> ResizeRequest {
        self.screens
            .request(width, height, (self.width, self.height), outbox)
    }

    /// What pixels look like on the wire.
    fn formats<'a>(colours: &'a Colours, config: &ClientConfig) -> Formats<'a> {
        let (depth, order) = (config.color_depth, config.byte_order);
        Formats::new(depth, order, config.swap_red_blue, colours.map())
    }

    pub(crate) const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// Bytes of memory held, beside the size of this structure itself.
    pub(crate) fn held_bytes(&self) -> usize {
        self.clipboards.held_bytes()
            + self.colours.held_bytes()
            + self.update.held_bytes()
            + self.decoders.held_bytes()
            + self.refinement.held_bytes()
    }
}

/// Answers a fence (community specification, "ClientFence"): what the server sent, without the
/// flags that this client does not know.
fn answer_fence(input: &mut Input<'_>, outbox: &mut Outbox) -> Result<Option<State>, Error> {
    let mut peek = *input;
    let Some([_, _, _, flags @ .., length]) = peek.array::<8>() else {
        return Ok(None);
    };
    if MAX_FENCE_PAYLOAD < length.into() {
        return Err(ProtocolError::FenceTooLong(length).into());
    }
    let Some(payload) = peek.take(length.into()) else {
        return Ok(None);
    };
    *input = peek;
    let flags = u32::from_be_bytes(flags);
    if flags & FENCE_REQUEST != 0 {
        outbox.answer(&message::fence(flags & FENCE_KNOWN, payload));
    }
    Ok(Some(State::MessageType))
}
