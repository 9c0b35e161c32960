//! So many in the long run, and so many at once: a token bucket without a clock of its own.

use std::time::Duration;

/// Fills by `sustained` tokens in each period, up to `burst`. It is full at first.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    period: i128,
    sustained: i128,
    /// In tokens times the period's nanoseconds, so that no part of a token is lost. Below 0, tokens
    /// are lent.
    level: i128,
    full: i128,
    at: Duration,
}

impl Bucket {
    pub(crate) fn new(sustained: u32, burst: u32, period: Duration) -> Self {
        let nanos = i128::try_from(period.as_nanos()).unwrap_or(i128::MAX / (1 << 40));
        let period = nanos.max(1);
        let full = i128::from(burst.max(1)) * period;
        Self {
            period,
            sustained: i128::from(sustained.max(1)),
            level: full,
            full,
            at: Duration::ZERO,
        }
    }

    /// How long it takes until so many tokens are there; zero if they are.
    pub(crate) fn wait(&mut self, tokens: u32, now: Duration) -> Duration {
        self.fill(now);
        let lacking = i128::from(tokens) * self.period - self.level;
        if lacking <= 0 {
            return Duration::ZERO;
        }
        let nanos = (lacking + self.sustained - 1) / self.sustained;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Takes so many tokens, also those that are not there yet.
    pub(crate) fn take(&mut self, tokens: u32) {
        self.level = self.level.saturating_sub(i128::from(tokens) * self.period);
    }

    fn fill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.at);
        self.at = self.at.max(now);
        let elapsed = i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX);
        let gained = elapsed.saturating_mul(self.sustained);
        self.level = self.level.saturating_add(gained).min(self.full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn takes(bucket: &mut Bucket, now: Duration) -> bool {
        let is_there = bucket.wait(1, now).is_zero();
        if is_there {
            bucket.take(1);
        }
        is_there
    }

    #[test]
    fn a_burst_then_the_sustained_rate() {
        let mut bucket = Bucket::new(30, 300, SECOND);
        let at_once = (0..1000).filter(|_| takes(&mut bucket, SECOND)).count();
        assert_eq!(at_once, 300);
        // A thousand tries in each of ten seconds, spread evenly.
        let later = (1..=10_000_u32)
            .filter(|step| takes(&mut bucket, SECOND + *step * Duration::from_millis(1)))
            .count();
        assert_eq!(later, 300);
        // After a rest the burst is back, and no more than that.
        let rested = Duration::from_secs(3600);
        assert_eq!(
            (0..1000).filter(|_| takes(&mut bucket, rested)).count(),
            300
        );
    }

    #[test]
    fn what_is_lent_is_paid_back() {
        let mut bucket = Bucket::new(2, 1, SECOND);
        bucket.take(1);
        assert_eq!(bucket.wait(1, Duration::ZERO), SECOND / 2);
        bucket.take(1);
        assert_eq!(bucket.wait(1, Duration::ZERO), SECOND);
        assert_eq!(bucket.wait(1, SECOND), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::new(1, 1, SECOND);
        assert!(takes(&mut bucket, 100 * SECOND));
        assert!(!takes(&mut bucket, 50 * SECOND));
        assert!(!takes(&mut bucket, 100 * SECOND));
        assert!(takes(&mut bucket, 101 * SECOND));
    }
}
