//! Patience with a failing `accept`: it is tried again ever more slowly, and logged now and then.

use std::time::Duration;

use tokio::time::Instant;

/// The wait after the first failure.
const FIRST_WAIT: Duration = Duration::from_millis(10);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// At most one log line of a kind in this time.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// How long to wait after a failure, and whether to log it.
#[derive(Debug)]
pub(super) struct Backoff {
    wait: Duration,
    log: Seldom,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self {
            wait: FIRST_WAIT,
            log: Seldom::default(),
        }
    }

    /// A connection was accepted.
    pub(super) fn succeeded(&mut self) {
        self.wait = FIRST_WAIT;
    }

    /// The wait after a failure at `now`, and whether it is to be logged.
    pub(super) fn failed(&mut self, now: Instant) -> (Duration, bool) {
        let wait = self.wait;
        self.wait = (wait * 2).min(LONGEST_WAIT);
        (wait, self.log.is_due(now))
    }
}

/// Keeps a log line from coming more often than is useful.
#[derive(Debug, Default)]
pub(super) struct Seldom {
    last: Option<Instant>,
}

impl Seldom {
    /// Whether to log at `now`, and then not again for a while.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let due = self.last.is_none_or(|last| LOG_INTERVAL <= now - last);
        if due {
            self.last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_second_and_logs_are_rare() {
        let mut backoff = Backoff::new();
        let mut now = Instant::now();
        let (mut waited, mut lines) = (Duration::ZERO, 0);
        let mut tries = 0;
        while waited < Duration::from_secs(60) {
            let (wait, log) = backoff.failed(now);
            now += wait;
            waited += wait;
            tries += 1;
            lines += usize::from(log);
        }
        assert!(tries <= 70, "{tries} tries in a minute");
        assert!((5..=7).contains(&lines), "{lines} lines in a minute");

        backoff.failed(now);
        backoff.succeeded();
        let (wait, log) = backoff.failed(now);
        assert_eq!(
            (wait, log),
            (FIRST_WAIT, false),
            "a success between two failures is no news"
        );
    }
}
