//! The daemon: options, configuration, listener, sessions.
