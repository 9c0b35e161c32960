//! From framed to typed instructions.

mod client;
mod handshake;
mod server;
