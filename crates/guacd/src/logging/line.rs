//! An event's message as one bounded line without control characters.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// The C daemon cuts messages here; bytes.
pub(super) const MAX_MESSAGE_BYTES: usize = 2047;

/// The message of an event, safe to stand in a line of text. Fields are left out.
pub(super) fn message(event: &Event<'_>) -> String {
    let mut line = Line::default();
    event.record(&mut line);
    line.text
}

/// The name that the C daemon gives a level.
pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

/// Text that stops growing at [`MAX_MESSAGE_BYTES`], whatever is written to it.
#[derive(Default)]
struct Line {
    text: String,
    full: bool,
}

impl Line {
    fn push(&mut self, character: char) {
        if MAX_MESSAGE_BYTES < self.text.len() + character.len_utf8() {
            self.full = true;
        }
        if !self.full {
            self.text.push(character);
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for character in part.chars() {
            if self.full {
                break;
            }
            // A terminal or a line reader must not take text of a peer for its own: no control
            // characters, and neither of the two separators that Unicode counts as line ends.
            if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
                character
                    .escape_default()
                    .for_each(|escaped| self.push(escaped));
            } else {
                self.push(character);
            }
        }
        Ok(())
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to this cannot fail.
            let _ = write!(self, "{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            let _ = self.write_str(value);
        }
    }
}
