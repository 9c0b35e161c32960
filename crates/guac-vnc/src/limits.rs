//! The named limits of everything a server can make this client hold.

/// Bounds that an operator may have a reason to change.
///
/// Beside the picture itself, which the caller owns, one client never holds more than 8 MB, with
/// everything that a server and a caller who never poll can make it keep (`tests/memory.rs` counts
/// it), if the configuration lets texts of up to 256 KiB cross between clipboards. Larger ones come
/// on top, three times: one that was received, one that is arriving, and one that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest framebuffer width accepted from a server and asked of one, in pixels.
    pub max_width: u16,
    /// Largest framebuffer height accepted from a server and asked of one, in pixels.
    pub max_height: u16,
    /// How many bytes of a desktop name are kept; the rest is read and dropped.
    pub max_name_bytes: usize,
    /// Largest cursor in either direction, in pixels; a larger one is read and dropped.
    pub max_cursor_side: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_width: 8192,
            max_height: 8192,
            max_name_bytes: 256,
            max_cursor_side: 256,
        }
    }
}

/// A desktop name that claims to be longer than this is a protocol error, as in libvncclient.
pub(crate) const MAX_CLAIMED_NAME: u32 = 1 << 20;

/// How many bytes of a server's reason for a failure are kept for the log.
pub(crate) const MAX_REASON_BYTES: usize = 256;

/// Payload of a fence message, in bytes (community specification, "Fence").
pub(crate) const MAX_FENCE_PAYLOAD: usize = 64;

/// Pixels of one Tight JPEG rectangle. Servers send at most 65,536. A decoded picture of this many
/// takes 0.75 MB; with the coefficients of a progressive one whose four components are sampled in
/// the most expensive way, decoding takes 6.3 MB for a moment (`tests/memory.rs` counts it).
pub(crate) const MAX_JPEG_PIXELS: usize = 256 * 1024;

/// Compressed bytes of one Tight JPEG rectangle, which must be whole before it can be decoded: two
/// for each pixel.
pub(crate) const MAX_JPEG_BYTES: usize = 512 << 10;

/// Tiles of 64x64 pixels that are lossy in a part only and of which each pixel is known: 128 KiB.
pub(crate) const MAX_LOSSY_MASKS: usize = 256;

/// How often a part of the picture is asked for again lossless before it is left lossy. A server
/// that sends JPEG whatever it is asked for must not be asked for ever.
pub(crate) const MAX_LOSSLESS_ATTEMPTS: u8 = 3;

/// Inflated bytes that wait for their decoder. A multiple of the largest piece that a decoder
/// takes at once (a Tight palette of 1 KiB), so that every call inflates a large piece.
pub(crate) const INFLATED_BYTES: usize = 64 << 10;

/// Inflated bytes of a clipboard's text at a time.
pub(crate) const INFLATED_TEXT_BYTES: usize = 4 << 10;

/// Answers that wait to be sent because the server does not read. A server that asks for more
/// while it reads nothing gets no answer, and the fence it waits for never comes.
pub(crate) const MAX_PENDING_ANSWERS: usize = 256 << 10;

/// What TLS holds at most: a handshake message of 64 KiB, what it is opened to, and the server's
/// certificates.
pub(crate) const TLS_BYTES: usize = 192 << 10;

/// Bytes of a user name or a password that is sent as it is. TigerVNC reads no more.
pub(crate) const MAX_PLAIN_CREDENTIAL_BYTES: u16 = 1024;

/// The shortest RSA key that a server may have, in bits (as in TigerVNC and noVNC).
pub(crate) const MIN_RSA_BITS: u32 = 1024;

/// The longest RSA key that a server may have, in bits (as in TigerVNC and noVNC).
pub(crate) const MAX_RSA_BITS: u32 = 8192;

/// The shortest modulus of Apple's Diffie-Hellman exchange, in bytes: what Apple's servers send.
pub(crate) const MIN_EXCHANGE_BYTES: u16 = 128;

/// The longest modulus of Apple's Diffie-Hellman exchange, in bytes.
pub(crate) const MAX_EXCHANGE_BYTES: u16 = 512;

/// The smallest modulus of a Diffie-Hellman exchange that has a value which is not degenerate.
/// MS-Logon II announces no length, and its servers choose primes of up to 31 bits as they like.
pub(crate) const MIN_EXCHANGE_MODULUS: u8 = 5;

/// Plain bytes of one encrypted message that this client sends, as in TigerVNC.
pub(crate) const MAX_SEALED_BYTES: usize = 8192;
