//! How long a session lasts, and how long nobody may do anything in it.

use guac_policy::{Rule, SessionLimits};
use tokio::time::Instant;

/// When a session ends by itself.
#[derive(Debug)]
pub(super) struct Lifetime {
    limits: SessionLimits,
    started: Instant,
    active: Instant,
}

impl Lifetime {
    pub(super) const fn new(limits: SessionLimits, now: Instant) -> Self {
        Self {
            limits,
            started: now,
            active: now,
        }
    }

    /// Somebody did something.
    pub(super) const fn active(&mut self, now: Instant) {
        self.active = now;
    }

    /// When the session ends, if nobody does anything.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let ends = self.ends().into_iter().flatten();
        ends.map(|(end, _)| end).min()
    }

    /// The rule by which the session is over, if it is.
    pub(super) fn over(&self, now: Instant) -> Option<Rule> {
        let mut ends = self.ends().into_iter().flatten();
        ends.find(|(end, _)| *end <= now).map(|(_, rule)| rule)
    }

    /// How long the session has been, in seconds.
    pub(super) fn seconds(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.started).as_secs()
    }

    fn ends(&self) -> [Option<(Instant, Rule)>; 2] {
        // A limit beyond what the clock can tell is none.
        let length = self.limits.max_length;
        let idle = self.limits.idle_end;
        let longest = length.and_then(|length| self.started.checked_add(length));
        let idlest = idle.and_then(|idle| self.active.checked_add(idle));
        [
            longest.map(|end| (end, Rule::SessionLength)),
            idlest.map(|end| (end, Rule::SessionIdle)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_session_ends_by_its_length_or_when_nobody_does_anything() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let limits = SessionLimits {
            max_length: Some(100 * second),
            idle_end: Some(10 * second),
        };
        let mut lifetime = Lifetime::new(limits, start);
        assert_eq!(lifetime.next_timeout(), Some(start + 10 * second));
        assert_eq!(lifetime.over(start + 9 * second), None);
        assert_eq!(lifetime.over(start + 10 * second), Some(Rule::SessionIdle));
        lifetime.active(start + 95 * second);
        assert_eq!(lifetime.next_timeout(), Some(start + 100 * second));
        assert_eq!(lifetime.over(start + 99 * second), None);
        assert_eq!(
            lifetime.over(start + 100 * second),
            Some(Rule::SessionLength)
        );

        let endless = Lifetime::new(SessionLimits::default(), start);
        assert_eq!(endless.next_timeout(), None);
        let limits = SessionLimits {
            max_length: Some(Duration::MAX),
            idle_end: None,
        };
        assert_eq!(Lifetime::new(limits, start).next_timeout(), None);
    }
}
