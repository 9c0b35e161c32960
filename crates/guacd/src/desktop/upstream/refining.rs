//! When the VNC client asks again for what it shows lossy: it has no clock.

use std::time::Duration;

use tokio::time::Instant;

use super::Upstream;
use crate::desktop::failure::Failure;

/// A moment of the VNC client. What came as JPEG is asked for after two to three of them, which with the
/// way to the server and the picture's own refinement makes it exact within two seconds.
const MOMENT: Duration = Duration::from_millis(200);

impl Upstream {
    /// When [`refine`](Self::refine) is due; never while nothing is shown lossy.
    pub(crate) const fn next_timeout(&self) -> Option<Instant> {
        self.refines_at
    }

    /// Has the client ask for what has been lossy for long enough, if it is time to.
    pub(crate) fn refine(&mut self, now: Instant) -> Result<(), Failure> {
        if self.refines_at.is_none_or(|due| now < due) {
            return Ok(());
        }
        self.refines_at = None;
        self.client.refine();
        self.collect_output()
    }

    /// Looks whether there is something to refine, as there may be whenever the client did something.
    pub(super) fn schedule_refinement(&mut self) {
        if !self.client.wants_refinement() {
            self.refines_at = None;
        } else if self.refines_at.is_none() {
            self.refines_at = Some(Instant::now() + MOMENT);
        }
    }
}
