//! A viewer's place in its session.

use super::door::Door;
use super::outbox::Outbox;
use crate::session::{Joining, SessionHandle, ViewerId};

/// Held for as long as a viewer is present. However its task ends, by a panic or by being dropped as
/// well, the session is told once, and lets go of what the viewer held down.
#[derive(Debug)]
pub(crate) struct Presence {
    /// The viewer.
    pub(crate) id: ViewerId,
    /// Its door.
    pub(crate) door: Door,
    /// Where its bytes go.
    pub(crate) outbox: Outbox,
    /// Its session.
    pub(crate) session: SessionHandle,
}

impl Presence {
    /// The place of a viewer, once there is a session that has been told of it.
    pub(crate) fn of(viewer: &Joining) -> impl FnOnce(SessionHandle) -> Self + use<> {
        let (id, door, outbox) = (viewer.id, viewer.door.clone(), viewer.outbox.clone());
        move |session| Self {
            id,
            door,
            outbox,
            session,
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let releases = self.door.with(guac_policy::Gate::release_all);
        self.session.leave(self.id, releases);
    }
}
