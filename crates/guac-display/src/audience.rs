//! All viewers of a session: who is ready, who lacks what, who goes together.

use crate::compose::Drawn;
use crate::desktop::CopyHint;
use crate::link::Tier;
use crate::region::Region;
use crate::stamp::Stamp;
use crate::viewer::{AcknowledgeError, Standing, Viewer, ViewerCaps, ViewerId, ViewerStats};
use guac_protocol::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
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
    /// What it moves, before it draws.
    pub(crate) copies: &'a [CopyHint],
    pub(crate) region: &'a Region,
    /// What it draws, which may be more than the region.
    pub(crate) drawn: &'a [Drawn],
    pub(crate) cursor: bool,
    pub(crate) updates: u32,
}

impl Change<'_> {
    /// Whether it touches what lies under a stamp.
    fn touches(&self, stamp: &Stamp) -> bool {
        let moves = |copy: &CopyHint| stamp.touches(copy.source) || stamp.touches(copy.target());
        self.copies.iter().any(moves) || self.drawn.iter().any(|drawn| stamp.touches(drawn.area))
    }
}

/// Viewers that lack the same and have the same stamp.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) lack: Standing,
    pub(crate) stamp: Option<Arc<Stamp>>,
    /// What the one can show for whom the frame is made.
    pub(crate) caps: ViewerCaps,
    /// How nearly its link can be shown what moves.
    pub(crate) tier: Tier,
    members: Vec<ViewerId>,
}

/// A frame that is being sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    pub(crate) timestamp: Timestamp,
    pub(crate) bytes: usize,
    pub(crate) now: Duration,
    /// What has to be shown for it.
    pub(crate) needs: ViewerCaps,
    /// How nearly it shows what is only about right in it, if anything is.
    pub(crate) lossy: Option<Tier>,
    /// About the bytes of that on the wire.
    pub(crate) lossy_bytes: usize,
}

impl Sending {
    /// Whether a viewer can show it, and its link take it.
    fn suits(&self, viewer: &Viewer) -> bool {
        let tier = viewer.link.tier();
        viewer.caps.include(self.needs) && self.lossy.is_none_or(|lossy| tier <= lossy)
    }
}

impl Audience {
    pub(crate) fn join(
        &mut self,
        id: ViewerId,
        caps: ViewerCaps,
        stamp: Option<Arc<Stamp>>,
        pointer_due: bool,
    ) {
        let viewer = Viewer::new(caps, stamp, pointer_due);
        self.viewers.insert(id, viewer);
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

    /// What the one can show who can show the most: canonical frames are in such formats.
    pub(crate) fn most_caps(&self) -> ViewerCaps {
        let caps = self.viewers.values().map(|viewer| viewer.caps);
        caps.max_by_key(|caps| caps.rank()).unwrap_or_default()
    }

    /// The best tier of those who can take a frame now: canonical frames are made for them.
    pub(crate) fn best_tier(&self, now: Duration) -> Tier {
        let ready = self.viewers.values().filter(|viewer| viewer.is_ready(now));
        ready
            .map(|viewer| viewer.link.tier())
            .min()
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
    /// those who cannot show it, whose link is too slow for how nearly it shows what moves, or over
    /// whose picture lies a stamp there. The full state puts everybody in step who is sent it.
    pub(crate) fn send_common(&mut self, frame: Sending, change: &Change<'_>) -> Vec<ViewerId> {
        let mut to = Vec::new();
        for (id, viewer) in &mut self.viewers {
            let stamp = viewer.stamp.as_deref();
            let is_free = stamp.is_none_or(|stamp| !change.touches(stamp));
            let in_step = change.full || viewer.standing == Standing::InStep;
            if is_free && in_step && frame.suits(viewer) && viewer.is_ready(frame.now) {
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

    /// The next viewers that lack the same, have the same stamp and are ready. The frame for them is
    /// made for the one that can show the most; that one is then in step.
    pub(crate) fn next_group(&mut self, now: Duration) -> Option<Group> {
        let waits = |viewer: &Viewer| viewer.catch_up_at().is_some_and(|ready| ready <= now);
        let first = self.viewers.values().find(|viewer| waits(viewer))?;
        let alike = |viewer: &Viewer| {
            waits(viewer) && viewer.standing == first.standing && viewer.stamp == first.stamp
        };
        let members = self.viewers.iter().filter(|(_, viewer)| alike(viewer));
        let members: Vec<ViewerId> = members.map(|(id, _)| *id).collect();
        let rank = |id: &&ViewerId| {
            let viewer = self.viewers.get(id);
            viewer.map(|viewer| (viewer.caps.rank(), Reverse(viewer.link.tier())))
        };
        let leader = *members.iter().max_by_key(rank)?;
        let leader = self.viewers.get_mut(&leader)?;
        Some(Group {
            lack: std::mem::replace(&mut leader.standing, Standing::InStep),
            stamp: leader.stamp.clone(),
            caps: leader.caps,
            tier: leader.link.tier(),
            members,
        })
    }

    /// The frame that was made for a group goes to all in it that it suits, who then are in step. The
    /// others are a group of their own.
    pub(crate) fn send_group(&mut self, group: &Group, frame: Sending) -> Vec<ViewerId> {
        let mut to = Vec::new();
        for id in &group.members {
            if let Some(viewer) = self.viewers.get_mut(id)
                && frame.suits(viewer)
            {
                viewer.standing = Standing::InStep;
                viewer.sent(frame);
                to.push(*id);
            }
        }
        to
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
