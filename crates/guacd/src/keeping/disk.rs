//! From the kernel onto the disk, beside the writing.

use std::sync::Arc;

use guac_recorder::Durable;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::queue::Shared;
use crate::desktop::Failure;

/// How far the disk has got.
#[derive(Default)]
pub(super) struct Disk {
    /// Since when something has waited to be on the disk.
    pub(super) since: Option<Instant>,
    is_busy: bool,
    /// The session does not know yet that something waits.
    pub(super) is_news: bool,
}

/// Puts what is written so far onto the disk, unless that is being done already. What comes meanwhile has
/// its turn with the next segment.
pub(super) fn sync(shared: &Arc<Shared>, durable: impl FnOnce() -> std::io::Result<Durable>) {
    {
        let mut state = shared.state();
        state.disk.is_news |= state.disk.since.is_none();
        state.disk.since.get_or_insert_with(Instant::now);
        if std::mem::replace(&mut state.disk.is_busy, true) {
            return;
        }
    }
    let durable = durable();
    let shared = Arc::clone(shared);
    spawn_blocking(move || {
        let outcome = durable.and_then(|files| files.sync());
        let mut state = shared.state();
        state.disk = Disk::default();
        if let Err(error) = outcome {
            state.fail(Failure::Unkept(format!(
                "it does not reach the disk: {error}"
            )));
        }
        shared.changed.notify_one();
    });
}
