//! When to ask for the next framebuffer update.

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What changed since the last update.
    Changes,
    /// Everything.
    Everything,
}

/// Keeps exactly one request outstanding: the next one is due when the start of an update was
/// seen, so that the server makes one while this client draws the other.
///
/// Nothing else delays a request, in particular not a resize that the server has not answered:
/// a server that ignores resizes must not freeze the picture.
#[derive(Debug)]
pub(crate) struct Requests {
    due: Option<Kind>,
    paused: bool,
}

impl Requests {
    pub(crate) const fn start() -> Self {
        Self {
            due: Some(Kind::Everything),
            paused: false,
        }
    }

    /// The outstanding request is being answered, or is known never to be.
    pub(crate) fn want_changes(&mut self) {
        self.due.get_or_insert(Kind::Changes);
    }

    /// Everything is wanted anew, whatever is outstanding.
    pub(crate) const fn want_everything(&mut self) {
        self.due = Some(Kind::Everything);
    }

    pub(crate) const fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    pub(crate) const fn are_paused(&self) -> bool {
        self.paused
    }

    /// The request to send now, which is outstanding from then on.
    pub(crate) fn take(&mut self) -> Option<Kind> {
        if self.paused { None } else { self.due.take() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_sent_for_each_update() {
        let mut requests = Requests::start();
        assert_eq!(requests.take(), Some(Kind::Everything));
        assert_eq!(requests.take(), None);
        requests.want_changes();
        assert_eq!(requests.take(), Some(Kind::Changes));
        assert_eq!(requests.take(), None);
    }

    #[test]
    fn everything_contains_what_changed() {
        let mut requests = Requests::start();
        requests.want_changes();
        assert_eq!(requests.take(), Some(Kind::Everything));
        requests.want_changes();
        requests.want_everything();
        requests.want_changes();
        assert_eq!(requests.take(), Some(Kind::Everything));
        assert_eq!(requests.take(), None);
    }

    #[test]
    fn what_fell_due_in_a_pause_is_sent_after_it() {
        let mut requests = Requests::start();
        requests.take();
        requests.set_paused(true);
        requests.want_changes();
        requests.want_everything();
        assert_eq!(requests.take(), None);
        requests.set_paused(false);
        assert_eq!(requests.take(), Some(Kind::Everything));
    }
}
