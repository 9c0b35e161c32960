//! What a stream of instructions may cost.

/// Bounds on what a canvas keeps. All of them hold before memory is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Layers and buffers.
    pub layers: usize,
    /// Width and height of one layer or image, in pixels.
    pub side: usize,
    /// Pixels of all layers and buffers together, at four bytes each.
    pub pixels: usize,
    /// Pixels of one image, before it is drawn.
    pub image_pixels: usize,
    /// Streams that are open at a time.
    pub streams: usize,
    /// Bytes that all open streams hold together.
    pub stream_bytes: usize,
    /// Rectangles in one layer's path.
    pub path: usize,
}

impl Default for Limits {
    /// Enough for a desktop of 8192x8192 with its copies: at most 1.5 GiB of pixels.
    fn default() -> Self {
        Self {
            layers: 4_160,
            side: 32_767,
            pixels: 400 << 20,
            image_pixels: 64 << 20,
            streams: 1_024,
            stream_bytes: 512 << 20,
            path: 65_536,
        }
    }
}
