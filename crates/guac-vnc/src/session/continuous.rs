//! Continuous updates: the server sends what changes without being asked each time (community
//! specification, "EnableContinuousUpdates").
//!
//! They only make a picture faster. Updates are asked for all the same, one at a time, which a
//! server in this mode ignores: one that announces the mode and then does not keep to it goes on
//! as if there were none.

use crate::{Rect, message, outbox::Outbox};

/// What was agreed with the server.
#[derive(Debug, Default)]
pub(crate) struct Continuous {
    state: State,
    /// Whether a whole update has begun: a server might forget the first request, for everything,
    /// if it were told to go on without requests before.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The server has not said that it can.
    #[default]
    Unknown,
    /// It can, and waits to be told.
    Off,
    /// It sends what changes in an area of this width and height.
    On((u16, u16)),
    /// It was told to stop, and has not said yet that it did.
    Stopping,
    /// It stopped by itself, and is not told to go on again.
    GivenUp,
}

impl Continuous {
    /// An update begins.
    pub(crate) const fn update_started(&mut self) {
        self.begun = true;
    }

    /// The server says that it sends nothing without a request, as it does first to announce that
    /// it could. True if the requests before this were ignored, so that one is due.
    pub(crate) const fn ended(&mut self) -> bool {
        let were_ignored = self.ignores_requests();
        self.state = match self.state {
            State::Unknown | State::Off | State::Stopping => State::Off,
            State::On(_) | State::GivenUp => State::GivenUp,
        };
        were_ignored
    }

    /// Whether the server may ignore that changes are asked for.
    pub(crate) const fn ignores_requests(&self) -> bool {
        matches!(self.state, State::On(_) | State::Stopping)
    }

    /// Tells the server to start, to stop, or to take another size, whatever is due. Before it
    /// has said that it stopped, it is not told to start again.
    pub(crate) fn keep(&mut self, wanted: bool, size: (u16, u16), outbox: &mut Outbox) {
        let (next, size) = match self.state {
            State::Off if wanted && self.begun => (State::On(size), size),
            State::On(before) if wanted && before != size => (State::On(size), size),
            State::On(size) if !wanted => (State::Stopping, size),
            State::Unknown | State::Off | State::On(_) | State::Stopping | State::GivenUp => return,
        };
        self.state = next;
        let area = Rect::new(0, 0, size.0, size.1);
        outbox.send(&message::continuous_updates(wanted, area));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u16, u16) = (4, 3);
    const ON: [u8; 10] = [150, 1, 0, 0, 0, 0, 0, 4, 0, 3];
    const OFF: [u8; 10] = [150, 0, 0, 0, 0, 0, 0, 4, 0, 3];

    #[derive(Default)]
    struct Talk(Continuous, Outbox);

    impl Talk {
        fn keep(&mut self, wanted: bool, size: (u16, u16)) -> Vec<u8> {
            self.0.keep(wanted, size, &mut self.1);
            self.1.take_bytes().unwrap_or_default()
        }
    }

    #[test]
    fn a_server_is_told_to_start_once_it_can_and_an_update_began() {
        let mut talk = Talk::default();
        talk.0.update_started();
        assert_eq!(talk.keep(true, SIZE), []);
        assert!(!talk.0.ended());
        assert_eq!(talk.keep(false, SIZE), []);
        assert_eq!(talk.keep(true, SIZE), ON);
        assert_eq!(talk.keep(true, SIZE), []);

        let mut early = Talk::default();
        early.0.ended();
        early.0.ended();
        assert_eq!(early.keep(true, SIZE), []);
        early.0.update_started();
        assert_eq!(early.keep(true, SIZE), ON);
    }

    #[test]
    fn a_new_size_is_told() {
        let mut talk = Talk::default();
        talk.0.update_started();
        talk.0.ended();
        talk.keep(true, SIZE);
        assert_eq!(talk.keep(true, (9, 7)), [150, 1, 0, 0, 0, 0, 0, 9, 0, 7]);
        assert_eq!(talk.keep(true, (9, 7)), []);
    }

    #[test]
    fn it_starts_again_only_after_it_said_that_it_stopped() {
        let mut talk = Talk::default();
        talk.0.update_started();
        talk.0.ended();
        talk.keep(true, SIZE);
        assert_eq!(talk.keep(false, SIZE), OFF);
        assert_eq!(talk.keep(true, SIZE), []);
        assert_eq!(talk.keep(false, SIZE), []);
        assert!(talk.0.ended(), "what was asked for before is forgotten");
        assert_eq!(talk.keep(true, SIZE), ON);
    }

    #[test]
    fn a_server_that_stops_by_itself_is_left_alone() {
        let mut talk = Talk::default();
        talk.0.update_started();
        talk.0.ended();
        talk.keep(true, SIZE);
        assert!(talk.0.ended());
        assert!(!talk.0.ended());
        assert_eq!(talk.keep(true, SIZE), []);
        assert_eq!(talk.keep(false, SIZE), []);
        assert_eq!(talk.keep(true, (9, 7)), []);
    }
}
