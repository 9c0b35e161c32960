//! The client as its callers see it: whole server streams in, pictures, events and output out.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are tests, which fail by panicking"
)]

mod clipboard;
mod encoder;
mod endless;
mod extras;
mod golden;
mod handshake;
mod hostile;
mod input;
mod lossless;
mod recorded;
mod second;
mod server;
mod session;
mod splits;
mod tls;
mod tls_server;
mod truncated;
mod updates;
mod vencrypt;
mod vnc_rs;
