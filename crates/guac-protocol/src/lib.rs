//! The Guacamole wire format: parser, serialiser, typed instructions, handshakes, status codes.
//!
//! This crate does no I/O: it takes bytes and gives instructions, and takes instructions and gives
//! bytes. It never reads a clock and never allocates by a length that a peer merely claimed.

pub mod index;
pub mod instruction;
pub mod status;

pub use index::{Keysym, LayerIndex, ObjectIndex, StreamIndex, Timestamp};
pub use instruction::{ClientInstruction, CompositeMode, HandshakeInstruction, ServerInstruction};
pub use status::Status;
