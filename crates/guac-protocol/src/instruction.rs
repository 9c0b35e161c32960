//! Typed instructions: one enum for each direction and phase.

mod client;
mod composite;
mod handshake;
mod server;

pub use client::ClientInstruction;
pub use composite::CompositeMode;
pub use handshake::HandshakeInstruction;
pub use server::{BlobData, LegacyOpcode, ServerInstruction};
