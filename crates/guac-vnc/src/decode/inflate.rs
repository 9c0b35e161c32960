//! Inflating in large pieces, with a bounded place for what comes out.

use flate2::{Decompress, FlushDecompress, Status};

use super::Progress;
use crate::{DecodeError, input::Input, limits::INFLATED_BYTES};

/// What one zlib stream holds in memory: its window and tables, as zlib-rs has them.
pub(crate) const STREAM_BYTES: usize = 64 << 10;

/// Inflated bytes on their way to a decoder.
#[derive(Debug, Default)]
pub(super) struct Inflated {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inflated {
    /// Forgets what is left of an earlier rectangle.
    pub(super) const fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// What is there and not used yet.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) const fn consume(&mut self, count: usize) {
        self.start += count;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Inflates until the input is used up or the place is full. True if the place is full, so
    /// that there may be more to come without further input.
    pub(super) fn fill(
        &mut self,
        stream: &mut Decompress,
        input: &mut Input<'_>,
    ) -> Result<bool, DecodeError> {
        self.buffer.resize(INFLATED_BYTES, 0);
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        loop {
            let place = self.buffer.get_mut(self.end..).unwrap_or_default();
            if place.is_empty() {
                return Ok(true);
            }
            let (taken, given) = (stream.total_in(), stream.total_out());
            let status = stream
                .decompress(input.rest(), place, FlushDecompress::Sync)
                .map_err(|_| DecodeError::Inflate)?;
            let taken = usize::try_from(stream.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(stream.total_out() - given).unwrap_or(usize::MAX);
            input.up_to(taken);
            self.end += given;
            match status {
                // Streams live as long as the session: none may end while input is left.
                Status::StreamEnd if !input.is_empty() => return Err(DecodeError::Inflate),
                _ if input.is_empty() && self.end < self.buffer.len() => return Ok(false),
                _ if taken == 0 && given == 0 => return Err(DecodeError::Inflate),
                _ => {}
            }
        }
    }

    pub(super) const fn held_bytes(&self) -> usize {
        self.buffer.capacity()
    }
}

/// A piece of a zlib stream whose compressed length was announced.
#[derive(Debug, Default)]
pub(super) struct Deflated {
    left: usize,
    /// The last call filled its place: there may be more without further input.
    full: bool,
}

impl Deflated {
    pub(super) const fn new(length: usize) -> Self {
        Self {
            left: length,
            full: false,
        }
    }

    /// Feeds a consumer with what the piece inflates to. The consumer takes bytes as far as it
    /// can use them and tells whether it is complete. True once it is complete and the piece is
    /// used up; false waits for more input.
    pub(super) fn drive(
        &mut self,
        stream: &mut Decompress,
        inflated: &mut Inflated,
        input: &mut Input<'_>,
        mut consumer: impl FnMut(&mut Input<'_>) -> Result<bool, DecodeError>,
    ) -> Result<bool, DecodeError> {
        loop {
            let mut bytes = Input::new(inflated.bytes());
            let before = bytes.len();
            let complete = consumer(&mut bytes)?;
            let used = before - bytes.len();
            inflated.consume(used);
            if complete && !inflated.is_empty() {
                return Err(DecodeError::TooLong);
            }
            if self.left == 0 && !self.full {
                return if complete {
                    Ok(true)
                } else {
                    Err(DecodeError::TooShort)
                };
            }
            if input.is_empty() && !self.full {
                return Ok(false);
            }
            let mut piece = Input::new(input.rest().get(..self.left).unwrap_or(input.rest()));
            let before = piece.len();
            self.full = inflated.fill(stream, &mut piece)?;
            let taken = before - piece.len();
            input.up_to(taken);
            self.left -= taken;
        }
    }
}

/// A rectangle that is announced by its length and then compressed in a stream that lasts as long
/// as the session, as Zlib and ZRLE have it.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// What is left of the rectangle, once its length is known.
    deflated: Option<Deflated>,
    inflated: Inflated,
    pub(super) stream: Option<Decompress>,
}

impl Announced {
    /// Another rectangle begins.
    pub(super) const fn begin(&mut self) {
        self.deflated = None;
        self.inflated.clear();
    }

    /// Takes input, and gives what it inflates to as [`Deflated::drive`] does.
    pub(super) fn drive(
        &mut self,
        input: &mut Input<'_>,
        consumer: impl FnMut(&mut Input<'_>) -> Result<bool, DecodeError>,
    ) -> Result<Progress, DecodeError> {
        let deflated = match &mut self.deflated {
            Some(deflated) => deflated,
            None => {
                let Some(length) = input.u32() else {
                    return Ok(Progress::Wait);
                };
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                self.deflated.insert(Deflated::new(length))
            }
        };
        let stream = self.stream.get_or_insert_with(|| Decompress::new(true));
        let done = deflated.drive(stream, &mut self.inflated, input, consumer)?;
        Ok(if done { Progress::Done } else { Progress::Wait })
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.inflated.held_bytes() + self.stream.as_ref().map_or(0, |_| STREAM_BYTES)
    }
}
