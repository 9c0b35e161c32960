//! What the decision log says about a session.
//!
//! Its lines are described in `docs/decision-log.md`. A log may be as large as it likes: one line is
//! held at a time, and what is kept of it is what belongs to the session.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::complain;

/// Longest line in bytes; the daemon's are far shorter.
const LINE_MAX: usize = 65_536;

/// Most lines that are kept for one session.
const LINES_MAX: usize = 100_000;

/// The lines of one session.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    pub(crate) lines: Vec<Line>,
    /// Lines that are none, or too long.
    pub(crate) odd: u64,
    /// Numbers of lines that are missing in the log, whichever session they were about.
    pub(crate) missing: u64,
    /// Lines of the session that were too many to keep.
    pub(crate) left_out: u64,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) time: jiff::Timestamp,
    pub(crate) event: String,
    /// What else it says: without its time, its event, the session, and the log's own numbers.
    pub(crate) properties: Map<String, Value>,
}

impl Decisions {
    /// Reads what the log says about this session. What is wrong with the log, the user is told.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn of(log: &Path, session: &str) -> anyhow::Result<Self> {
        let decisions = Self::read(log, session)?;
        for complaint in decisions.complaints(log) {
            complain(&complaint);
        }
        Ok(decisions)
    }

    /// Reads what the log says about this session, and how many lines it says were lost.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn read(log: &Path, session: &str) -> anyhow::Result<Self> {
        let name = || format!("{log:?} could not be read");
        let mut source = BufReader::new(File::open(log).with_context(name)?);
        let mut decisions = Self::default();
        let mut before = None;
        while let Some(line) = next_line(&mut source).with_context(name)? {
            let Some(mut object) =
                line.and_then(|line| serde_json::from_slice::<Map<_, _>>(&line).ok())
            else {
                decisions.odd += 1;
                continue;
            };
            let sequence = object.remove("sequence").and_then(|number| number.as_u64());
            decisions.missing += missing(before, sequence);
            before = sequence.or(before);
            decisions.take(object, session);
        }
        Ok(decisions)
    }

    fn take(&mut self, mut object: Map<String, Value>, session: &str) {
        let is_lost = object.get("event").is_some_and(|event| event == "lost");
        if !is_lost && object.remove("session").is_none_or(|of| of != session) {
            return;
        }
        let time = object
            .remove("time")
            .and_then(|time| time.as_str()?.parse().ok());
        let (Some(time), Some(Value::String(event))) = (time, object.remove("event")) else {
            self.odd += 1;
            return;
        };
        object.remove("version");
        if self.lines.len() < LINES_MAX {
            self.lines.push(Line {
                time,
                event,
                properties: object,
            });
        } else {
            self.left_out += 1;
        }
    }

    /// What was decided, and how often.
    pub(crate) fn totals(&self) -> BTreeMap<Decision, u64> {
        let mut totals = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.event == "decision") {
            let text = |key: &str| {
                line.properties
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or("?")
                    .to_owned()
            };
            let count = line
                .properties
                .get("count")
                .and_then(Value::as_u64)
                .unwrap_or(1);
            let decision = Decision {
                verdict: text("verdict"),
                action: text("action"),
                direction: text("direction"),
                rule: text("rule"),
            };
            let total: &mut u64 = totals.entry(decision).or_default();
            *total = total.saturating_add(count);
        }
        totals
    }

    /// What is wrong with the log itself.
    fn complaints(&self, log: &Path) -> Vec<String> {
        [
            (self.odd, "lines make no sense"),
            (self.missing, "lines are missing, by their numbers"),
            (
                self.left_out,
                "lines of the session are too many to be shown",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, what)| format!("{log:?}: {count} {what}"))
        .collect()
    }
}

/// The same decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decision {
    pub(crate) verdict: String,
    pub(crate) action: String,
    pub(crate) direction: String,
    pub(crate) rule: String,
}

/// How many numbers lie between two lines. A daemon's first line has number 1; a log may begin
/// anywhere, since it is rotated.
fn missing(before: Option<u64>, sequence: Option<u64>) -> u64 {
    match (before, sequence) {
        (Some(before), Some(sequence)) if sequence != 1 => {
            sequence.saturating_sub(before.saturating_add(1))
        }
        _ => 0,
    }
}

/// The next line without its end; `Some(None)` for one that is too long.
fn next_line(source: &mut impl BufRead) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    let most = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
    if source.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() < LINE_MAX || line.ends_with(b"\n") {
        return Ok(Some(Some(line)));
    }
    source.skip_until(b'\n')?;
    Ok(Some(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(log: &str) -> Decisions {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, log).unwrap();
        Decisions::read(&path, "$1").unwrap()
    }

    fn line(sequence: u64, rest: &str) -> String {
        format!(
            "{{\"version\":1,\"time\":\"2026-11-28T12:00:00.000Z\",\"sequence\":{sequence},{rest}}}\n"
        )
    }

    #[test]
    fn the_lines_of_the_session_are_kept_and_gaps_counted() {
        let log = [
            line(4, "\"event\":\"join\",\"session\":\"$2\""),
            line(5, "\"event\":\"join\",\"session\":\"$1\",\"user\":\"ada\""),
            line(8, "\"event\":\"lost\",\"lines\":7"),
            line(1, "\"event\":\"daemon-start\",\"daemon\":\"0.1.0\""),
            line(2, "\"event\":\"leave\",\"session\":\"$1\""),
        ]
        .concat();
        let decisions = read(&log);
        let events: Vec<_> = decisions
            .lines
            .iter()
            .map(|line| line.event.as_str())
            .collect();
        assert_eq!(events, ["join", "lost", "leave"]);
        assert_eq!(
            decisions.lines[0].properties,
            *serde_json::json!({"user": "ada"}).as_object().unwrap()
        );
        assert_eq!((decisions.missing, decisions.odd), (2, 0));
    }

    #[test]
    fn lines_that_make_no_sense_are_counted() {
        let long = format!("{}\n", "x".repeat(3 * LINE_MAX));
        let log = long
            + "not json\n[]\n"
            + &line(1, "\"event\":5,\"session\":\"$1\"")
            + &line(2, "\"event\":\"join\",\"session\":\"$1\"");
        let decisions = read(&log);
        assert_eq!((decisions.odd, decisions.lines.len()), (4, 1));
        assert_eq!(
            decisions.complaints(Path::new("l")),
            ["\"l\": 4 lines make no sense"]
        );
    }

    #[test]
    fn the_same_decisions_are_added_up() {
        let decision = |sequence, rule: &str, count: u64| {
            line(
                sequence,
                &format!(
                    "\"event\":\"decision\",\"session\":\"$1\",\"action\":\"clipboard\",\"direction\":\"in\",\"rule\":\"{rule}\",\"verdict\":\"refused\",\"count\":{count}"
                ),
            )
        };
        let decisions = read(&(decision(1, "a", 1) + &decision(2, "b", 3) + &decision(3, "a", 5)));
        let totals: Vec<_> = decisions
            .totals()
            .into_iter()
            .map(|(decision, count)| (decision.rule, count))
            .collect();
        assert_eq!(totals, [("a".to_owned(), 6), ("b".to_owned(), 3)]);
    }
}
