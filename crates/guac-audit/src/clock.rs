//! What the times in a recording mean.

use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;

use guac_protocol::{ServerInstruction, Timestamp};
use guac_recorder::Metadata;

use crate::reading::read;
use crate::source::Recording;

/// Turns the times of a recording into times for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Clock {
    zero: Option<Timestamp>,
    metadata: Option<Metadata>,
}

impl Clock {
    /// The clock of a file.
    ///
    /// # Errors
    /// Those of reading it.
    pub(crate) fn of(file: &Recording) -> io::Result<Self> {
        file.open().and_then(Self::read)
    }

    /// Reads a recording up to its first frame. Where it has none, because it holds input only, its
    /// first time counts as the beginning.
    ///
    /// # Errors
    /// Those of reading the file.
    fn read(source: impl Read) -> io::Result<Self> {
        let mut clock = Self::default();
        let mut input = None;
        read(source, |step| {
            clock.metadata = clock.metadata.take().or_else(|| Metadata::parse(&step.raw));
            let Some(instruction) = &step.instruction else {
                return ControlFlow::Continue(());
            };
            if let ServerInstruction::Sync { timestamp, .. } = instruction {
                clock.zero = Some(*timestamp);
                return ControlFlow::Break(());
            }
            input = input.or(time_of(instruction));
            ControlFlow::Continue(())
        })?;
        clock.zero = clock.zero.or(input);
        Ok(clock)
    }

    /// Milliseconds from the first frame; negative before it.
    pub(crate) fn since_start(&self, time: Timestamp) -> i64 {
        time.0.saturating_sub(self.zero.unwrap_or(time).0)
    }

    /// The time of day in UTC, if the recording tells when it was made.
    pub(crate) fn wall(&self, time: Timestamp) -> Option<WallTime> {
        self.metadata.as_ref()?.wall(time).map(WallTime)
    }

    /// Who, when and under what, if the recording tells it before its first frame.
    pub(crate) const fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Milliseconds from the first frame to a time of day.
    pub(crate) fn elapsed_at(&self, time: jiff::Timestamp) -> Option<i64> {
        let metadata = self.metadata.as_ref()?;
        let passed = i64::try_from(time.duration_since(metadata.started).as_millis()).ok()?;
        Some(self.since_start(Timestamp(metadata.at.0.checked_add(passed)?)))
    }

    /// The time of day so many milliseconds after the first frame.
    pub(crate) fn wall_since_start(&self, milliseconds: i64) -> Option<WallTime> {
        self.wall(Timestamp(self.zero?.0.checked_add(milliseconds)?))
    }
}

/// The time that an instruction carries.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "these are all instructions that carry one"
)]
pub(crate) const fn time_of(instruction: &ServerInstruction<'_>) -> Option<Timestamp> {
    match *instruction {
        ServerInstruction::Sync { timestamp, .. }
        | ServerInstruction::Mouse { timestamp, .. }
        | ServerInstruction::Key { timestamp, .. }
        | ServerInstruction::Touch { timestamp, .. } => Some(timestamp),
        _ => None,
    }
}

/// A time of day, shown as in `2026-11-28T04:57:16.042Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WallTime(pub(crate) jiff::Timestamp);

impl WallTime {
    /// Without parts of a second, as in `2026-11-28 04:57:16Z`.
    pub(crate) fn to_seconds(self) -> String {
        self.0.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

/// Milliseconds shown as in `1:02:03.456`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elapsed(pub(crate) i64);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let milliseconds = self.0.unsigned_abs();
        let seconds = milliseconds / 1_000;
        let text = format!(
            "{sign}{}:{:02}:{:02}.{:03}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60,
            milliseconds % 1_000
        );
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_is_hours_minutes_seconds() {
        for (milliseconds, shown) in [
            (0, "0:00:00.000"),
            (3_723_456, "1:02:03.456"),
            (-1, "-0:00:00.001"),
            (i64::MIN, "-2562047788015:12:55.808"),
        ] {
            assert_eq!(Elapsed(milliseconds).to_string(), shown);
        }
    }

    #[test]
    fn the_beginning_is_the_first_frame_or_else_the_first_input() {
        for (recording, time, since) in [
            (
                "5.mouse,1.1,1.1,1.0,2.10;4.sync,2.50,1.1;4.sync,2.90,1.1;",
                40,
                -10,
            ),
            ("3.key,2.97,1.1,2.30;3.key,2.97,1.0,2.60;", 60, 30),
            ("", 60, 0),
        ] {
            let clock = Clock::read(recording.as_bytes()).unwrap();
            assert_eq!(clock.since_start(Timestamp(time)), since, "{recording}");
            assert_eq!(clock.wall(Timestamp(time)), None);
        }
    }

    #[test]
    fn the_time_of_day_counts_from_the_moment_that_both_clocks_knew() {
        let recording = "8.guacd-rs,1.1,7.session,2.$4,7.started,24.2026-11-28T23:59:59.500Z,\
            2.at,4.1000,6.daemon,5.0.1.0,6.policy,8.built-in;4.sync,1.7,1.1;\
            8.guacd-rs,1.1,7.session,2.$5,7.started,24.1999-11-28T23:59:59.500Z,\
            2.at,4.1000,6.daemon,5.0.1.0,6.policy,8.built-in;";
        let clock = Clock::read(recording.as_bytes()).unwrap();
        assert_eq!(clock.metadata().unwrap().session, "$4");
        let midnight = "2026-11-29T00:00:00Z".parse().unwrap();
        assert_eq!(clock.elapsed_at(midnight), Some(1_000 + 500 - 7));
        let shown = |time| clock.wall(Timestamp(time)).map(|wall| wall.to_string());
        assert_eq!(shown(1_542).unwrap(), "2026-11-29T00:00:00.042Z");
        assert_eq!(shown(0).unwrap(), "2026-11-28T23:59:58.500Z");
        assert_eq!((shown(i64::MAX), shown(i64::MIN)), (None, None));
    }
}
