//! Who is looking at a session, and what they are told about each other.

use std::collections::BTreeMap;

use guac_protocol::ServerInstruction;

use super::Joining;
use crate::viewer::{Farewell, Outbox, Outgoing};

pub(crate) use guac_display::ViewerId;

/// `msg` code: a user has joined.
const USER_JOINED: u32 = 1;
/// `msg` code: a user has left.
const USER_LEFT: u32 = 2;

/// The viewers of a session. The first to join is the owner; nobody becomes owner later.
#[derive(Debug, Default)]
pub(super) struct Viewers {
    present: BTreeMap<ViewerId, Joining>,
    owner: Option<ViewerId>,
    ever_joined: bool,
}

impl Viewers {
    pub(super) fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether the last viewer has left.
    pub(super) fn all_left(&self) -> bool {
        self.ever_joined && self.present.is_empty()
    }

    pub(super) fn owner(&self) -> Option<&Joining> {
        self.owner.and_then(|id| self.present.get(&id))
    }

    pub(super) fn outbox(&self, id: ViewerId) -> Option<&Outbox> {
        self.present.get(&id).map(|viewer| &viewer.outbox)
    }

    pub(super) fn contains(&self, id: ViewerId) -> bool {
        self.present.contains_key(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Joining> {
        self.present.values()
    }

    /// Adds a viewer and tells the owner.
    pub(super) fn join(&mut self, viewer: Joining) {
        if self.ever_joined {
            self.tell_owner(USER_JOINED, &viewer);
        } else {
            self.owner = Some(viewer.id);
            self.ever_joined = true;
        }
        self.present.insert(viewer.id, viewer);
    }

    /// Removes a viewer and tells the owner.
    pub(super) fn leave(&mut self, id: ViewerId) -> Option<Joining> {
        let viewer = self.present.remove(&id)?;
        viewer.outbox.close(Farewell::Disconnect);
        self.tell_owner(USER_LEFT, &viewer);
        Some(viewer)
    }

    /// Ends every viewer.
    pub(super) fn dismiss(&mut self, farewell: Farewell) {
        for viewer in std::mem::take(&mut self.present).into_values() {
            viewer.outbox.close(farewell);
        }
    }

    fn tell_owner(&self, message: u32, about: &Joining) {
        if let Some(owner) = self.owner()
            && owner.features.msg
        {
            let arguments = vec![about.user_id.as_str(), about.name.as_str()];
            owner.control(&ServerInstruction::Msg {
                id: message,
                arguments,
            });
        }
    }
}

impl Joining {
    /// Sends this viewer something of its own, if the gate lets it pass.
    pub(super) fn control(&self, instruction: &ServerInstruction<'_>) {
        if let Some(message) = self.door.vetted(instruction) {
            self.outbox.push(Outgoing::Control(message));
        }
    }
}
