//! The daemon: options, configuration, listener, sessions.

mod config_file;
mod daemon;
mod desktop;
mod exit;
mod listener;
mod logging;
mod options;
pub mod run;
pub mod server;
mod session;
mod stall;
mod viewer;
