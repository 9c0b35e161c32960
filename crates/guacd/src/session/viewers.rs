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

/// Characters of a user's name that others are told.
const USER_NAME_MAX: usize = 255;

/// A user's name as it can be told to others: bounded, so that it fits an instruction, on one line,
/// and without characters that the stock client of 1.5 miscounts, which would end its connection.
pub(crate) fn user_name(given: &str) -> String {
    tellable(given).take(USER_NAME_MAX).collect()
}

/// The characters of a text that every stock client can be told.
fn tellable(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_control()).map(|c| {
        if c.len_utf16() == 1 {
            c
        } else {
            char::REPLACEMENT_CHARACTER
        }
    })
}

/// The viewers of a session. Nobody becomes owner later than at the start.
#[derive(Debug)]
pub(super) struct Viewers {
    present: BTreeMap<ViewerId, Joining>,
    owner: ViewerId,
}

impl Viewers {
    pub(super) fn new(owner: Joining) -> Self {
        Self {
            owner: owner.id,
            present: BTreeMap::from([(owner.id, owner)]),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether the last viewer has left.
    pub(super) fn all_left(&self) -> bool {
        self.present.is_empty()
    }

    pub(super) fn owner(&self) -> Option<&Joining> {
        self.present.get(&self.owner)
    }

    pub(super) fn outbox(&self, id: ViewerId) -> Option<&Outbox> {
        self.present.get(&id).map(|viewer| &viewer.outbox)
    }

    pub(super) fn get(&self, id: ViewerId) -> Option<&Joining> {
        self.present.get(&id)
    }

    pub(super) fn contains(&self, id: ViewerId) -> bool {
        self.present.contains_key(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Joining> {
        self.present.values()
    }

    /// Adds a viewer and tells the owner.
    pub(super) fn join(&mut self, viewer: Joining) {
        self.tell_owner(USER_JOINED, &viewer);
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
            let arguments = vec![&*about.user_id, about.name.as_str()];
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
