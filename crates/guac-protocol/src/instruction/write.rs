//! From typed instructions to bytes.

mod client;
mod handshake;
mod server;
