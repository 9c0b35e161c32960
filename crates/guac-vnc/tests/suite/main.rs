//! The client as its callers see it: whole server streams in, pictures, events and output out.
#![allow(missing_docs, reason = "a test binary has no readers of documentation")]

mod encoder;
mod handshake;
mod hostile;
mod server;
mod session;
mod splits;
