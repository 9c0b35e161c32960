//! What bounds memory, bytes in flight and the rate of frames.

use std::time::Duration;

/// The longest side of the desktop in pixels, as in stock guacd. Both pictures of a desktop of
/// this size take 512 MiB together.
pub const DESKTOP_MAX_SIDE: u16 = 8192;

/// The longest side of a cursor in pixels. A browser shows none larger than 128.
pub const CURSOR_MAX_SIDE: u16 = 256;

/// Frames that a viewer may have in flight, not yet acknowledged.
pub const FRAMES_IN_FLIGHT: usize = 3;

/// Bytes in flight at which a viewer gets no further frame. The frame that reaches it may pass it,
/// since a picture larger than this must get through as well.
pub const BYTES_IN_FLIGHT: usize = 4 * 1024 * 1024;

/// The shortest time between two frames: 60 in a second.
pub const FRAME_INTERVAL: Duration = Duration::from_micros(16_600);

/// Moves within the desktop that one frame takes over as such; further ones are sent as images.
pub const COPY_HINTS: usize = 32;

/// The longest side of one image in pixels, so that a frame can be encoded and decoded in parallel.
pub const IMAGE_MAX_SIDE: u16 = 512;

/// The largest image buffer that is kept for the next frame.
pub const SPARE_BYTES: usize = 2 * 1024 * 1024;

/// The longest time between two changes of one motion.
pub const MOTION_GAP: Duration = Duration::from_millis(250);

/// From this change on, one soon after another, an area is in motion.
pub const MOTION_STREAK: u8 = 3;

/// How long an area that is only about right has to be still before it is made exact.
pub const REFINE_AFTER: Duration = Duration::from_millis(400);

/// Tiles of 64x64 pixels that one frame makes exact at most.
pub const REFINE_TILES: usize = 24;
