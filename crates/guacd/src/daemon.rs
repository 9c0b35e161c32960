//! Being a Unix daemon: background, PID file, signals, limits of the system.

pub(crate) mod background;
pub(crate) mod descriptors;
pub(crate) mod pid_file;
pub(crate) mod signals;
