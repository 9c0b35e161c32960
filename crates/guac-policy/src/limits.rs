//! The named limits of the gate. All of them hold before memory is taken.

/// Input streams that a client may have open: indices 0 to 511, as in stock guacd.
pub const INPUT_STREAMS: u16 = 512;

/// Longest value of a parameter sent with `argv`, in bytes, as in stock guacd.
pub const CREDENTIAL_MAX_BYTES: usize = 16_383;

/// Most parameters that the daemon may ask for at a time.
pub const EXPECTED_CREDENTIALS: usize = 8;

/// Most bytes of clipboard text that a policy can allow at once: stock guacd's upper limit.
pub const CLIPBOARD_MAX_BYTES: usize = 52_428_800;

/// Most characters of a desktop's name that viewers are told.
pub const DESKTOP_NAME_MAX: usize = 64;

/// Longest path of a Unix socket, in bytes: what the system's address of one holds.
pub const SOCKET_PATH_MAX_BYTES: usize = 107;

pub use guac_protocol::limits::BLOB_MAX_BYTES;

/// Answers to data that keeps coming on one refused stream. Clients free a stream at the first.
pub const REPLIES_PER_REFUSED_STREAM: u8 = 4;

/// Answers to data on streams that were never opened, renewed whenever a stream is opened.
pub const REPLIES_TO_UNOPENED_STREAMS: u8 = 16;

/// Refusals after which a viewer's session ends: a client that is told so and goes on is hostile.
pub const REFUSALS_PER_VIEWER: u64 = 1 << 20;

/// Largest width and height, in pixels, that a viewer may ask the desktop for.
pub const RESIZE_MAX: u16 = 8_192;

/// Largest width and height, in pixels, of a layer or buffer that is sent.
pub const LAYER_MAX: i32 = 32_767;

/// Buffers that frames may use, numbered -1 and down: what stock recording tools can hold.
pub const BUFFERS: i32 = 4_096;

/// Streams that frames may use, as in stock guacd: two ranges of 512.
pub const OUTPUT_STREAMS: i32 = 1_024;

/// Most bytes of one frame, serialised.
pub const FRAME_MAX_BYTES: usize = 512 * 1_024 * 1_024;

/// Keys that one viewer can hold down at the same time; no hand holds more.
pub const HELD_KEYS: usize = 256;

/// Most viewers of one session.
pub const VIEWERS_MAX: usize = 64;
