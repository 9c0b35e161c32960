//! `guac-audit events`

mod recorded;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use guac_protocol::Timestamp;
use serde_json::Map;

use crate::clock::{Clock, WallTime};
use crate::decisions::Decisions;
use crate::event::Event;
use crate::source::Recording;
use crate::{Outcome, complain};

/// What is told, and how.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The decision log whose lines about the session are put in between.
    pub(crate) decision_log: Option<PathBuf>,
    /// Milliseconds without input that count as idle.
    pub(crate) idle: i64,
    /// A JSON object for each event instead of a line.
    pub(crate) json: bool,
}

/// Prints what happened in a session, in the order of time.
pub(crate) fn events(
    file: &Recording,
    request: &Request,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let (events, outcome) = collect(file, request)?;
    for event in &events {
        if request.json {
            writeln!(out, "{}", event.to_json())
        } else {
            writeln!(out, "{event}")
        }
        .context("the events could not be written")?;
    }
    Ok(outcome)
}

/// What happened in a session, in the order of time, and how the recording was read.
pub(crate) fn collect(
    file: &Recording,
    request: &Request,
) -> anyhow::Result<(Vec<Event>, Outcome)> {
    let name = || format!("{file:?} could not be read");
    let clock = Clock::of(file).with_context(name)?;
    let recorded = recorded::read(file, &clock, request.idle).with_context(name)?;
    let mut events = recorded.events;
    if recorded.left_out != 0 {
        complain(&format!(
            "{file:?}: {} more events are left out",
            recorded.left_out
        ));
    }
    if let Some(log) = &request.decision_log {
        let decisions = of_session(file, &clock, log)?;
        events.extend(decisions.lines.into_iter().map(|line| {
            let elapsed = clock.elapsed_at(line.time);
            event(
                elapsed,
                Some(WallTime(line.time)),
                &line.event,
                line.properties,
            )
        }));
        // Those without a place, which a daemon does not write, come first.
        events.sort_by_key(|event| event.elapsed);
    }
    Ok((events, recorded.end.tell(file)))
}

/// What the decision log says about a recording's session.
pub(crate) fn of_session(file: &Recording, clock: &Clock, log: &Path) -> anyhow::Result<Decisions> {
    let metadata = clock.metadata().with_context(|| {
        format!("{file:?} does not say which session it is of, so that no decision log can be joined to it")
    })?;
    let decisions = Decisions::of(log, &metadata.session)?;
    if decisions.lines.iter().all(|line| line.event == "lost") {
        complain(&format!(
            "{log:?} says nothing about the session of {file:?}"
        ));
    }
    Ok(decisions)
}

fn event(
    elapsed: Option<i64>,
    time: Option<WallTime>,
    name: &str,
    details: Map<String, serde_json::Value>,
) -> Event {
    Event {
        elapsed,
        time,
        name: name.to_owned(),
        details,
    }
}

/// An event at a time of the recording.
fn at(clock: &Clock, time: Timestamp, name: &str) -> Event {
    event(
        Some(clock.since_start(time)),
        clock.wall(time),
        name,
        Map::new(),
    )
}
