//! What repeats: the first few are lines of their own, the others are counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guac_policy::{Action, DataKind, Direction, Rule, Verdict};
use serde::{Serialize, Serializer};

use super::subject::Subject;

/// Lines that the same decision about the same viewer gets before it is counted.
const LINES: u64 = 5;

/// How long it is counted before the next line, at first and at most; twice as long each time.
const COUNTED: Duration = Duration::from_secs(5);
const COUNTED_MAX: Duration = Duration::from_secs(320);

/// Different decisions that are counted at a time. There are not nearly as many for as many viewers
/// as the daemon takes.
const SERIES_MAX: usize = 1 << 17;

/// A decision, without whose and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Kind {
    /// What was tried.
    #[serde(serialize_with = "action_name")]
    pub(super) action: Action,
    /// Which way it would have gone.
    #[serde(serialize_with = "direction_name")]
    pub(super) direction: Direction,
    /// What decided.
    #[serde(serialize_with = "rule_name")]
    pub(super) rule: Rule,
    /// What became of it.
    #[serde(serialize_with = "verdict_name")]
    pub(super) verdict: Verdict,
    /// The connection parameter that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<&'static str>,
    /// What kind of data it was about.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "kind_name")]
    pub(super) kind: Option<DataKind>,
}

fn kind_name<S: Serializer>(kind: &Option<DataKind>, to: S) -> Result<S::Ok, S::Error> {
    kind.map(DataKind::name).serialize(to)
}

macro_rules! by_name {
    ($($function:ident: $type:ty;)*) => {
        $(fn $function<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_str(value.name())
        })*
    };
}

by_name! {
    action_name: Action;
    direction_name: Direction;
    rule_name: Rule;
    verdict_name: Verdict;
}

/// How often the same was decided, and about how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Series {
    /// How often.
    pub(super) count: u64,
    /// Bytes in all.
    pub(super) bytes: u64,
}

/// What becomes of one decision.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It gets a line.
    Line,
    /// It is counted.
    Counted,
    /// There is no room to count it.
    Lost,
}

#[derive(Debug)]
struct Counting {
    subject: Arc<Subject>,
    lines: u64,
    /// When what was counted is written, and how long is counted then.
    due: Instant,
    span: Duration,
    counted: Series,
}

/// Series by subject and kind.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    open: HashMap<(u64, Kind), Counting>,
}

impl Repeats {
    /// Takes a decision.
    pub(super) fn admit(
        &mut self,
        subject: &Arc<Subject>,
        kind: Kind,
        bytes: usize,
        now: Instant,
    ) -> Admission {
        let key = (subject.number, kind);
        if SERIES_MAX <= self.open.len() && !self.open.contains_key(&key) {
            return Admission::Lost;
        }
        let counting = self.open.entry(key).or_insert_with(|| Counting {
            subject: Arc::clone(subject),
            lines: 0,
            due: now + COUNTED,
            span: COUNTED,
            counted: Series::default(),
        });
        if counting.lines < LINES {
            counting.lines += 1;
            return Admission::Line;
        }
        counting.counted.count += 1;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        counting.counted.bytes = counting.counted.bytes.saturating_add(bytes);
        Admission::Counted
    }

    /// What was counted and is due.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Arc<Subject>, Kind, Series)> {
        let mut due = Vec::new();
        self.open.retain(|(_, kind), counting| {
            if now < counting.due {
                return true;
            }
            if counting.counted.count == 0 {
                // Whoever has stopped begins anew the next time.
                return false;
            }
            let series = std::mem::take(&mut counting.counted);
            due.push((Arc::clone(&counting.subject), *kind, series));
            counting.span = (2 * counting.span).min(COUNTED_MAX);
            counting.due = now + counting.span;
            true
        });
        due
    }

    /// What was counted for this subject, or for all. Nothing of them is counted any longer.
    pub(super) fn settle(
        &mut self,
        subject: Option<&Subject>,
    ) -> Vec<(Arc<Subject>, Kind, Series)> {
        let mut settled = Vec::new();
        self.open.retain(|(number, kind), counting| {
            if subject.is_some_and(|subject| subject.number != *number) {
                return true;
            }
            if 0 < counting.counted.count {
                settled.push((Arc::clone(&counting.subject), *kind, counting.counted));
            }
            false
        });
        settled
    }
}
