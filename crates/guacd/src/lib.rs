//! The daemon: options, configuration, listener, sessions.

mod config_file;
mod daemon;
mod decisions;
mod desktop;
mod exit;
mod keeping;
mod listener;
mod logging;
mod options;
mod policy_file;
mod policy_tool;
pub mod run;
pub mod server;
mod session;
mod stall;
mod viewer;
