//! What a client tells its caller.

use std::fmt;

use crate::SecurityType;

/// Something that happened, from [`Client::poll_event`](crate::Client::poll_event).
///
/// Events tell states, not histories: if two of one kind happen before the caller polls, it gets
/// the newer one only, in the newer one's place. So what waits in the queue is bounded.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The handshake is over; pixels and input flow from here on. The sink was resized already.
    Connected {
        /// The protocol version spoken.
        version: Version,
        /// How the server was convinced.
        security: SecurityType,
        /// Framebuffer width in pixels.
        width: u16,
        /// Framebuffer height in pixels.
        height: u16,
    },
    /// The server wants what the configuration does not have. The handshake waits for
    /// [`Client::supply_credentials`](crate::Client::supply_credentials).
    CredentialsRequired {
        /// A user name is wanted.
        username: bool,
        /// A password is wanted.
        password: bool,
    },
    /// The framebuffer has a new size; the sink was resized already.
    Resized {
        /// The new width in pixels.
        width: u16,
        /// The new height in pixels.
        height: u16,
    },
    /// The server answered a resize that this client asked for.
    ResizeAnswered(ResizeOutcome),
    /// One framebuffer update is complete: the picture is consistent now.
    FrameEnd,
    /// The cursor has a new shape.
    Cursor(CursorShape),
    /// The desktop's keyboard has these locks on.
    Leds {
        /// CapsLock.
        caps: bool,
        /// NumLock.
        num: bool,
        /// ScrollLock.
        scroll: bool,
    },
    /// The server says where the desktop's pointer is, for one that is moved by somebody else: in
    /// pixels from the framebuffer's top left. Within 16 bits, but not always within the framebuffer.
    PointerMoved {
        /// From the left edge.
        x: u16,
        /// From the top edge.
        y: u16,
    },
    /// The server's machine can be shut down and the like: [`Client::xvp`](crate::Client::xvp).
    XvpAvailable,
    /// What [`Client::xvp`](crate::Client::xvp) asked for was not done.
    XvpFailed,
    /// The desktop rang its bell.
    Bell,
    /// The desktop's clipboard has a new text, cut to the configured length.
    Clipboard(String),
    /// The desktop has this name: text chosen inside the desktop, bounded, without control
    /// characters.
    DesktopName(String),
}

impl Event {
    /// Bytes of memory held beside the event itself.
    pub(crate) const fn held_bytes(&self) -> usize {
        match self {
            Self::Cursor(shape) => shape.pixels.capacity() * 4,
            Self::Clipboard(text) | Self::DesktopName(text) => text.capacity(),
            _ => 0,
        }
    }

    /// Whether a later `other` makes this event worthless.
    pub(crate) fn is_replaced_by(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Texts chosen in the desktop do not belong into logs, so only their lengths are shown.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected {
                version,
                security,
                width,
                height,
            } => f
                .debug_struct("Connected")
                .field("version", version)
                .field("security", security)
                .field("width", width)
                .field("height", height)
                .finish(),
            Self::CredentialsRequired { username, password } => f
                .debug_struct("CredentialsRequired")
                .field("username", username)
                .field("password", password)
                .finish(),
            Self::Resized { width, height } => f
                .debug_struct("Resized")
                .field("width", width)
                .field("height", height)
                .finish(),
            Self::ResizeAnswered(outcome) => {
                f.debug_tuple("ResizeAnswered").field(outcome).finish()
            }
            Self::FrameEnd => f.write_str("FrameEnd"),
            Self::Cursor(shape) => f.debug_tuple("Cursor").field(shape).finish(),
            Self::Leds { caps, num, scroll } => f
                .debug_struct("Leds")
                .field("caps", caps)
                .field("num", num)
                .field("scroll", scroll)
                .finish(),
            Self::PointerMoved { x, y } => write!(f, "PointerMoved({x}, {y})"),
            Self::XvpAvailable => f.write_str("XvpAvailable"),
            Self::XvpFailed => f.write_str("XvpFailed"),
            Self::Bell => f.write_str("Bell"),
            Self::Clipboard(text) => write!(f, "Clipboard({} bytes)", text.len()),
            Self::DesktopName(name) => write!(f, "DesktopName({} bytes)", name.len()),
        }
    }
}

/// The shape of the desktop's cursor.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CursorShape {
    /// The point that clicks, from the left edge.
    pub hotspot_x: u16,
    /// The point that clicks, from the top edge.
    pub hotspot_y: u16,
    /// Width in pixels; 0 if the cursor is not to be seen.
    pub width: u16,
    /// Height in pixels; 0 if the cursor is not to be seen.
    pub height: u16,
    /// Rows from the top, each pixel 0xAARRGGBB, colours not multiplied by alpha.
    pub pixels: Vec<u32>,
}

impl fmt::Debug for CursorShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            hotspot_x,
            hotspot_y,
            width,
            height,
            ..
        } = self;
        write!(
            f,
            "CursorShape({width}x{height}, hotspot {hotspot_x},{hotspot_y})"
        )
    }
}

/// What the server made of a resize that this client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResizeOutcome {
    /// The framebuffer has the size asked for, or the one nearest to it that the server can do.
    Accepted,
    /// The server refused.
    Refused {
        /// Its reason: 1 prohibited, 2 out of resources, 3 invalid layout, others unknown.
        code: u16,
    },
}

/// A version of the protocol, as it is spoken (a server may announce odder ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// RFB 3.3: the server decides on security.
    Rfb33,
    /// RFB 3.7: the client chooses.
    Rfb37,
    /// RFB 3.8: failures have reasons.
    Rfb38,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rfb33 => "3.3",
            Self::Rfb37 => "3.7",
            Self::Rfb38 => "3.8",
        })
    }
}
