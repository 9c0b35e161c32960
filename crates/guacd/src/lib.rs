//! The daemon: options, configuration, listener, sessions.

mod desktop;
pub mod server;
mod session;
mod viewer;
