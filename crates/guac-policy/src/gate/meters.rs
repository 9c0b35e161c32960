//! How much and how fast: the limits of one viewer's clipboard and keyboard.

use std::time::Duration;

use crate::bucket::Bucket;
use crate::decision::Rule;
use crate::policy::{ClipboardRule, KeyBudget, Rate};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What clipboard texts have been let through in one direction.
#[derive(Debug)]
pub(super) struct ClipboardMeter {
    texts: Option<Bucket>,
    bytes: Option<Bucket>,
    interval: Option<Bucket>,
}

impl ClipboardMeter {
    pub(super) fn new(rule: &ClipboardRule) -> Self {
        let limits = rule.limits();
        let per_minute = |most: u32| Bucket::new(most, most, MINUTE);
        Self {
            texts: limits.and_then(|limits| limits.per_minute).map(per_minute),
            bytes: limits
                .and_then(|limits| limits.bytes_per_minute)
                .map(per_minute),
            interval: limits
                .and_then(|limits| limits.interval)
                .map(|interval| Bucket::new(1, 1, interval)),
        }
    }

    /// Whether a text of so many bytes may pass now.
    pub(super) fn check(&mut self, bytes: usize, now: Duration) -> Result<(), Rule> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let is_short = |bucket: &mut Option<Bucket>, tokens| {
            bucket
                .as_mut()
                .is_some_and(|bucket| !bucket.wait(tokens, now).is_zero())
        };
        if is_short(&mut self.interval, 1) {
            Err(Rule::ClipboardInterval)
        } else if is_short(&mut self.texts, 1) || is_short(&mut self.bytes, bytes) {
            Err(Rule::ClipboardRate)
        } else {
            Ok(())
        }
    }

    /// Counts a text that passes.
    pub(super) fn spend(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        for (bucket, tokens) in [
            (&mut self.interval, 1),
            (&mut self.texts, 1),
            (&mut self.bytes, bytes),
        ] {
            if let Some(bucket) = bucket {
                bucket.take(tokens);
            }
        }
    }
}

/// What a viewer has typed, as far as it is limited.
#[derive(Debug)]
pub(super) struct KeyMeter {
    buckets: Vec<Bucket>,
}

impl KeyMeter {
    pub(super) fn new(budget: &KeyBudget) -> Self {
        let bucket = |rate: Rate, period| Bucket::new(rate.sustained, rate.burst, period);
        let per_second = budget.per_second.map(|rate| bucket(rate, SECOND));
        let per_minute = budget.per_minute.map(|rate| bucket(rate, MINUTE));
        Self {
            buckets: per_second.into_iter().chain(per_minute).collect(),
        }
    }

    /// How long the next key has to wait; zero if it need not.
    pub(super) fn wait(&mut self, now: Duration) -> Duration {
        let waits = self.buckets.iter_mut().map(|bucket| bucket.wait(1, now));
        waits.max().unwrap_or_default()
    }

    /// Counts a key that passes, now or later.
    pub(super) fn spend(&mut self) {
        for bucket in &mut self.buckets {
            bucket.take(1);
        }
    }
}
