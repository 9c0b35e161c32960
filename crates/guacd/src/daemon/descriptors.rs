//! Room for sockets: one process serves all sessions, where the C daemon had one process for each.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More descriptors are not asked for, even where the system would give them.
const ENOUGH: u64 = 65_536;

/// Raises the number of open files that this process may have to what the system allows it to ask for.
pub(crate) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    if current.is_some_and(|current| current < wanted) {
        let limit = Rlimit {
            current: Some(wanted),
            maximum,
        };
        match setrlimit(Resource::Nofile, limit) {
            Ok(()) => tracing::debug!(wanted, "Raised the limit of open files"),
            Err(error) => tracing::debug!("Unable to raise the limit of open files: {error}"),
        }
    }
}
