//! What a server knows of a client after the handshake.

use std::fmt;

use crate::version::ProtocolVersion;

/// The display of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DisplaySize {
    /// Width in pixels, never 0.
    pub width: u16,
    /// Height in pixels, never 0.
    pub height: u16,
    /// Resolution in dots per inch, never 0.
    pub dpi: u16,
}

impl DisplaySize {
    /// What the web application sends when the browser gave nothing.
    pub const DEFAULT: Self = Self {
        width: 1024,
        height: 768,
        dpi: 96,
    };

    /// Numbers that are no size take their default; stock guacd divides by them.
    pub(super) fn new(width: i32, height: i32, dpi: Option<i32>) -> Self {
        let positive = |value: i32, default: u16| match value {
            1.. => u16::try_from(value).unwrap_or(u16::MAX),
            _ => default,
        };
        Self {
            width: positive(width, Self::DEFAULT.width),
            height: positive(height, Self::DEFAULT.height),
            dpi: positive(dpi.unwrap_or_default(), Self::DEFAULT.dpi),
        }
    }
}

impl Default for DisplaySize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// All that a client said. What it left out is empty or the default, what it repeated is what it
/// said last.
///
/// `Debug` leaves out the values, since passwords are among them.
#[derive(Clone, PartialEq, Eq)]
pub struct HandshakeResult {
    /// What the client may be sent.
    pub protocol_version: ProtocolVersion,
    /// Its display.
    pub size: DisplaySize,
    /// Audio mimetypes it can play.
    pub audio: Vec<String>,
    /// Video mimetypes it can play.
    pub video: Vec<String>,
    /// Image mimetypes it can decode.
    pub image: Vec<String>,
    /// Its IANA time zone.
    pub timezone: Option<String>,
    /// The user's name, as the web application knows it.
    pub name: Option<String>,
    /// One value for each announced name, in that order; empty where none is set.
    pub values: Vec<String>,
}

impl fmt::Debug for HandshakeResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeResult")
            .field("protocol_version", &self.protocol_version)
            .field("size", &self.size)
            .field("audio", &self.audio)
            .field("video", &self.video)
            .field("image", &self.image)
            .field("timezone", &self.timezone)
            .field("name", &self.name)
            .field("values", &self.values.len())
            .finish()
    }
}
