//! A VNC client without I/O: the RFB protocol as a state machine.
//!
//! [`Client`] takes the bytes that a VNC server sent ([`Client::feed`]), in any split, and gives
//! back the bytes to send to it ([`Client::take_output`]) and what happened
//! ([`Client::poll_event`]). Pixels never travel as events: the decoders write them straight into
//! a picture that the caller lends through [`PixelSink`], and report what changed as damage.
//!
//! The crate opens no socket, knows no time and starts no thread. Everything that comes from the
//! server is taken for hostile: each length, size and index is checked against [`Limits`] or the
//! framebuffer before memory is taken or a pixel is written.
//!
//! The protocol is that of [RFC 6143] with the additions of the [community specification].
//!
//! [RFC 6143]: https://www.rfc-editor.org/rfc/rfc6143
//! [community specification]: https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst

mod client;
mod collect;
mod config;
mod crypto;
mod decode;
mod encoding;
mod error;
mod event;
mod handshake;
mod input;
mod limits;
mod message;
mod outbox;
mod pixel;
mod security;
mod session;
mod surface;
mod text;
mod transport;

pub use client::{Client, DroppedTexts, ResizeRequest, XvpAction};
pub use config::{ByteOrder, ClientConfig, Clipboard, ColorDepth, Credentials};
pub use crypto::CryptoError;
pub use encoding::Encoding;
pub use error::{
    DecodeError, Error, Fault, HandshakeError, Offered, ProtocolError, Remedy, TlsError,
};
pub use event::{CursorShape, Event, ResizeOutcome, Version};
pub use limits::Limits;
/// The types of certificates, names and times in [`Trust`].
pub use rustls::pki_types;
pub use security::{Entropy, SecurityConfig, SecurityLevel, SecurityType, Trust};
pub use surface::{PixelSink, Rect, Surface};
pub use text::TextEncoding;
