//! The desktop's side of a session: parameters, connection, decoding.

mod address;
pub(crate) mod arguments;
mod connecting;
mod failure;
mod options;
mod recording;
mod security;
mod settings;
mod sink;
#[cfg(test)]
mod testing;
mod upstream;

pub(crate) use failure::Failure;
pub use options::VncOptions;
pub(crate) use security::{are_authorities, parse_fingerprints};
pub(crate) use settings::{Settings, restrictions};
pub(crate) use sink::{DesktopSink, cursor_image};
pub(crate) use upstream::Upstream;
