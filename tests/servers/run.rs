//! Going through rows, two at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::check::Check;
use crate::row::Row;
use crate::start::Started;

/// More at once only slow each other down.
const AT_ONCE: usize = 2;

/// What became of a row.
pub(crate) struct Outcome {
    /// The row.
    pub(crate) row: Row,
    /// What was found right, in order.
    pub(crate) done: Vec<&'static str>,
    /// Why it went no further, with the logs.
    pub(crate) failure: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Outcome {
    /// Whether all was as expected.
    pub(crate) fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// Looks at all rows; the outcomes are in their order.
pub(crate) fn run_all(rows: &[Row]) -> Vec<Outcome> {
    let waiting: Mutex<VecDeque<(usize, Row)>> =
        Mutex::new(rows.iter().copied().enumerate().collect());
    let next = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    };
    let work = || {
        let mut outcomes = Vec::new();
        while let Some((index, row)) = next() {
            let outcome = run(row);
            let verdict = if outcome.passed() { "ok" } else { "FAILED" };
            eprintln!("{verdict:<6} {:>5.1} s  {row}", outcome.took.as_secs_f32());
            outcomes.push((index, outcome));
        }
        outcomes
    };
    let mut outcomes = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .flat_map(|result| result.expect("a row that panics is a fault of the test"))
            .collect::<Vec<_>>()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn run(row: Row) -> Outcome {
    let begin = Instant::now();
    let mut done = Vec::new();
    let failure = look(&row, &mut done).err();
    Outcome {
        row,
        done,
        failure: failure.map(|error| format!("{error:#}")),
        took: begin.elapsed(),
    }
}

fn look(row: &Row, done: &mut Vec<&'static str>) -> Result<()> {
    let package = row.server.package();
    let mut started =
        Started::of(row).with_context(|| format!("starting it, from Debian's {package}"))?;
    let mut daemon = Check::daemon(row, &started)?;
    let result = {
        let checked = Check::connect(row, &mut started, &mut daemon);
        checked.and_then(|mut check| {
            let result = check.run();
            *done = check.done;
            result
        })
    };
    result.map_err(|error| {
        let (daemon, server) = (daemon.log(), started.log());
        anyhow!(
            "{error:#}\n--- the daemon's log\n{}\n--- the end of the server's log\n{}",
            daemon.join("\n"),
            server[server.len().saturating_sub(20)..].join("\n")
        )
    })
}
