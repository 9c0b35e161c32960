//! All viewers of a session: who is ready, who lacks what, who goes together.

use crate::region::Region;
use crate::viewer::{AcknowledgeError, Standing, Viewer, ViewerCaps, ViewerId, ViewerStats};
use guac_protocol::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// The viewers of a session.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    viewers: BTreeMap<ViewerId, Viewer>,
}

/// What a finished common frame changed, for those who miss it.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// The frame is the full state.
    pub(crate) full: bool,
    pub(crate) region: &'a Region,
    pub(crate) cursor: bool,
    pub(crate) updates: u32,
}

/// A frame that is being sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    pub(crate) timestamp: Timestamp,
    pub(crate) bytes: usize,
    pub(crate) now: Duration,
}

impl Audience {
    pub(crate) fn join(&mut self, id: ViewerId, caps: ViewerCaps, pointer_due: bool) {
        self.viewers.insert(id, Viewer::new(caps, pointer_due));
    }

    pub(crate) fn leave(&mut self, id: ViewerId) {
        self.viewers.remove(&id);
    }

    pub(crate) fn acknowledge(
        &mut self,
        id: ViewerId,
        answered: Timestamp,
        now: Duration,
    ) -> Result<(), AcknowledgeError> {
        let viewer = self.viewers.get_mut(&id);
        let viewer = viewer.ok_or(AcknowledgeError::UnknownViewer)?;
        viewer.acknowledge(answered, now)
    }

    pub(crate) fn stats(&self, id: ViewerId) -> Option<ViewerStats> {
        self.viewers.get(&id).map(Viewer::stats)
    }

    /// Whether anybody has room for a frame.
    pub(crate) fn is_ready(&self) -> bool {
        self.viewers.values().any(Viewer::is_ready)
    }

    /// Whether everybody can show a format.
    pub(crate) fn all_have(&self, can: impl Fn(ViewerCaps) -> bool) -> bool {
        self.viewers.values().all(|viewer| can(viewer.caps))
    }

    /// Whether somebody has answered all that was sent, and could be sent more at once.
    pub(crate) fn is_idle(&self) -> bool {
        self.viewers.values().any(Viewer::is_idle)
    }

    /// A common frame goes to all who are ready and in step, and is missed by the others. The full
    /// state puts everybody in step.
    pub(crate) fn send_common(&mut self, frame: Sending, change: &Change<'_>) -> Vec<ViewerId> {
        let mut to = Vec::new();
        for (id, viewer) in &mut self.viewers {
            let fits = change.full || viewer.standing == Standing::InStep;
            if fits && viewer.is_ready() {
                viewer.standing = Standing::InStep;
                viewer.sent(frame);
                to.push(*id);
            } else if change.full {
                viewer.standing = Standing::New;
            } else {
                viewer.missed(change);
            }
        }
        to
    }

    /// Puts in step the next viewers that lack the same and are ready, and says what they lack.
    pub(crate) fn next_group(&mut self) -> Option<(Standing, Vec<ViewerId>)> {
        let mut waiting = self
            .viewers
            .iter_mut()
            .filter(|(_, viewer)| viewer.can_catch_up());
        let (id, first) = waiting.next()?;
        let lack = std::mem::replace(&mut first.standing, Standing::InStep);
        let mut group = vec![*id];
        for (id, viewer) in waiting {
            if viewer.standing == lack {
                viewer.standing = Standing::InStep;
                group.push(*id);
            }
        }
        Some((lack, group))
    }

    /// A frame goes to a group.
    pub(crate) fn send(&mut self, group: &[ViewerId], frame: Sending) {
        for id in group {
            if let Some(viewer) = self.viewers.get_mut(id) {
                viewer.sent(frame);
            }
        }
    }

    /// The pointer has moved: all but the one who moved it are to be told.
    pub(crate) fn pointer_moved(&mut self, by: ViewerId) {
        for (id, viewer) in &mut self.viewers {
            viewer.pointer_due = *id != by;
        }
    }

    /// Whether anybody can be told of the pointer.
    pub(crate) fn awaits_pointer(&self) -> bool {
        self.viewers.values().any(Viewer::can_see_pointer)
    }

    /// Those who can be told of the pointer, who then have been.
    pub(crate) fn take_pointer_group(&mut self) -> Vec<ViewerId> {
        let due = self.viewers.iter_mut().filter(|(_, v)| v.can_see_pointer());
        due.map(|(id, viewer)| {
            viewer.pointer_due = false;
            *id
        })
        .collect()
    }
}
