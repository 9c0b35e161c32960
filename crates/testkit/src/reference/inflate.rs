//! zlib streams that last as long as a connection.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_PARSE_ZLIB_HEADER,
    TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::reader::Stop;

/// More than any test inflates in one connection.
const LIMIT: usize = 8 << 20;

const DAMAGED: Stop = Stop::Wrong("damaged compressed data");

/// A stream, and everything that came out of it.
#[derive(Default, Clone)]
pub(super) struct Stream {
    state: Box<DecompressorOxide>,
    all: Vec<u8>,
    ended: bool,
    damaged: bool,
}

impl Stream {
    /// Whether what comes next is damaged, which another inflater may not have seen yet: they differ in how soon
    /// they look whether a block's tables are any good.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Inflates a piece of the stream, as far as it makes sense.
    pub(super) fn inflate(&mut self, mut piece: &[u8]) -> Result<Vec<u8>, Stop> {
        const FLAGS: u32 = TINFL_FLAG_PARSE_ZLIB_HEADER
            | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF
            | TINFL_FLAG_HAS_MORE_INPUT;
        let start = self.all.len();
        let mut end = start;
        if self.damaged {
            return Err(DAMAGED);
        }
        if self.ended && !piece.is_empty() {
            return Err(Stop::Wrong("a stream that goes on after its end"));
        }
        loop {
            self.all.resize(end + (64 << 10), 0);
            let (status, taken, given) =
                decompress(&mut self.state, piece, &mut self.all, end, FLAGS);
            piece = &piece[taken..];
            end += given;
            match status {
                TINFLStatus::HasMoreOutput if end < LIMIT => {}
                TINFLStatus::NeedsMoreInput if piece.is_empty() => break,
                TINFLStatus::Done if piece.is_empty() => {
                    self.ended = true;
                    break;
                }
                TINFLStatus::Failed if start < end => {
                    self.damaged = true;
                    break;
                }
                _ => return Err(DAMAGED),
            }
        }
        self.all.truncate(end);
        Ok(self.all[start..].to_vec())
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stream({} bytes)", self.all.len())
    }
}
