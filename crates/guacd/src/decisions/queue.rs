//! Lines that wait to be written, and what is counted meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::event::{Event, Setting};
use super::repeats::{Admission, Kind, Repeats, Series};
use super::subject::Subject;

/// Bytes of lines that may wait: for a destination that takes none, such as a full pipe.
const WAITING_MAX_BYTES: usize = 4 * 1024 * 1024;

/// How often it is looked whether something that was counted is due.
const LOOK: Duration = Duration::from_secs(1);

/// Shared by those who write and the thread that does it for them.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sequence: u64,
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    repeats: Repeats,
    lost: u64,
    reopen: bool,
    is_closed: bool,
    /// The writer has written everything and ended.
    is_done: bool,
}

/// What the writer has to do next.
pub(super) struct Work {
    pub(super) lines: VecDeque<Vec<u8>>,
    pub(super) reopen: bool,
    pub(super) is_last: bool,
}

impl State {
    fn push(&mut self, event: &Event<'_>) {
        if 0 < self.lost && self.bytes < WAITING_MAX_BYTES {
            let lines = std::mem::take(&mut self.lost);
            self.push_line(&Event::Lost { lines });
        }
        self.push_line(event);
    }

    fn push_line(&mut self, event: &Event<'_>) {
        if WAITING_MAX_BYTES <= self.bytes {
            self.lost += 1;
            return;
        }
        self.sequence += 1;
        let time = format!("{:.3}", jiff::Timestamp::now());
        let line = event.line(self.sequence, time);
        self.bytes += line.len();
        self.lines.push_back(line);
    }

    fn push_decisions(&mut self, decisions: Vec<(Arc<Subject>, Kind, Series)>) {
        for (subject, kind, series) in decisions {
            self.push_decision(&subject, kind, series);
        }
    }

    fn push_decision(&mut self, subject: &Subject, kind: Kind, series: Series) {
        self.push(&Event::Decision {
            subject,
            kind,
            setting: Setting::of(&kind, subject),
            series,
        });
    }
}

impl Queue {
    pub(super) fn write(&self, event: &Event<'_>) {
        self.state().push(event);
        self.changed.notify_all();
    }

    pub(super) fn decide(&self, subject: &Arc<Subject>, kind: Kind, bytes: usize) {
        let mut state = self.state();
        match state.repeats.admit(subject, kind, bytes, Instant::now()) {
            Admission::Line => {
                let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                state.push_decision(subject, kind, Series { count: 1, bytes });
            }
            Admission::Counted => return,
            Admission::Lost => state.lost += 1,
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Writes what was counted for this subject, or for all.
    pub(super) fn settle(&self, subject: Option<&Subject>) {
        let mut state = self.state();
        let settled = state.repeats.settle(subject);
        state.push_decisions(settled);
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn reopen(&self) {
        self.state().reopen = true;
        self.changed.notify_all();
    }

    /// Lets the writer write everything and end, and waits until it has.
    pub(super) fn close(&self) {
        self.settle(None);
        let mut state = self.state();
        state.is_closed = true;
        self.changed.notify_all();
        while !state.is_done {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for something to do. Only the writer calls this.
    pub(super) fn next(&self) -> Work {
        let mut state = self.state();
        loop {
            let due = state.repeats.due(Instant::now());
            state.push_decisions(due);
            if !state.lines.is_empty() || state.reopen || state.is_closed {
                state.bytes = 0;
                return Work {
                    lines: std::mem::take(&mut state.lines),
                    reopen: std::mem::take(&mut state.reopen),
                    is_last: state.is_closed,
                };
            }
            (state, _) = self
                .changed
                .wait_timeout(state, LOOK)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes that lines could not be written.
    pub(super) fn lost(&self, lines: u64) {
        self.state().lost += lines;
    }

    /// Notes that the writer has ended.
    pub(super) fn done(&self) {
        self.state().is_done = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every statement, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
