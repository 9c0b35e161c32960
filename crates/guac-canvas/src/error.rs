//! Why an instruction could not be drawn.

/// The instruction had no effect, or less than it should have. Numbers and static names only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanvasError {
    /// There would be more layers and buffers than the limit.
    #[error("too many layers")]
    TooManyLayers,
    /// A layer or an image is larger than a limit, or all layers together would be.
    #[error("{width}x{height} pixels are too large")]
    TooLarge {
        /// Its width in pixels.
        width: i64,
        /// Its height in pixels.
        height: i64,
    },
    /// More streams would be open than the limit.
    #[error("too many open streams")]
    TooManyStreams,
    /// Open streams would hold more than the limit.
    #[error("too much data in open streams")]
    TooMuchData,
    /// A path would have more rectangles than the limit.
    #[error("a path is too long")]
    PathTooLong,
    /// Data for a stream that is not open.
    #[error("stream {stream} is not open")]
    StreamNotOpen {
        /// Its index.
        stream: i32,
    },
    /// Data of a stream is not base64.
    #[error("the data of a stream is not base64")]
    NotBase64,
    /// An image's mimetype is not one that browsers draw.
    #[error("an image is of a type that is not known")]
    UnknownImageType,
    /// An image could not be decoded.
    #[error("an image is not valid {format}")]
    BadImage {
        /// What it should have been.
        format: &'static str,
    },
    /// A raster function that does not exist.
    #[error("there is no raster function {function}")]
    UnknownFunction {
        /// Its number.
        function: i32,
    },
    /// A drawing operation that no VNC session uses and that is not modelled here.
    #[error("the operation is not supported")]
    NotSupported,
}
