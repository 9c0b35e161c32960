//! The desktop's side of a session: parameters, connection, decoding.

pub(crate) mod arguments;
mod failure;
mod settings;
mod sink;
mod upstream;

pub(crate) use failure::Failure;
pub(crate) use settings::{Settings, restrictions};
pub(crate) use sink::{DesktopSink, cursor_image};
pub(crate) use upstream::Upstream;
