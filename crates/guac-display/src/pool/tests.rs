use super::*;
use crate::frame::Batch;
use crate::painting::Original;
use crate::picture::Picture;
use guac_encode::Quality;
use std::sync::mpsc::Receiver;
use std::time::Instant;

/// How long anything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn job() -> (Arc<Job>, Receiver<Job>) {
    let original = Original {
        picture: Picture::default(),
        stamp: None,
        pieces: Vec::new(),
        quality: Quality::new(60),
        webp: false,
    };
    Job::new(original, Vec::<Batch>::new())
}

fn until(pool: &EncodePool, what: impl Fn(&State) -> bool) {
    let began = Instant::now();
    while !what(&pool.inner.state()) {
        assert!(began.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

#[test]
fn threads_are_there_while_they_are_asked_for() {
    let pool = EncodePool::with_linger(2, Duration::from_millis(20));
    assert_eq!(pool.threads(), 0);
    for _ in 0..2 {
        let (job, ended) = job();
        pool.offer(&job, 5);
        drop(job);
        // Nobody has the job any more, whether or not it was taken.
        while ended.recv().is_ok() {}
        until(&pool, |state| state.threads == 0 && state.resting == 0);
    }
}

#[test]
fn no_more_threads_help_than_there_may_be() {
    for (most, wanted, threads) in [(0, 3, 0), (3, 0, 0), (3, 2, 2), (2, 3, 2)] {
        let pool = EncodePool::new(most);
        pool.offer(&job().0, wanted);
        assert_eq!(pool.threads(), threads, "{wanted} of {most}");
    }
}

#[test]
fn a_busy_pool_is_asked_for_nothing() {
    let pool = EncodePool::new(1);
    let (first, _ended) = job();
    let held = first.hold();
    pool.offer(&first, 1);
    until(&pool, |state| state.resting == 0);
    let (second, _ended) = job();
    pool.offer(&second, 1);
    assert_eq!(Arc::weak_count(&second), 0);
    assert_eq!(pool.threads(), 1);
    drop(held);
    until(&pool, |state| state.resting == 1);
    pool.offer(&second, 1);
    assert_eq!(pool.threads(), 1);
}

#[test]
fn jobs_that_are_over_are_nobodys() {
    let pool = EncodePool::new(1);
    // As if a thread had been asked and had not woken yet.
    pool.inner.state().jobs.push(Arc::downgrade(&job().0));
    let (job, _ended) = job();
    let held = job.hold();
    pool.offer(&job, 1);
    until(&pool, |state| state.threads == 1 && state.resting == 0);
    drop(held);
}
