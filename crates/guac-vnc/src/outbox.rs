//! What a client has to say: bytes to its server, events to its caller.

use std::collections::VecDeque;

use crate::{Event, limits::MAX_PENDING_ANSWERS};

/// What waits to be fetched by the caller.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    events: VecDeque<Event>,
}

impl Outbox {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            events: VecDeque::new(),
        }
    }

    /// Queues bytes that this client wants the server to have.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Queues bytes that the server asked for, unless it has left too many such answers unread.
    pub(crate) fn answer(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() <= MAX_PENDING_ANSWERS {
            self.send(bytes);
        }
    }

    /// Queues an event in place of an earlier one of its kind.
    pub(crate) fn event(&mut self, event: Event) {
        self.events.retain(|queued| !queued.is_replaced_by(&event));
        self.events.push_back(event);
    }

    pub(crate) const fn has_bytes(&self) -> bool {
        !self.bytes.is_empty()
    }

    pub(crate) fn take_bytes(&mut self) -> Option<Vec<u8>> {
        (!self.bytes.is_empty()).then(|| std::mem::take(&mut self.bytes))
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Bytes of memory held.
    pub(crate) fn held_bytes(&self) -> usize {
        let inside: usize = self.events.iter().map(Event::held_bytes).sum();
        self.bytes.capacity() + self.events.capacity() * size_of::<Event>() + inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_event_replaces_the_older_one_of_its_kind() {
        let mut outbox = Outbox::default();
        outbox.event(Event::Resized {
            width: 1,
            height: 1,
        });
        outbox.event(Event::Bell);
        outbox.event(Event::Resized {
            width: 2,
            height: 2,
        });
        assert_eq!(outbox.poll_event(), Some(Event::Bell));
        assert_eq!(
            outbox.poll_event(),
            Some(Event::Resized {
                width: 2,
                height: 2
            })
        );
        assert_eq!(outbox.poll_event(), None);
    }

    #[test]
    fn answers_that_nobody_reads_do_not_pile_up() {
        let mut outbox = Outbox::default();
        for _ in 0..10_000 {
            outbox.answer(&[0; 100]);
        }
        assert!(outbox.take_bytes().unwrap().len() <= MAX_PENDING_ANSWERS);
    }
}
