//! Everything that ends a client, as numbers and static names, never the server's text.

mod handshake;
mod tls;

pub use handshake::{HandshakeError, Offered, Remedy};
pub use tls::TlsError;

use thiserror::Error;

use crate::{CryptoError, Encoding};

/// Whose fault an error was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The VNC server broke the protocol, or left.
    Desktop,
    /// The caller or this crate broke an agreement.
    Ourselves,
    /// The settings (a password, the server's security) do not fit.
    Operator,
}

/// Why a client ended. After one, [`Client::feed`](crate::Client::feed) gives the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The server does not accept the password.
    #[error("the VNC server does not accept the password")]
    AuthenticationFailed,
    /// The server accepts no more attempts for now.
    #[error("the VNC server refuses further attempts to authenticate for now")]
    TooManyAttempts,
    /// The server refused the connection before or instead of authentication.
    #[error("the VNC server refused the connection")]
    Refused,
    /// The server's banner or its part of the handshake is wrong.
    #[error("handshake with the VNC server: {0}")]
    Handshake(#[from] HandshakeError),
    /// TLS did not come about, or ended.
    #[error("TLS with the VNC server: {0}")]
    Tls(#[from] TlsError),
    /// The server's own cryptography is wrong: that of RSA-AES, Apple's type or MS-Logon II.
    #[error("encryption of the VNC server: {0}")]
    Crypto(#[from] CryptoError),
    /// A message of a running session is wrong.
    #[error("message of the VNC server: {0}")]
    Protocol(#[from] ProtocolError),
    /// The pixels of a rectangle are wrong.
    #[error("{} rectangle of the VNC server: {error}", encoding.name())]
    Decode {
        /// How the rectangle was encoded.
        encoding: Encoding,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// The server closed the connection.
    #[error("the VNC server closed the connection")]
    Closed,
    /// The surface that the caller lends is smaller than the framebuffer it was told of.
    #[error("the lent surface is smaller than the framebuffer")]
    SurfaceTooSmall,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::AuthenticationFailed => Fault::Operator,
            Self::Handshake(error) if error.is_a_matter_of_settings() => Fault::Operator,
            Self::Tls(error) if error.is_a_matter_of_settings() => Fault::Operator,
            Self::Crypto(error) if error.is_a_matter_of_settings() => Fault::Operator,
            Self::SurfaceTooSmall
            | Self::Crypto(CryptoError::KeyGeneration | CryptoError::NoEntropy) => Fault::Ourselves,
            Self::TooManyAttempts
            | Self::Refused
            | Self::Handshake(_)
            | Self::Tls(_)
            | Self::Crypto(_)
            | Self::Protocol(_)
            | Self::Decode { .. }
            | Self::Closed => Fault::Desktop,
        }
    }

    /// Whether the server did not believe the user: another password may help.
    #[must_use]
    pub const fn is_authentication(&self) -> bool {
        matches!(self, Self::AuthenticationFailed | Self::TooManyAttempts)
    }

    /// Whether the server's other security types may do where its VeNCrypt does not: a new
    /// connection with [`SecurityConfig::avoid_vencrypt`](crate::SecurityConfig::avoid_vencrypt)
    /// gets to them. Never true of a server that failed to prove who it is.
    #[must_use]
    pub const fn may_work_without_vencrypt(&self) -> bool {
        matches!(
            self,
            Self::Handshake(HandshakeError::NoUsableSubType { others: true, .. })
        )
    }

    /// Whether the server sent bytes that make no sense.
    #[must_use]
    pub const fn is_garbled(&self) -> bool {
        match self {
            Self::Handshake(error) => !error.is_a_matter_of_settings(),
            Self::Tls(error) => matches!(error, TlsError::Malformed),
            Self::Crypto(error) => !error.is_a_matter_of_settings(),
            Self::Protocol(_) | Self::Decode { .. } => true,
            Self::AuthenticationFailed
            | Self::TooManyAttempts
            | Self::Refused
            | Self::Closed
            | Self::SurfaceTooSmall => false,
        }
    }
}

/// What can be wrong with a message of a running session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message type that nobody asked for.
    #[error("unknown message type {0}")]
    UnknownMessage(u8),
    /// A rectangle in an encoding that nobody asked for.
    #[error("unknown encoding {0}")]
    UnknownEncoding(i32),
    /// A rectangle that reaches out of the framebuffer.
    #[error("rectangle {width}x{height} at {x},{y} reaches out of the framebuffer")]
    OutsideFramebuffer {
        /// Left edge.
        x: u16,
        /// Top edge.
        y: u16,
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// The framebuffer is to become empty or larger than allowed.
    #[error("framebuffer of {width}x{height} is empty or too large")]
    BadFramebufferSize {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// A fence with more payload than the specification allows.
    #[error("fence payload of {0} bytes")]
    FenceTooLong(u8),
    /// The desktop's name claims an absurd length.
    #[error("desktop name of {0} bytes")]
    NameTooLong(u32),
    /// A message of the extended clipboard that is too short to have flags.
    #[error("extended clipboard message of length {0}")]
    ClipboardLength(i32),
    /// A text of the extended clipboard that cannot be inflated, or ends too early.
    #[error("damaged clipboard text")]
    ClipboardData,
    /// A cursor with alpha in an encoding that no server uses.
    #[error("cursor in encoding {0}")]
    CursorEncoding(i32),
}

/// What can be wrong with the pixels of a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The source of a copy reaches out of the framebuffer.
    #[error("copy from {x},{y} reaches out of the framebuffer")]
    CopySource {
        /// Left edge of the source.
        x: u16,
        /// Top edge of the source.
        y: u16,
    },
    /// A part of the rectangle reaches out of it.
    #[error("a part reaches out of the rectangle")]
    OutsideRectangle,
    /// A rectangle is drawn over and over.
    #[error("the parts of a rectangle cover it again and again")]
    Overdrawn,
    /// A type of tile, filter or compression that does not exist.
    #[error("unknown subencoding {0}")]
    UnknownSubencoding(u8),
    /// A palette is used again, but there is none that fits.
    #[error("no palette to use again")]
    NoPalette,
    /// A pixel names a colour that the palette does not have.
    #[error("palette index {index} of {colors} colours")]
    PaletteIndex {
        /// The index.
        index: u8,
        /// How many colours there are.
        colors: u16,
    },
    /// A run is longer than what is left of its tile.
    #[error("a run is longer than its tile")]
    RunTooLong,
    /// The compressed data is damaged.
    #[error("damaged compressed data")]
    Inflate,
    /// The compressed data ends before the rectangle is complete.
    #[error("compressed data ends too early")]
    TooShort,
    /// The compressed data goes on after the rectangle is complete.
    #[error("compressed data goes on after the end")]
    TooLong,
    /// A JPEG larger than any server sends, in pixels or bytes.
    #[error("JPEG too large")]
    JpegTooLarge,
    /// A JPEG that cannot be decoded.
    #[error("damaged JPEG")]
    Jpeg,
    /// A JPEG whose size is not that of its rectangle.
    #[error("JPEG of another size than its rectangle")]
    JpegSize,
}
