//! What a client is told before it starts.

use secrecy::SecretString;

use crate::{Encoding, Limits, SecurityConfig, TextEncoding};

/// Everything a [`Client`](crate::Client) is told before it starts.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// What is known of the user; what is missing is asked for by
    /// [`Event::CredentialsRequired`](crate::Event::CredentialsRequired).
    pub credentials: Credentials,
    /// What is demanded of the server, and by what it is known.
    pub security: SecurityConfig,
    /// Whether other clients of the same desktop may stay connected.
    pub shared: bool,
    /// Pixel encodings in order of preference. Raw is always understood, listed or not.
    pub encodings: Vec<Encoding>,
    /// What is asked of the server for each pixel. The caller's picture is 32 bits always.
    pub color_depth: ColorDepth,
    /// Which byte of a pixel is sent first.
    pub byte_order: ByteOrder,
    /// Exchanges red and blue in everything that is decoded, for servers that mix them up.
    pub swap_red_blue: bool,
    /// Compression asked for, 0 (fast) to 9 (small); larger values count as 9.
    pub compress_level: Option<u8>,
    /// JPEG quality asked for, 0 to 9; larger values count as 9. Without it a server sends no
    /// JPEG, so that pictures are lossless. With it they become so once they are still, if the
    /// caller calls [`Client::refine`](crate::Client::refine).
    pub quality_level: Option<u8>,
    /// Whether the cursor's shape is asked for ([`Event::Cursor`](crate::Event::Cursor)); else
    /// the server draws it into the picture.
    pub local_cursor: bool,
    /// Whether a server that can send updates continuously is told to. Those of other servers are
    /// asked for one by one, each as soon as the one before begins.
    pub continuous_updates: bool,
    /// Whether the server's CapsLock and NumLock follow what the user's keys tell about the user's
    /// own, if the server reports its locks, which become [`Event::Leds`](crate::Event::Leds).
    /// Else neither is asked of the server, and some then guess by themselves.
    pub sync_locks: bool,
    /// Whether a server is asked whether its machine may be shut down and the like
    /// ([`Event::XvpAvailable`](crate::Event::XvpAvailable)).
    pub xvp: bool,
    /// Which texts cross.
    pub clipboard: Clipboard,
    /// Bounds on what the server may make the client hold.
    pub limits: Limits,
}

impl Default for ClientConfig {
    /// Shared, true colour, every encoding this crate decodes, no JPEG, a local cursor, no xvp,
    /// and a clipboard that nothing crosses.
    fn default() -> Self {
        Self {
            credentials: Credentials::default(),
            security: SecurityConfig::default(),
            shared: true,
            encodings: Encoding::DEFAULT.to_vec(),
            color_depth: ColorDepth::default(),
            byte_order: ByteOrder::default(),
            swap_red_blue: false,
            compress_level: None,
            quality_level: None,
            local_cursor: true,
            continuous_updates: true,
            sync_locks: true,
            xvp: false,
            clipboard: Clipboard::default(),
            limits: Limits::default(),
        }
    }
}

/// A user name and a password, each of which may be unknown.
///
/// Neither is ever printed, and both are wiped from memory when they are dropped.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The user name, where the server asks for one.
    pub username: Option<SecretString>,
    /// The password. VncAuth uses its first eight bytes.
    pub password: Option<SecretString>,
}

/// Bits for each pixel on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorDepth {
    /// 3 bits of red, 3 of green, 2 of blue.
    Bits8,
    /// One of 256 colours, which the server chooses and may change at any time.
    Indexed8,
    /// 5 bits of each.
    Bits15,
    /// 5 bits of red, 6 of green, 5 of blue.
    Bits16,
    /// 8 bits of each, in a 32-bit pixel.
    #[default]
    Bits24,
    /// The same as [`ColorDepth::Bits24`], which is how stock guacd takes it.
    Bits32,
}

impl ColorDepth {
    /// The depth that a `color-depth` parameter means: 8, 15, 16 and 32 themselves, all else 24.
    #[must_use]
    pub fn from_parameter(bits: i64) -> Self {
        match bits {
            8 => Self::Bits8,
            15 => Self::Bits15,
            16 => Self::Bits16,
            32 => Self::Bits32,
            _ => Self::Bits24,
        }
    }
}

/// Which byte of a pixel comes first on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ByteOrder {
    /// The lowest.
    #[default]
    Little,
    /// The highest.
    Big,
}

/// Which texts cross between the desktop's clipboard and the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clipboard {
    /// Whether a text of the desktop becomes [`Event::Clipboard`](crate::Event::Clipboard), and
    /// how many bytes of it in UTF-8 are kept: a longer one is cut after the character with which
    /// it has that many. Without it, its bytes are dropped as they arrive, and none is ever kept.
    pub receive: Option<usize>,
    /// Whether [`Client::cut_text`](crate::Client::cut_text) puts texts on the desktop's.
    pub send: bool,
    /// How texts are encoded for a server that does not have the extended clipboard, which is
    /// always Unicode.
    pub encoding: TextEncoding,
}
