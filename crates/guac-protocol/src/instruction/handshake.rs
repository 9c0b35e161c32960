//! What a client sends between connecting and `ready`.

/// A handshake instruction from the client.
#[derive(Debug, Clone, PartialEq, Eq)]
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
