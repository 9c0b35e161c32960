//! The file that a recording is written to, and what is known of its bytes.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Range;

use guac_policy::TapError;

use crate::evidence::Extent;
use crate::seal::Recipients;
use crate::sealing::Sealing;
use crate::segment::SEGMENT_MAX_BYTES;
use crate::tally::Tally;

/// Decides what becomes of a write that the operating system refuses, as when the disk is full.
pub trait Patience: Send {
    /// Whether to try again. It may take its time; nothing else is written meanwhile.
    fn again(&mut self, error: &io::Error) -> bool;
}

/// Gives up at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPatience;

impl Patience for NoPatience {
    fn again(&mut self, _error: &io::Error) -> bool {
        false
    }
}

/// Writes all of it, however long that takes as long as patience lasts.
pub(crate) fn put(mut file: &File, bytes: &[u8], patience: &mut dyn Patience) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match file.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if patience.again(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A recording's file. What is written to it is whole, or taken back.
pub(crate) struct Spool {
    file: File,
    /// What is known to be written whole.
    written: Tally,
    /// How it is sealed on its way into the file, if it is.
    sealing: Option<Sealing>,
    failed: bool,
}

/// A segment that ended.
pub(crate) struct Ended {
    /// Its bytes in the file.
    pub(crate) file: Range<u64>,
    /// What they are, if digests are made.
    pub(crate) extents: Option<Extents>,
}

/// What a segment is: in the file, and as it was before it was sealed.
pub(crate) struct Extents {
    pub(crate) file: Extent,
    pub(crate) plain: Option<Extent>,
}

impl Spool {
    /// Writes to the file, which is empty, sealed to these recipients if there are any.
    pub(crate) fn new(file: File, recipients: Option<Recipients>) -> Self {
        Self {
            file,
            written: Tally::default(),
            sealing: recipients.map(Sealing::new),
            failed: false,
        }
    }

    /// From here on, digests of segments are made. Nothing must have been written before.
    pub(crate) fn hash(&mut self) {
        self.written.hash();
        if let Some(sealing) = &mut self.sealing {
            sealing.plain.hash();
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) const fn is_sealed(&self) -> bool {
        self.sealing.is_some()
    }

    pub(crate) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Size of the file in bytes.
    pub(crate) const fn written(&self) -> u64 {
        self.written.bytes()
    }

    /// Bytes of the recording in the segment that is being written. Sealed they are others.
    pub(crate) fn segment_bytes(&self) -> u64 {
        let recorded = self.sealing.as_ref().map(|sealing| &sealing.plain);
        recorded.unwrap_or(&self.written).segment_bytes()
    }

    /// Writes all of it or nothing, in as many segments as it needs: where it does not fit into one, nothing must
    /// have been written in the segment that is open. Gives those that ended.
    pub(crate) fn write(
        &mut self,
        bytes: &[u8],
        patience: &mut dyn Patience,
    ) -> Result<Vec<Ended>, TapError> {
        if self.failed {
            return Err(TapError::Failed);
        }
        let outcome = self.put_pieces(bytes, patience);
        let ends = self.settle(outcome)?;
        // Lent, since what is counted belongs to the spool as well.
        let sealed = self.sealing.as_mut().map(Sealing::take);
        let written = sealed.as_deref().unwrap_or(bytes);
        let mut ended = Vec::new();
        let mut from = 0;
        for (piece, end) in pieces(bytes).zip(ends) {
            if from != 0 {
                ended.push(self.end_segment());
            }
            self.written.add(written.get(from..end).unwrap_or_default());
            if let Some(sealing) = &mut self.sealing {
                sealing.plain.add(piece);
            }
            from = end;
        }
        if let (Some(sealing), Some(sealed)) = (&mut self.sealing, sealed) {
            sealing.give_back(sealed);
        }
        Ok(ended)
    }

    /// Puts bytes into the file, and says where in what was put each piece of them ends.
    fn put_pieces(
        &mut self,
        bytes: &[u8],
        patience: &mut dyn Patience,
    ) -> Result<Vec<usize>, TapError> {
        let Some(sealing) = &mut self.sealing else {
            put(&self.file, bytes, patience).map_err(|error| write_error(&error))?;
            let ends = pieces(bytes).scan(0_usize, |end, piece| {
                *end = end.saturating_add(piece.len());
                Some(*end)
            });
            return Ok(ends.collect());
        };
        let ends = sealing.batches(&mut pieces(bytes))?;
        put(&self.file, sealing.sealed(), patience).map_err(|error| write_error(&error))?;
        Ok(ends)
    }

    /// Writes what a sealed segment ends with. Where an earlier write failed there is none: the sealer is
    /// beyond what the file has.
    pub(crate) fn seal_segment(&mut self, patience: &mut dyn Patience) -> Result<(), TapError> {
        match &mut self.sealing {
            Some(sealing) if !self.failed => {
                let outcome = sealing.end_segment().and_then(|()| {
                    let sealed = sealing.sealed();
                    put(&self.file, sealed, patience).map_err(|error| write_error(&error))?;
                    self.written.add(sealed);
                    Ok(())
                });
                self.settle(outcome)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Ends the segment, and says what it is.
    pub(crate) fn end_segment(&mut self) -> Ended {
        let from = self.written.segment_start();
        let plain = self
            .sealing
            .as_mut()
            .map(|sealing| sealing.plain.end_segment());
        let file = self.written.end_segment();
        Ended {
            file: from..self.written.bytes(),
            extents: file.map(|file| Extents {
                file,
                plain: plain.flatten(),
            }),
        }
    }

    fn settle<T>(&mut self, outcome: Result<T, TapError>) -> Result<T, TapError> {
        if outcome.is_err() {
            self.failed = true;
            // A file that ends with a whole instruction is worth more than one that does not;
            // where even that fails, readers cope with a cut one.
            let _ = self.file.set_len(self.written.bytes());
        }
        outcome
    }
}

/// What goes into one segment each.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(usize::try_from(SEGMENT_MAX_BYTES).unwrap_or(usize::MAX))
}

pub(crate) fn write_error(error: &io::Error) -> TapError {
    TapError::Write {
        os_error: error.raw_os_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives up after some attempts.
    struct Attempts(u32);

    impl Patience for Attempts {
        fn again(&mut self, error: &io::Error) -> bool {
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            self.0 -= 1;
            self.0 != 0
        }
    }

    #[test]
    fn a_refused_write_is_repeated_as_long_as_patience_lasts() {
        // A device that is always full.
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut patience = Attempts(3);
        let mut spool = Spool::new(full, None);
        let no_space = TapError::Write {
            os_error: Some(rustix::io::Errno::NOSPC.raw_os_error()),
        };
        assert_eq!(spool.write(b"x", &mut patience).err(), Some(no_space));
        assert_eq!(patience.0, 0);
        let failed = spool.write(b"x", &mut patience).err();
        assert_eq!(failed, Some(TapError::Failed));
    }
}
