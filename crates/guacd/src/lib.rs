//! The daemon: options, configuration, listener, sessions.

pub mod server;
