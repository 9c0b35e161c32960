//! Instructions from a peer's bytes, in any pieces.

use std::fmt;

use super::raw::RawInstruction;
use super::scan::{ParseError, Scanner};

/// Cuts a peer's bytes into instructions.
///
/// Feed what has arrived, then take instructions until there is none, then feed again: so the
/// buffer never holds more than one piece and one unfinished instruction, which is bounded by
/// [`INSTRUCTION_MAX_INPUT_BYTES`](crate::limits::INSTRUCTION_MAX_INPUT_BYTES). Instructions borrow
/// from the buffer, and no byte of a value is looked at again because more has arrived.
#[derive(Default)]
pub struct InstructionReader {
    buffer: Vec<u8>,
    /// Where the first instruction not yet given begins.
    start: usize,
    scanner: Scanner,
    failed: Option<ParseError>,
}

impl InstructionReader {
    /// With an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes of the peer.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next instruction, or `None` when more bytes are needed.
    ///
    /// # Errors
    ///
    /// When the bytes are not an instruction; then and for ever after, since nothing says where
    /// the next instruction would begin.
    #[expect(
        clippy::should_implement_trait,
        reason = "what it gives borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<RawInstruction<'_>>, ParseError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let pending = self.buffer.get(self.start..).unwrap_or_default();
        let frame = match self.scanner.scan(pending) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(None),
            Err(error) => return Err(self.fail(error)),
        };
        let begin = self.start;
        self.start = begin.saturating_add(frame.length);
        let bytes = self.buffer.get(begin..self.start).unwrap_or_default();
        RawInstruction::new(bytes, frame).map(Some)
    }

    fn fail(&mut self, error: ParseError) -> ParseError {
        self.failed = Some(error);
        self.buffer = Vec::new();
        self.start = 0;
        error
    }

    /// Bytes received and not yet given as instructions. When the peer closes, anything but 0
    /// means that it was cut off.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }
}

impl fmt::Debug for InstructionReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstructionReader")
            .field("pending", &self.pending())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
