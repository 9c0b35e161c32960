//! `guac-audit keys`

mod keyboard;
mod keysym;

use std::io::{self, IsTerminal as _, Write};
use std::ops::ControlFlow;

use anyhow::Context as _;
use guac_protocol::{ServerInstruction, Timestamp};

use crate::clock::{Clock, Elapsed};
use crate::reading::{End, read};
use crate::source::Recording;
use crate::{Outcome, complain};
use keyboard::{Keyboard, Stroke};

/// Most bytes of one line; one that is longer goes on in the next.
const LINE_MAX: usize = 1_024;

/// Prints what was typed in each recording.
pub(crate) fn keys(files: &[Recording], plain: bool) -> anyhow::Result<Outcome> {
    let mut worst = Outcome::Whole;
    let stdout = io::stdout();
    let for_people = stdout.is_terminal();
    let mut out = io::BufWriter::new(stdout.lock());
    for file in files {
        let written = if plain {
            write_plain(file, for_people, &mut out)
        } else {
            writeln!(out, "{file:?}")?;
            write_timed(file, &mut out)
        };
        let outcome = written.unwrap_or_else(|error| {
            complain(&format!("{error:#}"));
            Outcome::Failed
        });
        worst = worst.max(outcome);
    }
    out.flush()?;
    Ok(worst)
}

/// Writes each line that was typed with its time.
pub(crate) fn write_timed(file: &Recording, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let name = || format!("{file:?} could not be read");
    let clock = Clock::of(file).with_context(name)?;
    let mut lines = Lines {
        clock,
        out,
        line: None,
    };
    let end = strokes(file, |time, stroke| lines.add(time, stroke))?;
    lines.end_line("")?;
    Ok(end.tell(file))
}

/// Writes what stock guaclog writes; for people who read it as it comes, without what a terminal
/// might take for a command.
fn write_plain(
    file: &Recording,
    for_people: bool,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let end = strokes(file, |_, stroke| {
        if for_people && !stroke.ends_line() {
            out.write_all(stroke.on_a_line().as_bytes())
        } else {
            out.write_all(stroke.as_guaclog().as_bytes())
        }
    })?;
    Ok(end.tell(file))
}

/// Gives `each` all that was typed, until it fails.
fn strokes(
    file: &Recording,
    mut each: impl FnMut(Timestamp, &Stroke) -> io::Result<()>,
) -> anyhow::Result<End> {
    let name = || format!("{file:?} could not be read");
    let mut keyboard = Keyboard::default();
    let mut written = Ok(());
    let end = read(file.open().with_context(name)?, |step| {
        if let Some(ServerInstruction::Key {
            keysym,
            pressed,
            timestamp,
        }) = step.instruction
            && let Some(stroke) = keyboard.key(keysym, pressed)
        {
            written = each(timestamp, &stroke);
        }
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .with_context(name)?;
    written.context("the text could not be written")?;
    Ok(end)
}

/// Lines on their way out.
struct Lines<'a, W> {
    clock: Clock,
    out: &'a mut W,
    /// The time of the line's first key, and its text.
    line: Option<(Timestamp, String)>,
}

impl<W: Write> Lines<'_, W> {
    fn add(&mut self, time: Timestamp, stroke: &Stroke) -> io::Result<()> {
        let (_, line) = self.line.get_or_insert_with(|| (time, String::new()));
        if stroke.ends_line() {
            return self.end_line("");
        }
        line.push_str(&stroke.on_a_line());
        if LINE_MAX <= line.len() {
            self.end_line("…")
        } else {
            Ok(())
        }
    }

    fn end_line(&mut self, end: &str) -> io::Result<()> {
        let Some((time, line)) = self.line.take() else {
            return Ok(());
        };
        write!(self.out, "  {:>11}", Elapsed(self.clock.since_start(time)))?;
        if let Some(wall) = self.clock.wall(time) {
            write!(self.out, "  {wall}")?;
        }
        writeln!(self.out, "  {line}{end}")
    }
}
