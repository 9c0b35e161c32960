//! The desktop's name, as far as viewers may be told it.
//!
//! It is text chosen inside the desktop, so that what is told of it is little and comes seldom.

use std::time::Duration;

use guac_policy::limits::DESKTOP_NAME_MAX;
use tokio::time::Instant;

/// The shortest time between two names that viewers are told.
const INTERVAL: Duration = Duration::from_secs(10);

/// The name that viewers have been told, and a newer one that waits.
#[derive(Debug, Default)]
pub(super) struct DesktopName {
    told: String,
    waiting: Option<String>,
    /// When the next one may be told.
    next: Option<Instant>,
}

impl DesktopName {
    /// Takes the desktop's word.
    pub(super) fn take(&mut self, name: &str) {
        let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
        let name: String = name.chars().map(plain).take(DESKTOP_NAME_MAX).collect();
        self.waiting = (name != self.told).then_some(name);
    }

    /// The name that is to be told now, once.
    pub(super) fn due(&mut self, now: Instant) -> Option<&str> {
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.told = self.waiting.take()?;
        self.next = Some(now + INTERVAL);
        Some(&self.told)
    }

    /// When [`due`](Self::due) has something to give, if nothing new comes.
    pub(super) fn next_timeout(&self, now: Instant) -> Option<Instant> {
        self.waiting.as_ref()?;
        Some(self.next.unwrap_or(now))
    }

    /// What those who come late are told; empty before there was anything.
    pub(super) fn told(&self) -> &str {
        &self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        let mut name = DesktopName::default();
        name.take("caf\u{e9}\n\u{1f600} 1");
        assert_eq!(name.due(Instant::now()), Some("caf??? 1"));
        assert_eq!(name.told(), "caf??? 1");

        let mut long = DesktopName::default();
        long.take(&"x".repeat(1000));
        assert_eq!(long.due(Instant::now()), Some("x".repeat(64).as_str()));
    }

    #[test]
    fn names_are_told_seldom_and_the_newest_wins() {
        let start = Instant::now();
        let mut name = DesktopName::default();
        name.take("one");
        assert_eq!(name.next_timeout(start), Some(start));
        assert_eq!(name.due(start), Some("one"));
        assert_eq!(name.due(start), None);
        assert_eq!(name.next_timeout(start), None);

        name.take("two");
        name.take("three");
        let later = start + INTERVAL;
        assert_eq!(name.next_timeout(start), Some(later));
        assert_eq!(name.due(later - Duration::from_millis(1)), None);
        assert_eq!(name.due(later), Some("three"));
        // One that is taken back before it was told is as if it had not been.
        name.take("four");
        name.take("three");
        assert_eq!(name.due(later + INTERVAL), None);
    }
}
