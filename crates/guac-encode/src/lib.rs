//! Pixels to image bytes: palette, PNG, WebP, JPEG, and the scratch memory that one thread reuses.
//!
//! A pixel is a `u32`: `0x00RRGGBB`, or `0xAARRGGBB` (not premultiplied) where alpha counts. An
//! image is a [`View`] into a larger picture, and its bytes are appended to a buffer of the
//! caller's, so that a steady stream of tiles allocates nothing. The crate encodes our own pixels
//! only; it never reads an image.

mod deflate;
mod encoder;
mod jpeg;
mod palette;
mod png;
mod view;
mod webp;

pub use encoder::{Encoder, Format, Quality};
pub use view::{MAX_SIDE, View};
