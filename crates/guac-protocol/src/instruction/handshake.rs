//! What a client sends between connecting and `ready`.

use std::fmt;

/// A handshake instruction from the client.
///
/// `Debug` leaves out the values of `connect`, since passwords are among them.
#[derive(Clone, PartialEq, Eq)]
pub enum HandshakeInstruction<'a> {
    /// Chooses a protocol by name, or a running connection by `$` and its id.
    Select {
        /// Protocol name or connection id.
        target: &'a str,
    },
    /// The browser's display.
    Size {
        /// Width in pixels.
        width: i32,
        /// Height in pixels.
        height: i32,
        /// Resolution in dots per inch, if given.
        dpi: Option<i32>,
    },
    /// Audio mimetypes the client can play.
    Audio(Vec<&'a str>),
    /// Video mimetypes the client can play.
    Video(Vec<&'a str>),
    /// Image mimetypes the client can decode.
    Image(Vec<&'a str>),
    /// The client's IANA time zone.
    Timezone(&'a str),
    /// The user's name, as the web application knows it.
    Name(&'a str),
    /// Ends the handshake: the version and one value for each announced argument.
    Connect {
        /// The version token the client answered with, or an empty string.
        version: &'a str,
        /// One value for each announced argument name.
        values: Vec<&'a str>,
    },
    /// An instruction this phase does not know; it keeps its name.
    Unknown {
        /// The opcode as sent.
        opcode: &'a str,
    },
}

impl fmt::Debug for HandshakeInstruction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select { target } => f.debug_struct("Select").field("target", target).finish(),
            Self::Size { width, height, dpi } => f
                .debug_struct("Size")
                .field("width", width)
                .field("height", height)
                .field("dpi", dpi)
                .finish(),
            Self::Audio(mimetypes) => f.debug_tuple("Audio").field(mimetypes).finish(),
            Self::Video(mimetypes) => f.debug_tuple("Video").field(mimetypes).finish(),
            Self::Image(mimetypes) => f.debug_tuple("Image").field(mimetypes).finish(),
            Self::Timezone(timezone) => f.debug_tuple("Timezone").field(timezone).finish(),
            Self::Name(name) => f.debug_tuple("Name").field(name).finish(),
            Self::Connect { version, values } => f
                .debug_struct("Connect")
                .field("version", version)
                .field("values", &values.len())
                .finish(),
            Self::Unknown { opcode } => f.debug_struct("Unknown").field("opcode", opcode).finish(),
        }
    }
}
