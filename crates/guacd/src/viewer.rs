//! One client connection: handshake, reading, writing, and its end.

mod connection;
mod door;
mod handshake;
mod newcomer;
mod outbox;
mod pacing;
mod presence;
mod reading;
mod socket;
mod writing;

pub(crate) use connection::serve;
pub(crate) use door::Door;
pub(crate) use outbox::{Farewell, Outbox, Outgoing};
#[cfg(test)]
pub(crate) use presence::Presence;
