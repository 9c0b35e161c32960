//! Panics as log lines. The task that panicked ends, the process goes on.

use std::panic;

/// Logs where a panic happened. Its message is left out: it can carry what a peer sent.
pub(super) fn log_them() {
    panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => {
            tracing::error!("Internal error: panic at {}:{}", place.file(), place.line())
        }
        None => tracing::error!("Internal error: panic"),
    }));
}
