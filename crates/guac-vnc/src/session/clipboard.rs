//! Clipboards: what the server puts on its own, and what the caller puts there (RFC 6143,
//! "ServerCutText" and "ClientCutText"; community specification, "Extended Clipboard
//! Pseudo-Encoding").
//!
//! With the extension, a text crosses only when somebody wants it: one side notifies the other
//! that there is one, the other requests it, and the first provides it, as Unicode and
//! compressed. What the configuration does not let cross is neither offered nor requested, and
//! if it comes all the same, its bytes are dropped as they arrive.

mod provided;

use crate::{
    ClientConfig, Event, ProtocolError, TextEncoding, collect::Collect, input::Input, message,
    outbox::Outbox,
};
use provided::Provided;

/// The only format that this client knows.
const TEXT: u32 = 1;

const CAPS: u32 = 1 << 24;
const REQUEST: u32 = 1 << 25;
const PEEK: u32 = 1 << 26;
const NOTIFY: u32 = 1 << 27;
const PROVIDE: u32 = 1 << 28;
const ACTIONS: u32 = 0xff << 24;

/// Both clipboards, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Clipboards {
    arriving: Arriving,
    /// What the server takes, once it told.
    server: Option<Caps>,
    /// The caller's text for a server that asks for it: the whole message, made once.
    offered: Option<Vec<u8>>,
    /// The server asked for it.
    wanted: bool,
    dropped: DroppedTexts,
}

/// Texts of the server that nobody may have, dropped since the last time somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DroppedTexts {
    /// How many.
    pub texts: u64,
    /// Their bytes, as they were announced.
    pub bytes: u64,
}

/// How far a message is.
#[derive(Debug, Default)]
enum Arriving {
    #[default]
    Header,
    Plain(Collect),
    /// An extended message with so many bytes to come, which starts with its flags.
    Flags(u64),
    /// What the server takes, of which only the size of texts is looked at.
    Caps(u32, Collect),
    Provided(Box<Provided>),
    /// What nobody wants.
    Rest(Collect),
}

/// What the server takes.
#[derive(Debug, Clone, Copy)]
struct Caps {
    flags: u32,
    /// How many bytes a text may have that it did not ask for.
    size: u32,
}

impl Caps {
    /// Whether it takes texts by any of these actions.
    const fn takes(self, actions: u32) -> bool {
        self.flags & TEXT != 0 && self.flags & actions != 0
    }
}

impl Clipboards {
    /// Takes a message after its type. True once it is complete.
    pub(crate) fn feed(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<bool, ProtocolError> {
        loop {
            let next = match &mut self.arriving {
                Arriving::Header => match input.array::<7>() {
                    None => return Ok(false),
                    Some([_, _, _, length @ ..]) => {
                        let next = header(i32::from_be_bytes(length), config)?;
                        self.note_dropped(&next);
                        next
                    }
                },
                Arriving::Plain(text) => {
                    if !text.feed(input) {
                        return Ok(false);
                    }
                    receive(text.bytes(), config.clipboard.encoding, config, outbox);
                    break;
                }
                Arriving::Flags(left) => {
                    let left = *left;
                    match input.u32() {
                        None => return Ok(false),
                        Some(flags) => self.action(flags, left, config, outbox),
                    }
                }
                Arriving::Caps(flags, sizes) => {
                    if !sizes.feed(input) {
                        return Ok(false);
                    }
                    let size = Input::new(sizes.bytes()).u32().unwrap_or(0);
                    let flags = *flags;
                    self.server = Some(Caps { flags, size });
                    outbox.answer(&capabilities(config));
                    break;
                }
                Arriving::Provided(provided) => match provided.feed(input)? {
                    None => return Ok(false),
                    Some((text, left)) => {
                        receive(&text, TextEncoding::Utf8, config, outbox);
                        Arriving::Rest(Collect::new(left, 0))
                    }
                },
                Arriving::Rest(rest) => {
                    if !rest.feed(input) {
                        return Ok(false);
                    }
                    break;
                }
            };
            self.arriving = next;
        }
        self.arriving = Arriving::Header;
        Ok(true)
    }

    /// Counts a text that is announced and of which nothing is kept.
    fn note_dropped(&mut self, next: &Arriving) {
        if let Arriving::Rest(text) = next {
            self.dropped.texts += 1;
            self.dropped.bytes = self.dropped.bytes.saturating_add(text.expected());
        }
    }

    /// What was dropped since this was asked last.
    pub(crate) fn take_dropped(&mut self) -> DroppedTexts {
        std::mem::take(&mut self.dropped)
    }

    /// Puts the caller's text on the desktop's clipboard.
    pub(crate) fn send(&mut self, text: &str, encoding: TextEncoding, outbox: &mut Outbox) {
        let takes = |actions| self.server.filter(|server| server.takes(actions));
        if takes(NOTIFY).is_none() {
            // To servers that only say PROVIDE too: libvncserver says it for every program that is
            // made with it, and drops what is provided where the program has no use for it, as
            // x11vnc has none. Where it has one, the text that follows takes the plain one's place.
            let plain = encoding.encode(&text.replace("\r\n", "\n"));
            outbox.send(&message::cut_text(&plain));
        }
        let Some(server) = takes(NOTIFY | PROVIDE) else {
            return;
        };
        let Some((size, provided)) = provided::message(PROVIDE | TEXT, text) else {
            return;
        };
        if server.takes(NOTIFY) {
            outbox.send(&message::extended_clipboard(NOTIFY | TEXT, &[]));
        } else if size <= server.size {
            outbox.send(&provided);
        }
        (self.offered, self.wanted) = (Some(provided), false);
    }

    /// Sends the text that the server asked for: once, however often it asked since the last time.
    pub(crate) fn provide(&mut self, outbox: &mut Outbox) {
        if std::mem::take(&mut self.wanted)
            && let Some(offered) = &self.offered
        {
            outbox.send(offered);
        }
    }

    /// Bytes of memory held.
    pub(crate) fn held_bytes(&self) -> usize {
        let arriving = match &self.arriving {
            Arriving::Header | Arriving::Flags(_) => 0,
            Arriving::Plain(data) | Arriving::Caps(_, data) | Arriving::Rest(data) => {
                data.capacity()
            }
            Arriving::Provided(provided) => provided.held_bytes(),
        };
        arriving + self.offered.as_ref().map_or(0, Vec::capacity)
    }

    /// Does what an extended message says, and gives what has to come of it.
    fn action(
        &mut self,
        flags: u32,
        left: u64,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Arriving {
        let (text, may) = (flags & TEXT != 0, config.clipboard);
        match flags & ACTIONS {
            action if action & CAPS != 0 => {
                // One size for each format, the one of texts first.
                let keep = if text { 4 } else { 0 };
                return Arriving::Caps(flags, Collect::new(left, keep));
            }
            REQUEST => self.wanted |= text && may.send,
            PEEK if may.send && self.server.is_some_and(|server| server.takes(NOTIFY)) => {
                let formats = self.offered.as_ref().map_or(0, |_| TEXT);
                outbox.answer(&message::extended_clipboard(NOTIFY | formats, &[]));
            }
            NOTIFY if text && may.receive.is_some() => {
                outbox.answer(&message::extended_clipboard(REQUEST | TEXT, &[]));
            }
            PROVIDE if text => {
                if let Some(max) = may.receive {
                    return Arriving::Provided(Box::new(Provided::new(left, max)));
                }
                let dropped = Arriving::Rest(Collect::new(left, 0));
                self.note_dropped(&dropped);
                return dropped;
            }
            // What is not for this client, and actions that may be added one day.
            _ => {}
        }
        Arriving::Rest(Collect::new(left, 0))
    }
}

/// What has to come of a message of this length. A negative one says that it is extended, to
/// those who said that they know of it.
fn header(length: i32, config: &ClientConfig) -> Result<Arriving, ProtocolError> {
    let clipboard = config.clipboard;
    let bytes = u64::from(length.unsigned_abs());
    if length < 0 && (clipboard.send || clipboard.receive.is_some()) {
        return match bytes.checked_sub(4) {
            Some(left) => Ok(Arriving::Flags(left)),
            None => Err(ProtocolError::ClipboardLength(length)),
        };
    }
    let keep = match clipboard.receive {
        Some(max) if 0 <= length => clipboard.encoding.bytes_for(max),
        _ => 0,
    };
    Ok(if keep == 0 {
        Arriving::Rest(Collect::new(bytes, 0))
    } else {
        Arriving::Plain(Collect::new(bytes, keep))
    })
}

fn receive(bytes: &[u8], encoding: TextEncoding, config: &ClientConfig, outbox: &mut Outbox) {
    if let Some(max) = config.clipboard.receive {
        outbox.event(Event::Clipboard(encoding.decode(bytes, max)));
    }
}

/// What this client takes, and that it wants no text before it asked for it.
fn capabilities(config: &ClientConfig) -> Vec<u8> {
    let mut flags = CAPS | TEXT;
    if config.clipboard.receive.is_some() {
        flags |= NOTIFY | PROVIDE;
    }
    if config.clipboard.send {
        flags |= REQUEST | PEEK;
    }
    message::extended_clipboard(flags, &[0; 4])
}
