//! Reading a recording, ours or stock guacd's, one instruction at a time.

use std::io::{self, Read};

use guac_protocol::limits::INSTRUCTION_MAX_INPUT_BYTES;
use guac_protocol::wire::{Instructions, ParseError, RawInstruction};

/// Bytes taken from the file at a time.
const PIECE: usize = 256 * 1_024;

/// Reads instructions with their places in the file.
///
/// Memory is bounded by one piece and one instruction, whatever the file holds. A last instruction
/// that is cut off, as by a killed process, ends the reading without an error; how many bytes of
/// it there are tells [`Reader::cut`].
pub struct Reader<R> {
    source: R,
    /// Bytes read and not yet given start at `start`.
    buffer: Vec<u8>,
    start: usize,
    /// Bytes of the file before the buffer's first.
    base: u64,
    at_end: bool,
    /// Why there is no more than what is in the buffer.
    unread: Option<io::Error>,
    failed: bool,
}

/// An instruction and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Bytes from the start of the file to the instruction's first digit.
    pub offset: u64,
    /// The instruction as it was framed.
    pub instruction: RawInstruction<'a>,
}

/// Why reading ended before the file did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be read. Everything before it was given.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// What stands there is not an instruction. Everything before it is good.
    #[error("at byte {offset}: {error}")]
    Malformed {
        /// Bytes from the start of the file.
        offset: u64,
        /// What is wrong.
        error: ParseError,
    },
}

impl<R: Read> Reader<R> {
    /// Reads from the source's current place, which counts as offset 0.
    pub fn new(source: R) -> Self {
        let buffer = Vec::with_capacity(PIECE + INSTRUCTION_MAX_INPUT_BYTES);
        Self {
            source,
            buffer,
            start: 0,
            base: 0,
            at_end: false,
            unread: None,
            failed: false,
        }
    }

    /// The next instruction, or `None` at the end.
    ///
    /// # Errors
    /// When the source cannot be read, or what it gives is not an instruction. After that, nothing
    /// more is given.
    #[expect(
        clippy::should_implement_trait,
        reason = "an entry borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<Entry<'_>>, ReadError> {
        if self.failed {
            return Ok(None);
        }
        let found = self.locate();
        self.failed = found.is_err();
        let Some(length) = found? else {
            return Ok(None);
        };
        let (offset, start) = (self.offset(), self.start);
        self.start += length;
        // Framed a second time, since the first had to end before more could be read.
        let text = self.buffer.get(start..self.start).unwrap_or_default();
        let instruction = Instructions::new(text).next().transpose();
        let instruction = instruction.map_err(|error| ReadError::Malformed { offset, error })?;
        Ok(instruction.map(|instruction| Entry {
            offset,
            instruction,
        }))
    }

    /// Bytes of a last instruction that is not all there; 0 before the end is reached, and for a
    /// file that ends cleanly.
    pub fn cut(&self) -> usize {
        if self.at_end { self.pending().len() } else { 0 }
    }

    /// Where the next instruction begins, in bytes from the start.
    pub fn offset(&self) -> u64 {
        self.base + u64::try_from(self.start).unwrap_or(u64::MAX)
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// The length of the next instruction, reading on until all of it is there.
    fn locate(&mut self) -> Result<Option<usize>, ReadError> {
        loop {
            match Instructions::new(self.pending()).next() {
                Some(Ok(instruction)) => return Ok(Some(instruction.text().len())),
                Some(Err(error)) => {
                    return Err(ReadError::Malformed {
                        offset: self.offset(),
                        error,
                    });
                }
                None if self.at_end => return Ok(None),
                None => match self.unread.take() {
                    Some(error) => return Err(error.into()),
                    None => self.fill(),
                },
            }
        }
    }

    fn fill(&mut self) {
        self.base = self.offset();
        self.buffer.drain(..self.start);
        self.start = 0;
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let mut piece = self.source.by_ref().take(limit);
        // Where reading fails, the buffer has what was read before.
        match piece.read_to_end(&mut self.buffer) {
            Ok(read) => self.at_end = read < PIECE,
            Err(error) => self.unread = Some(error),
        }
    }
}

impl<R> std::fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("base", &self.base)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}
