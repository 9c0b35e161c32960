//! Instructions of a whole recording, or of any other bytes that are all there.

use std::iter::FusedIterator;

use super::raw::RawInstruction;
use super::scan::{ParseError, Scanner};

/// The instructions of a slice, without copying any of it.
///
/// Ends after the first error, and at the last complete instruction: a recording may end in the
/// middle of one, which [`Instructions::rest`] then gives.
#[derive(Debug, Clone)]
pub struct Instructions<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Instructions<'a> {
    /// From the start of an instruction.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            ended: false,
        }
    }

    /// What has not been given yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn advance(&mut self) -> Result<Option<RawInstruction<'a>>, ParseError> {
        let Some(frame) = Scanner::new().scan(self.rest)? else {
            return Ok(None);
        };
        let (bytes, rest) = self
            .rest
            .split_at_checked(frame.length)
            .ok_or(ParseError::InstructionTooLong)?;
        self.rest = rest;
        RawInstruction::new(bytes, frame).map(Some)
    }
}

impl<'a> Iterator for Instructions<'a> {
    type Item = Result<RawInstruction<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.advance().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl FusedIterator for Instructions<'_> {}
