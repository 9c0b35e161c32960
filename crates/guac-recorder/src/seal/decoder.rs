//! Decompression of what a segment's records hold.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::RECORD_PLAIN_MAX;
use super::format::{Damage, Kind, WINDOW_MAX};

/// Decompresses the records of a segment.
pub(super) struct Decoder {
    frame: FrameDecoder,
    state: Frame,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// The frame's header comes next.
    New,
    Open,
    Done,
}

impl Decoder {
    pub(super) fn new() -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(u64::try_from(WINDOW_MAX).unwrap_or_default());
        Self {
            frame,
            state: Frame::Done,
        }
    }

    pub(super) fn begin(&mut self) {
        self.state = Frame::New;
    }

    /// Appends what a record holds, as far as decompression does not need it for what may follow.
    pub(super) fn record(
        &mut self,
        mut rest: &[u8],
        kind: Kind,
        plain: &mut Vec<u8>,
    ) -> Result<(), Damage> {
        if self.state == Frame::New {
            self.frame
                .reset(&mut rest)
                .map_err(|_| Damage::Compression)?;
            self.state = Frame::Open;
        }
        while !rest.is_empty() {
            if self.state != Frame::Open {
                return Err(Damage::Compression);
            }
            self.block(&mut rest, plain)?;
            // What was held back of earlier records comes with this one's.
            if RECORD_PLAIN_MAX + WINDOW_MAX < plain.len() {
                return Err(Damage::TooLarge);
            }
        }
        let ended = self.state == Frame::Done;
        if ended == (kind == Kind::Last) {
            Ok(())
        } else {
            Err(Damage::Compression)
        }
    }

    fn block(&mut self, from: &mut &[u8], plain: &mut Vec<u8>) -> Result<(), Damage> {
        let ended = self
            .frame
            .decode_blocks(from, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|_| Damage::Compression)?;
        if ended {
            self.state = Frame::Done;
        }
        self.frame
            .collect_to_writer(plain)
            .map_err(|_| Damage::Compression)?;
        Ok(())
    }

    /// Appends what is held back: the decoder gives it when its frame ends, so that a last block without
    /// content stands in for what is missing.
    pub(super) fn drain(&mut self, plain: &mut Vec<u8>) {
        /// The header of a block: the last one, raw, of 0 bytes.
        const EMPTY_LAST_BLOCK: [u8; 3] = [1, 0, 0];
        if self.state == Frame::Open {
            let _ = self.block(&mut EMPTY_LAST_BLOCK.as_slice(), plain);
        }
    }
}
