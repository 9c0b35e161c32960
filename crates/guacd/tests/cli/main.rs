//! The daemon's binary as operators meet it: flags, exit codes, log lines, sockets, signals.

mod background;
mod doors;
mod hostile;
mod network;
mod policy;
mod policy_tool;
mod sessions;
mod signals;
#[cfg(feature = "object-store")]
mod stored;
mod support;
mod tls;
mod usage;
