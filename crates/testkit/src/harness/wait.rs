//! Waiting for a condition, with a deadline.

use std::panic::Location;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a condition that is not met is left alone before it is looked at again.
const POLL: Duration = Duration::from_millis(5);

/// Long enough for anything that works on a machine that is busy with something else.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Polls `condition` until it gives a value.
///
/// # Errors
/// What the condition fails with, or a message naming `what` once `limit` has passed.
#[track_caller]
pub fn until<T>(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = condition()? {
            return Ok(value);
        }
        if deadline < Instant::now() {
            bail!("waited {limit:?} for {what} at {}", Location::caller());
        }
        thread::sleep(POLL);
    }
}

/// Polls `condition` until it holds.
///
/// # Errors
/// As [`until`].
#[track_caller]
pub fn until_true(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result<()> {
    until(what, limit, || Ok(condition()?.then_some(())))
}

/// Polls `condition` until it holds, and says how long that took.
///
/// # Errors
/// As [`until`].
#[track_caller]
pub fn timed(
    what: &str,
    limit: Duration,
    condition: impl FnMut() -> Result<bool>,
) -> Result<Duration> {
    let start = Instant::now();
    until_true(what, limit, condition)?;
    Ok(start.elapsed())
}
