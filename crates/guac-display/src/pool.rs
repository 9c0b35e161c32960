//! Threads that help sessions with their large frames.

use crate::limits::ENCODE_LINGER;
use crate::painting::{Job, Painter};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// What a helper's stack may grow to: encoders keep their tables on the heap.
const STACK_BYTES: usize = 512 * 1024;

/// Threads that help sessions to encode large frames: one pool for all of a process. A clone is the same pool.
///
/// A session paints its own frame, and asks those threads for help that have nothing to do. It never waits for one
/// that has not begun, so that a pool that is busy delays nobody. Threads are started when they are first
/// asked for and end when nobody has asked for [`ENCODE_LINGER`]: where nothing large changes there are none.
#[derive(Debug, Clone)]
pub struct EncodePool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Threads there may be.
    most: usize,
    linger: Duration,
    state: Mutex<State>,
    asked: Condvar,
}

#[derive(Debug, Default)]
struct State {
    threads: usize,
    /// Of these, those that have nothing to do.
    resting: usize,
    /// Jobs for threads that rest, one entry for each; some may be over.
    jobs: Vec<Weak<Job>>,
}

impl EncodePool {
    /// A pool of at most so many threads, and of none yet: the processors that there are but the one that asks. With
    /// zero there never is one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self::with_linger(most, ENCODE_LINGER)
    }

    fn with_linger(most: usize, linger: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                most,
                linger,
                state: Mutex::default(),
                asked: Condvar::new(),
            }),
        }
    }

    /// How many threads it has now.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.inner.state().threads
    }

    /// How many threads it may have.
    #[must_use]
    pub fn most(&self) -> usize {
        self.inner.most
    }

    /// Asks up to so many threads for help that have nothing to do. Where one cannot be started, there is less help.
    pub(crate) fn offer(&self, job: &Arc<Job>, helpers: usize) {
        let mut state = self.inner.state();
        state.jobs.retain(|job| 0 < job.strong_count());
        let busy = state.threads - state.resting + state.jobs.len();
        for _ in 0..helpers.min(self.inner.most.saturating_sub(busy)) {
            if state.jobs.len() < state.resting {
                self.inner.asked.notify_one();
            } else if !self.start(&mut state) {
                return;
            }
            state.jobs.push(Arc::downgrade(job));
        }
    }

    /// Starts a thread; says whether that went well.
    fn start(&self, state: &mut State) -> bool {
        let inner = Arc::clone(&self.inner);
        let started = thread::Builder::new()
            .name(format!("encode-{}", state.threads + 1))
            .stack_size(STACK_BYTES)
            .spawn(move || inner.run());
        if started.is_ok() {
            state.threads += 1;
            state.resting += 1;
        }
        started.is_ok()
    }
}

impl Inner {
    fn run(&self) {
        let mut painter = Painter::default();
        while let Some(job) = self.next() {
            job.help(&mut painter);
            self.state().resting += 1;
        }
    }

    /// The next job, which is not over yet; `None`, and the thread no longer counts, when there has been none for long.
    fn next(&self) -> Option<Arc<Job>> {
        let mut state = self.state();
        loop {
            while let Some(job) = state.jobs.pop() {
                if let Some(job) = job.upgrade() {
                    state.resting -= 1;
                    return Some(job);
                }
            }
            let waited = self.asked.wait_timeout(state, self.linger);
            let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = now;
            if timeout.timed_out() && state.jobs.is_empty() {
                state.threads -= 1;
                state.resting -= 1;
                return None;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement that can fail, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
