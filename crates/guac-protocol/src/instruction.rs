//! Typed instructions: one enum for each direction and phase.
//!
//! Each has `parse`, from a framed instruction, and `write_to`, which appends the canonical encoding
//! to a buffer. Whole numbers are read as leniently as stock guacd reads them where a stock client
//! may send more: `12.5` is 12, and what does not fit becomes the nearest that does. Missing
//! arguments and garbage are an [`InstructionError`], after which the stream goes on. Arguments
//! beyond those that an instruction has are ignored.

mod blob;
mod client;
mod composite;
mod error;
mod handshake;
mod legacy;
mod parse;
mod reader;
mod server;
mod write;

pub use blob::BlobData;
pub use client::ClientInstruction;
pub use composite::{CompositeMode, UnknownCompositeMode};
pub use error::InstructionError;
pub use handshake::HandshakeInstruction;
pub use legacy::LegacyOpcode;
pub use server::ServerInstruction;
