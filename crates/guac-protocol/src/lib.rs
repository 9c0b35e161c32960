//! The Guacamole wire format: parser, serialiser, typed instructions, handshakes, status codes.
//!
//! This crate does no I/O: it takes bytes and gives instructions, and takes instructions and gives
//! bytes. It never reads a clock and never allocates by a length that a peer merely claimed.

#![warn(clippy::arithmetic_side_effects)]

pub mod handshake;
pub mod index;
pub mod instruction;
pub mod limits;
pub mod status;
pub mod version;
pub mod wire;

pub use handshake::{
    ClientHandshake, HandshakeError, HandshakeEvent, HandshakeResult, SelectTarget, ServerHandshake,
};
pub use index::{Keysym, LayerIndex, ObjectIndex, StreamIndex, Timestamp};
pub use instruction::{
    BlobData, ClientInstruction, CompositeMode, HandshakeInstruction, InstructionError,
    ServerInstruction,
};
pub use status::Status;
pub use version::ProtocolVersion;
pub use wire::{InstructionReader, Instructions, ParseError, RawInstruction, WriteError};
