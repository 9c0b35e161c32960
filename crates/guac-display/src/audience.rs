//! All viewers of a session: who is ready, who lacks what, who goes together.

use crate::link::Tier;
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
    /// How nearly it shows what is only about right in it, if anything is.
    pub(crate) lossy: Option<Tier>,
    /// About the bytes of that on the wire.
    pub(crate) lossy_bytes: usize,
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

    /// When somebody can be sent a frame, in the past if it can be now.
    pub(crate) fn ready_at(&self) -> Option<Duration> {
        self.viewers.values().filter_map(Viewer::ready_at).min()
    }

    /// When somebody can be sent what it has missed.
    pub(crate) fn catch_up_at(&self) -> Option<Duration> {
        self.viewers.values().filter_map(Viewer::catch_up_at).min()
    }

    /// Whether everybody can show a format.
    pub(crate) fn all_have(&self, can: impl Fn(ViewerCaps) -> bool) -> bool {
        self.viewers.values().all(|viewer| can(viewer.caps))
    }

    /// The best tier of those who can take a frame now: canonical frames are made for them.
    pub(crate) fn best_tier(&self, now: Duration) -> Tier {
        let ready = self.viewers.values().filter(|viewer| viewer.is_ready(now));
        ready
            .map(|viewer| viewer.link.tier())
            .min()
            .unwrap_or_default()
    }

    /// The worst tier of a group.
    pub(crate) fn worst_tier(&self, group: &[ViewerId]) -> Tier {
        let present = group.iter().filter_map(|id| self.viewers.get(id));
        present
            .map(|viewer| viewer.link.tier())
            .max()
            .unwrap_or_default()
    }

    /// Whether everybody who can take a frame now has a slow link.
    pub(crate) fn is_slow(&self, now: Duration) -> bool {
        let mut ready = self.viewers.values().filter(|viewer| viewer.is_ready(now));
        ready.all(|viewer| viewer.link.is_slow())
    }

    /// When nothing waits for somebody's link any more.
    pub(crate) fn rests_at(&self) -> Option<Duration> {
        self.viewers.values().filter_map(Viewer::rests_at).min()
    }

    /// Bytes in a second to the fastest of those for whose link nothing waits; `None` if it is not
    /// known.
    pub(crate) fn resting_bandwidth(&self, now: Duration) -> Option<f64> {
        let rests = |viewer: &&Viewer| viewer.rests_at().is_some_and(|rests| rests <= now);
        let resting = self.viewers.values().filter(rests);
        resting
            .filter_map(|viewer| viewer.link.bandwidth())
            .reduce(f64::max)
    }

    /// A common frame goes to all who are ready and in step, and is missed by the others, among them
    /// those whose link is too slow for how nearly it shows what moves. The full state puts everybody
    /// in step.
    pub(crate) fn send_common(&mut self, frame: Sending, change: &Change<'_>) -> Vec<ViewerId> {
        let mut to = Vec::new();
        for (id, viewer) in &mut self.viewers {
            let tier_fits = frame.lossy.is_none_or(|tier| viewer.link.tier() <= tier);
            let fits = change.full || (viewer.standing == Standing::InStep && tier_fits);
            if fits && viewer.is_ready(frame.now) {
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
    pub(crate) fn next_group(&mut self, now: Duration) -> Option<(Standing, Vec<ViewerId>)> {
        let mut waiting = self
            .viewers
            .iter_mut()
            .filter(|(_, viewer)| viewer.catch_up_at().is_some_and(|ready| ready <= now));
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
