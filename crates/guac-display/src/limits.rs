//! What bounds memory, bytes in flight and the rate of frames.

use std::time::Duration;

/// The longest side of the desktop in pixels, as in stock guacd. Both pictures of a desktop of
/// this size take 512 MiB together.
pub const DESKTOP_MAX_SIDE: u16 = 8192;

/// The longest side of a cursor in pixels. A browser shows none larger than 128.
pub const CURSOR_MAX_SIDE: u16 = 256;

/// The longest side of a stamp in pixels.
pub const STAMP_MAX_SIDE: u16 = 1024;

/// Frames that a viewer may have in flight, not yet acknowledged, beside those that fill a round
/// trip.
pub const FRAMES_IN_FLIGHT: usize = 3;

/// Frames that a viewer far away may have in flight: a second's worth, half of it.
pub const FRAMES_IN_FLIGHT_MAX: usize = 30;

/// Bytes in flight at which a viewer gets no further frame, however fast its link. The frame that
/// reaches it may pass it, since a picture larger than this must get through as well.
pub const BYTES_IN_FLIGHT: usize = 4 * 1024 * 1024;

/// The same for a viewer of whose link nothing is known yet.
pub const UNKNOWN_BYTES: usize = 64 * 1024;

/// What a link takes in this time may be in flight, beside what fills a round trip.
pub const QUEUED: Duration = Duration::from_millis(100);

/// What a link takes in this time may wait for it when a frame is added, by what is known of it: no
/// more than keeps it busy until the next frame.
pub const PACED: Duration = Duration::from_millis(30);

/// The shortest time between two frames: 60 in a second.
pub const FRAME_INTERVAL: Duration = Duration::from_micros(16_600);

/// Moves within the desktop that one frame takes over as such; further ones are sent as images.
pub const COPY_HINTS: usize = 32;

/// The longest side of one image in pixels, so that a frame can be encoded and decoded in parallel.
pub const IMAGE_MAX_SIDE: u16 = 512;
/// The longest side of an image whose other one is at most [`THIN_SIDE`]: what the edge of a window
/// uncovers.
pub const THIN_MAX_SIDE: u16 = 2048;
/// The other side of a thin image, in pixels.
pub const THIN_SIDE: u16 = 32;

/// Pixels of exact images that each thread is to have for a frame to be encoded on more than one.
pub const ENCODE_PIXELS: u32 = 192 * 1024;
/// So many pixels of an image that is about right count as one: they take no longer.
pub const ENCODE_LOSSY_PIXELS: u32 = 4;

/// How long a thread that helps to encode is kept for the next large frame.
pub const ENCODE_LINGER: Duration = Duration::from_secs(5);

/// The most bytes of images for which memory is kept for the next frame.
pub const SPARE_BYTES: usize = 2 * 1024 * 1024;

/// The longest time between two changes of one motion.
pub const MOTION_GAP: Duration = Duration::from_millis(250);

/// From this change on, one soon after another, an area is in motion.
pub const MOTION_STREAK: u8 = 2;

/// From this frame with moves on, one soon after another, what they uncover may be about right.
pub const MOVES_STREAK: u8 = 3;
/// How long an area that is only about right has to be still before it is made exact.
pub const REFINE_AFTER: Duration = Duration::from_millis(900);
/// How long it may have to be while other parts of the picture are dragged or scrolled.
pub const REFINE_LATEST: Duration = Duration::from_secs(5);

/// Tiles of 64x64 pixels that one frame makes exact at most.
pub const REFINE_TILES: u16 = 24;

/// About the bytes on the wire of such a tile of a photograph.
pub const REFINE_BYTES: u16 = 8 * 1024;

/// How long a link may be kept busy by one frame that makes things exact.
pub const REFINE_TIME: Duration = Duration::from_millis(50);

/// Pixels that have to change for a search of what has moved.
pub const MOVE_PIXELS: u32 = 128 * 64;

/// Changed pixels that a move has to bring to be worth it.
pub const MOVE_MIN_PIXELS: u32 = 48 * 48;

/// Different directions in which parts of the picture are moved in one frame.
pub const MOVE_OFFSETS: usize = 3;

/// Rows of pixels that are looked for in what was shown before.
pub const ANCHORS: usize = 24;

/// Pixels in which anchors are looked for in all directions, in one frame: about half a
/// millisecond's.
pub const SEARCHED_PIXELS: u32 = 4_000_000;

/// Frames without a search in all directions after one that was in vain.
pub const SEARCH_PAUSE: u32 = 6;
