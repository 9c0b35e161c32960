//! A Guacamole client's display in memory, for tests, thumbnails and export.
//!
//! The canvas draws what the stock JavaScript client draws, down to its peculiarities: surfaces are
//! kept in multiples of 64 pixels, buffers grow with what is drawn on them, and the composite modes
//! that a browser applies to a whole canvas also clear here what lies outside the drawn area.
//! Opaque and fully transparent pixels come out exactly as in a browser; where both pictures are
//! partly transparent, colours may differ by rounding.
//!
//! What it is fed may be hostile, as a recording from anywhere is: sizes, streams and images are
//! bounded by [`Limits`], and what cannot be drawn is an error and no panic. After an error the
//! canvas can be used on, as a browser carries on.

mod canvas;
mod composite;
mod damage;
mod error;
mod image;
mod layer;
mod limits;
mod picture;
mod rect;
mod streams;
mod transfer;

pub use canvas::{Canvas, Cursor};
pub use damage::Damage;
pub use error::CanvasError;
pub use limits::Limits;
pub use picture::Picture;
