//! Sessions from both their ends: a scripted VNC server, Guacamole clients, and the server between.

mod clipboard;
mod decisions;
mod doors;
mod ends;
mod hostile;
mod idle;
mod lossless;
mod names;
mod passwords;
mod pictures;
mod policy;
mod recorded_clipboard;
mod recording_path;
mod retries;
mod sealed;
mod secure;
mod servers;
mod sharing;
#[cfg(feature = "object-store")]
mod stored;
mod support;
mod wire;
