//! Input that the policy lets through later.

use std::collections::VecDeque;
use std::time::Duration;

use guac_policy::{DesktopInput, Permitted};
use tokio::time::{Instant, sleep_until};

/// Inputs that may wait. While so many do, no more are read: the client waits too.
const WAITING_MAX: usize = 1024;

/// Inputs of one viewer that wait for their time, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    waiting: VecDeque<(Instant, Permitted<DesktopInput>)>,
}

impl Pacing {
    /// Takes an input that may go in `wait`, but not before those that came earlier. Gives it back
    /// if it can go at once.
    pub(super) fn admit(
        &mut self,
        input: Permitted<DesktopInput>,
        wait: Duration,
    ) -> Option<Permitted<DesktopInput>> {
        if wait.is_zero() && self.waiting.is_empty() {
            return Some(input);
        }
        let last = self.waiting.back().map(|(due, _)| *due);
        let due = Instant::now() + wait;
        self.waiting
            .push_back((last.map_or(due, |last| last.max(due)), input));
        None
    }

    /// Whether nothing more is to be read for now.
    pub(super) fn is_full(&self) -> bool {
        WAITING_MAX <= self.waiting.len()
    }

    /// The next input, at its time; never, if none waits. Cancel-safe.
    pub(super) async fn next(&mut self) -> Permitted<DesktopInput> {
        let Some((due, _)) = self.waiting.front() else {
            return std::future::pending().await;
        };
        sleep_until(*due).await;
        match self.waiting.pop_front() {
            Some((_, input)) => input,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guac_policy::{FromViewer, Gate, InputVerdict, Policy, Restrictions, Role};
    use guac_protocol::{ClientInstruction, Keysym};

    use super::*;

    fn key(keysym: u32) -> Permitted<DesktopInput> {
        let policy = Arc::new(Policy::builtin());
        let mut gate = Gate::new(&policy, Restrictions::default(), Role::Owner);
        let key = ClientInstruction::Key {
            keysym: Keysym(keysym),
            pressed: true,
        };
        match gate.vet(FromViewer::new(key), Duration::ZERO) {
            InputVerdict::Desktop(input) => input,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_keeps_its_order() {
        let mut pacing = Pacing::default();
        let second = Duration::from_secs(1);
        assert!(pacing.admit(key(1), Duration::ZERO).is_some());
        assert!(pacing.admit(key(2), 2 * second).is_none());
        assert!(pacing.admit(key(3), Duration::ZERO).is_none());
        let start = Instant::now();
        for expected in [key(2), key(3)] {
            assert!(pacing.next().await == expected);
            assert_eq!(start.elapsed(), 2 * second);
        }
        assert!(pacing.admit(key(4), Duration::ZERO).is_some());
    }

    #[tokio::test]
    async fn only_so_much_waits() {
        let mut pacing = Pacing::default();
        for _ in 0..WAITING_MAX {
            assert!(!pacing.is_full());
            pacing.admit(key(1), Duration::from_secs(1));
        }
        assert!(pacing.is_full());
    }
}
