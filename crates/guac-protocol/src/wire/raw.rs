//! One framed instruction, borrowed from where it was received.

use std::fmt;
use std::iter::FusedIterator;

use super::scan::{Frame, ParseError};

/// A framed instruction. It borrows its text, and is cheap to copy.
///
/// `Debug` shows sizes only, since values may be passwords.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawInstruction<'a> {
    text: &'a str,
    opcode: &'a str,
    arguments: Arguments<'a>,
}

impl<'a> RawInstruction<'a> {
    /// `bytes` is what `frame` was found in, cut to its length.
    pub(super) fn new(bytes: &'a [u8], frame: Frame) -> Result<Self, ParseError> {
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| ParseError::InvalidUtf8)?;
        let mut elements = Arguments {
            rest: text,
            remaining: frame.elements,
            ascii: frame.ascii,
        };
        let opcode = elements.next().unwrap_or_default();
        Ok(Self {
            text,
            opcode,
            arguments: elements,
        })
    }

    /// The first element. It may be empty.
    #[must_use]
    pub const fn opcode(&self) -> &'a str {
        self.opcode
    }

    /// The elements after the opcode.
    #[must_use]
    pub const fn args(&self) -> Arguments<'a> {
        self.arguments
    }

    /// The whole instruction as it was received, `;` included.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }
}

impl fmt::Debug for RawInstruction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawInstruction")
            .field("bytes", &self.text.len())
            .field("arguments", &self.arguments.remaining)
            .finish_non_exhaustive()
    }
}

/// The arguments of an instruction, in order.
///
/// `Debug` shows sizes only, since values may be passwords.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Arguments<'a> {
    /// Elements not yet given, each with its length before and its terminator after it.
    rest: &'a str,
    remaining: usize,
    ascii: bool,
}

impl<'a> Iterator for Arguments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // The scanner has accepted all of this text, so that each step here finds what it looks for.
        self.remaining = self.remaining.checked_sub(1)?;
        let mut characters = 0_usize;
        let mut digits = 0_usize;
        for byte in self.rest.bytes().take_while(u8::is_ascii_digit) {
            digits = digits.saturating_add(1);
            characters = characters
                .saturating_mul(10)
                .saturating_add(usize::from(byte & 0x0f));
        }
        let value = self.rest.get(digits.saturating_add(1)..)?;
        let end = match self.ascii {
            true => characters,
            false => byte_length(value, characters)?,
        };
        let (value, rest) = value.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for Arguments<'_> {}
impl FusedIterator for Arguments<'_> {}

impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

/// How many bytes the first `characters` code points of `text` take.
fn byte_length(text: &str, characters: usize) -> Option<usize> {
    let starts = text.char_indices().map(|(start, _)| start);
    starts.chain([text.len()]).nth(characters)
}
