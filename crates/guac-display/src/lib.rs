//! The desktop picture: framebuffer, damage, planner, frame pacing.
//!
//! The decoders write into the [`Desktop`] that a [`Display`] lends them and mark damage. At frame
//! time the damage is compared with the picture that the viewers have been shown, what differs is
//! copied there and cut into operations, and the result is one [`Frame`], encoded once for all the
//! viewers that it is for. Each viewer has a window of its own of frames and bytes in flight: one
//! that falls behind keeps a stale region, never a queue, and slows nobody.
//!
//! Large frames are encoded on some threads at once if the display was given an [`EncodePool`].
//!
//! There is no I/O here and no clock: time is an argument, a [`Duration`](std::time::Duration)
//! since any fixed moment.

mod area;
mod audience;
mod clock;
mod compare;
mod compose;
mod cursor;
mod desktop;
mod display;
mod frame;
pub mod limits;
mod link;
mod moves;
mod pages;
mod painting;
mod picture;
mod plan;
mod pointer;
mod pool;
mod refinement;
mod region;
mod stamp;
mod viewer;

pub use area::Rect;
pub use cursor::{CursorError, CursorImage};
pub use desktop::{Desktop, ResizeError};
pub use display::{Delivery, Display};
pub use frame::Frame;
pub use pool::EncodePool;
pub use stamp::{Stamp, StampError};
pub use viewer::{AcknowledgeError, ViewerCaps, ViewerId, ViewerStats};
