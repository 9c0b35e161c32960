//! The arguments of an instruction as the types they stand for.

use super::{CompositeMode, InstructionError};
use crate::index::{Keysym, LayerIndex, ObjectIndex, StreamIndex, Timestamp};
use crate::status::Status;
use crate::wire::{Arguments, RawInstruction};

/// Takes arguments in order; remembers their position for the error.
pub(super) struct ArgumentReader<'a> {
    arguments: Arguments<'a>,
    index: usize,
}

type Result<T> = std::result::Result<T, InstructionError>;

impl<'a> ArgumentReader<'a> {
    pub(super) fn new(raw: &RawInstruction<'a>) -> Self {
        Self {
            arguments: raw.args(),
            index: 0,
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let text = self.optional_text();
        text.ok_or(InstructionError::MissingArgument {
            index: self.previous(),
        })
    }

    pub(super) fn optional_text(&mut self) -> Option<&'a str> {
        self.index = self.index.saturating_add(1);
        self.arguments.next()
    }

    /// Everything not taken yet.
    pub(super) fn texts(self) -> Vec<&'a str> {
        self.arguments.collect()
    }

    pub(super) fn int(&mut self) -> Result<i32> {
        self.long().map(saturate)
    }

    /// `None` when the argument is not there or empty.
    pub(super) fn optional_int(&mut self) -> Result<Option<i32>> {
        match self.optional_text().filter(|text| !text.is_empty()) {
            Some(text) => self.number(text).map(saturate).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        let value = self.long()?;
        Ok(u8::try_from(value.clamp(0, i64::from(u8::MAX))).unwrap_or(u8::MAX))
    }

    pub(super) fn unsigned(&mut self) -> Result<u32> {
        let value = self.long()?;
        Ok(u32::try_from(value.max(0)).unwrap_or(u32::MAX))
    }

    /// 0 when the argument is not there.
    pub(super) fn unsigned_or_zero(&mut self) -> Result<u32> {
        if self.arguments.len() == 0 {
            Ok(0)
        } else {
            self.unsigned()
        }
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        self.long().map(|value| value != 0)
    }

    pub(super) fn double(&mut self) -> Result<f64> {
        let text = self.text()?;
        finite(text).ok_or(InstructionError::NotANumber {
            index: self.previous(),
        })
    }

    pub(super) fn layer(&mut self) -> Result<LayerIndex> {
        self.int().map(LayerIndex)
    }

    pub(super) fn stream(&mut self) -> Result<StreamIndex> {
        self.int().map(StreamIndex)
    }

    pub(super) fn object(&mut self) -> Result<ObjectIndex> {
        self.int().map(ObjectIndex)
    }

    pub(super) fn timestamp(&mut self) -> Result<Timestamp> {
        self.long().map(Timestamp)
    }

    /// Never saturates: a number that is no keysym must not become another key.
    pub(super) fn keysym(&mut self) -> Result<Keysym> {
        let value = self.long()?;
        u32::try_from(value)
            .map(Keysym)
            .map_err(|_| self.out_of_range())
    }

    pub(super) fn mode(&mut self) -> Result<CompositeMode> {
        let value = self.long()?;
        let mode = u8::try_from(value)
            .ok()
            .and_then(|mode| CompositeMode::try_from(mode).ok());
        mode.ok_or_else(|| self.out_of_range())
    }

    pub(super) fn status(&mut self) -> Result<Status> {
        let value = self.long()?;
        let status = u16::try_from(value)
            .ok()
            .and_then(|code| Status::try_from(code).ok());
        status.ok_or_else(|| self.out_of_range())
    }

    fn long(&mut self) -> Result<i64> {
        let text = self.text()?;
        self.number(text)
    }

    fn number(&self, text: &str) -> Result<i64> {
        whole_number(text).ok_or(InstructionError::NotANumber {
            index: self.previous(),
        })
    }

    fn out_of_range(&self) -> InstructionError {
        InstructionError::OutOfRange {
            index: self.previous(),
        }
    }

    const fn previous(&self) -> usize {
        self.index.saturating_sub(1)
    }
}

fn saturate(value: i64) -> i32 {
    let bounded = value.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    i32::try_from(bounded).unwrap_or_default()
}

/// A number as C's `atoi` would read it from what the stock client sends: fractions are cut off,
/// and what does not fit becomes the nearest that does. Garbage is `None`, not 0.
fn whole_number(text: &str) -> Option<i64> {
    match text.parse() {
        Ok(value) => Some(value),
        // JavaScript prints 1e-7 and 1e+21, so that this must understand exponents too.
        Err(_) => number(text).map(truncate),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, which is what is wanted"
)]
const fn truncate(value: f64) -> i64 {
    value as i64
}

fn finite(text: &str) -> Option<f64> {
    number(text).filter(|value| value.is_finite())
}

/// `None` for the words that Rust also takes for numbers, such as `inf` and `nan`.
fn number(text: &str) -> Option<f64> {
    let numeric =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes()
        .all(numeric)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_leniently_and_saturate() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12", Some(12)),
            ("+12", Some(12)),
            ("0012", Some(12)),
            ("-7", Some(-7)),
            ("12.5", Some(12)),
            ("-12.9", Some(-12)),
            ("12.", Some(12)),
            (".5", Some(0)),
            ("1e-7", Some(0)),
            ("1e3", Some(1000)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", Some(i64::MAX)),
            ("-99999999999999999999999", Some(i64::MIN)),
            ("1e999", Some(i64::MAX)),
            ("", None),
            ("-", None),
            (".", None),
            ("abc", None),
            ("12abc", None),
            (" 12", None),
            ("NaN", None),
            ("inf", None),
            ("-infinity", None),
            ("0x10", None),
            ("١٢", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text:?}");
        }
    }

    #[test]
    fn fractions_must_be_finite() {
        assert_eq!(finite("0.25"), Some(0.25));
        assert_eq!(finite("-1e2"), Some(-100.0));
        for text in ["1e999", "inf", "nan", "", "0.1.2", "half"] {
            assert_eq!(finite(text), None, "{text:?}");
        }
    }
}
