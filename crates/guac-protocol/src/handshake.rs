//! What happens between connecting and `ready`, on both sides.
//!
//! ```text
//! client  select,<protocol>  or  select,$<id>
//! server  args,VERSION_1_5_0,<name>...
//! client  size · audio · video · image · timezone · name     any order, any number of times
//! client  connect,<version>,<value>...                       one value for each name
//! server  ready,$<id>
//! ```
//!
//! Stock guacd sends `ready` before it counts the values, and tells what else went wrong after it:
//! see [`HandshakeError::follows_ready`].

mod client;
mod error;
mod result;
mod server;

pub use client::{ClientHandshake, ClientOptions, Established};
pub use error::{ClientHandshakeError, HandshakeError};
pub use result::{DisplaySize, HandshakeResult};
pub use server::{HandshakeEvent, SelectTarget, ServerHandshake};
