//! A timer that is set after every step and seldom rings.

use std::pin::Pin;

use tokio::time::{Instant, Sleep, sleep_until};

/// When its owner wants to be woken, if nothing else wakes it before.
///
/// A runtime's timer that is set anew may wake another thread, which costs more than a small frame. So one that would
/// ring too early is left as it is, and set again when it has rung: a session that looks at its deadlines many times
/// a second sets a timer once in as much time as they are ahead.
#[derive(Default)]
pub(super) struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    wanted: Option<Instant>,
}

impl Alarm {
    /// Says when to ring; never, if at no time.
    pub(super) fn set(&mut self, deadline: Option<Instant>) {
        self.wanted = deadline;
        let Some(deadline) = deadline else {
            return;
        };
        match &mut self.timer {
            Some(timer) if timer.deadline() <= deadline => {}
            Some(timer) => timer.as_mut().reset(deadline),
            None => self.timer = Some(Box::pin(sleep_until(deadline))),
        }
    }

    /// Returns when the time has come. Cancel-safe.
    pub(super) async fn rung(&mut self) {
        loop {
            match (&mut self.timer, self.wanted) {
                (Some(timer), Some(wanted)) => {
                    timer.as_mut().await;
                    if wanted <= Instant::now() {
                        return;
                    }
                    timer.as_mut().reset(wanted);
                }
                _ => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_time_it_was_set_to_last() {
        let start = Instant::now();
        let mut alarm = Alarm::default();
        for wanted in [5, 9, 3, 4, 4, 0, 7] {
            alarm.set(Some(start + 2 * SECOND));
            alarm.set(Some(start + wanted * SECOND));
            alarm.rung().await;
            let rung = start.elapsed().as_secs();
            assert!(u64::from(wanted) <= rung, "{wanted} s is rung at {rung} s");
        }
        assert_eq!(start.elapsed().as_secs(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn later_and_earlier_and_never() {
        let start = Instant::now();
        let mut alarm = Alarm::default();
        assert!(timeout(SECOND, alarm.rung()).await.is_err());
        alarm.set(Some(start + 5 * SECOND));
        assert!(timeout(SECOND, alarm.rung()).await.is_err());
        alarm.set(Some(start + 9 * SECOND));
        alarm.rung().await;
        assert_eq!(start.elapsed(), 9 * SECOND);
        alarm.set(Some(start + 20 * SECOND));
        alarm.set(Some(start + 11 * SECOND));
        alarm.rung().await;
        assert_eq!(start.elapsed(), 11 * SECOND);
        alarm.set(Some(start + 12 * SECOND));
        alarm.set(None);
        assert!(timeout(9 * SECOND, alarm.rung()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_put_off_again_and_again_is_set_seldom() {
        let mut alarm = Alarm::default();
        let mut set = 0;
        for _ in 0..100 {
            let before = alarm.timer.as_ref().map(|timer| timer.deadline());
            alarm.set(Some(Instant::now() + 2 * SECOND));
            assert!(timeout(SECOND / 10, alarm.rung()).await.is_err());
            set += u32::from(alarm.timer.as_ref().map(|timer| timer.deadline()) != before);
        }
        assert!((1..=10).contains(&set), "{set} times in 10 s");
    }
}
