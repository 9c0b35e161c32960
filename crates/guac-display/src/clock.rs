//! When the next thing may be sent, and the time stamps of frames.

use crate::limits::FRAME_INTERVAL;
use guac_protocol::Timestamp;
use std::time::Duration;

/// Lets things pass at most every [`FRAME_INTERVAL`]; the first after a rest passes at once.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    next: Duration,
}

impl Clock {
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.next <= now
    }

    /// When the next thing may pass; in the past if it may pass now.
    pub(crate) fn next(&self) -> Duration {
        self.next
    }

    /// Something passed at `now`.
    pub(crate) fn pass(&mut self, now: Duration) {
        self.next = now.saturating_add(FRAME_INTERVAL);
    }
}

/// Gives every frame a time of its own.
#[derive(Debug, Default)]
pub(crate) struct Stamps {
    last: i64,
}

impl Stamps {
    /// The milliseconds of `now`, or one more than the last if that is not later. Never zero: the
    /// stock client takes that for a frame which it has already answered.
    pub(crate) fn frame(&mut self, now: Duration) -> Timestamp {
        self.last = milliseconds(now).max(self.last.saturating_add(1));
        Timestamp(self.last)
    }

    /// The time of something between frames, not before the last one.
    pub(crate) fn between(&self, now: Duration) -> Timestamp {
        Timestamp(milliseconds(now).max(self.last))
    }
}

fn milliseconds(now: Duration) -> i64 {
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_grow_though_time_stands() {
        let mut stamps = Stamps::default();
        let times = [0, 0, 0, 7, 7, 5, 100].map(Duration::from_millis);
        let given = times.map(|now| stamps.frame(now).0);
        assert_eq!(given, [1, 2, 3, 7, 8, 9, 100]);
        assert_eq!(stamps.between(Duration::from_millis(3)).0, 100);
    }
}
