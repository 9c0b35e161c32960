//! How long a write that the operating system refuses is repeated.

use std::io::{self, ErrorKind};
use std::sync::{PoisonError, Weak};
use std::time::Duration;

use guac_recorder::Patience;
use tokio::task::block_in_place;

use super::queue::Shared;

/// How often a write is repeated.
const PAUSE: Duration = Duration::from_millis(100);

/// Repeats writes until the session gives them up. Meanwhile it is frozen.
pub(super) struct UntilAbandoned {
    pub(super) shared: Weak<Shared>,
    /// It has been said that a write was refused.
    pub(super) told: bool,
}

impl Patience for UntilAbandoned {
    fn again(&mut self, error: &io::Error) -> bool {
        let Some(shared) = self.shared.upgrade() else {
            return false;
        };
        if !may_pass(error.kind()) {
            return false;
        }
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!("The recording cannot be written, and is tried again: {error}");
        }
        // Where this is a thread that sessions run on, others of them go on meanwhile.
        block_in_place(|| {
            let state = shared.state();
            let waited = shared
                .abandoning
                .wait_timeout_while(state, PAUSE, |state| !state.abandoned);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            !state.abandoned
        })
    }
}

/// Whether the same write may succeed a moment later. A file that is too large stays so.
fn may_pass(error: ErrorKind) -> bool {
    !matches!(
        error,
        ErrorKind::FileTooLarge | ErrorKind::InvalidInput | ErrorKind::PermissionDenied
    )
}
