//! Something that happened in a session, for people and for programs.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

use crate::clock::{Elapsed, WallTime};

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Milliseconds from the first frame.
    pub(crate) elapsed: Option<i64>,
    /// The time of day, if it is known.
    pub(crate) time: Option<WallTime>,
    pub(crate) name: String,
    pub(crate) details: Map<String, Value>,
}

impl Event {
    /// The same with one more detail.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// As one JSON object.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = self.details.clone();
        object.insert("event".to_owned(), self.name.clone().into());
        if let Some(elapsed) = self.elapsed {
            object.insert("elapsed_ms".to_owned(), elapsed.into());
        }
        if let Some(time) = self.time {
            object.insert("time".to_owned(), time.to_string().into());
        }
        Value::Object(object)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.elapsed {
            Some(elapsed) => write!(f, "{:>11}", Elapsed(elapsed))?,
            None => write!(f, "{:>11}", "?")?,
        }
        if let Some(time) = self.time {
            write!(f, "  {time}")?;
        }
        // The name may come from a log.
        write!(f, "  {}", plain(&self.name))?;
        for (key, value) in &self.details {
            write!(f, "  {}={}", plain(key), shown(value))?;
        }
        Ok(())
    }
}

/// A value in which nothing can move a terminal's cursor about.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Null => "-".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        // Names of a log's nested objects may be anything, too.
        Value::Array(_) | Value::Object(_) => {
            let mut escaped = String::new();
            for character in value.to_string().chars() {
                if character.is_ascii_graphic() {
                    escaped.push(character);
                } else {
                    // Writing to a string does not fail.
                    let _ = write!(escaped, "{}", character.escape_unicode());
                }
            }
            escaped
        }
    }
}

/// A word as it is, anything else in quotes with what does not print escaped.
pub(crate) fn plain(text: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"$@.:/_-+[]".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_word) {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_and_an_object() {
        let event = Event {
            elapsed: Some(61_005),
            time: None,
            name: "clipboard".to_owned(),
            details: Map::new(),
        }
        .with("bytes", 7)
        .with("text", "a\u{1b}[2J")
        .with("line", Value::Null);
        assert_eq!(
            event.to_string(),
            "0:01:01.005  clipboard  bytes=7  line=-  text=\"a\\u{1b}[2J\""
        );
        let expected = serde_json::json!({"event": "clipboard", "elapsed_ms": 61_005, "bytes": 7, "line": null, "text": "a\u{1b}[2J"});
        assert_eq!(event.to_json(), expected);
    }

    #[test]
    fn nothing_from_outside_reaches_a_terminal_as_it_is() {
        let nested = serde_json::json!({"\u{9b}x": ["\u{202e}"]});
        let event = Event {
            elapsed: None,
            time: None,
            name: "\u{1b}c".to_owned(),
            details: Map::new(),
        }
        .with("k\u{7}", "word")
        .with("o", nested);
        let line = event.to_string();
        assert!(
            line.chars()
                .all(|character| character.is_ascii_graphic() || character == ' '),
            "{line:?}"
        );
    }
}
