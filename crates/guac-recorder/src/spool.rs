//! The file that a recording is written to, and what is known of its bytes.

use std::fs::File;
use std::io::{self, Write as _};

use guac_policy::TapError;
use sha2::{Digest as _, Sha256};

use crate::evidence::{Extent, Hex};

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
    /// What is known to be written whole, in bytes.
    written: u64,
    /// Where the segment begins that is being written.
    from: u64,
    /// Of that segment. There only if somebody is to be told.
    hasher: Option<Sha256>,
    failed: bool,
}

impl Spool {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            written: 0,
            from: 0,
            hasher: None,
            failed: false,
        }
    }

    /// From here on, digests of segments are made. Nothing must have been written before.
    pub(crate) fn hash(&mut self) {
        self.hasher = Some(Sha256::new());
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Size of the file in bytes.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Bytes of the segment that is being written.
    pub(crate) const fn segment_bytes(&self) -> u64 {
        self.written.saturating_sub(self.from)
    }

    pub(crate) fn write(
        &mut self,
        bytes: &[u8],
        patience: &mut dyn Patience,
    ) -> Result<(), TapError> {
        if self.failed {
            return Err(TapError::Failed);
        }
        match put(&self.file, bytes, patience) {
            Ok(()) => {
                self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                if let Some(hasher) = &mut self.hasher {
                    hasher.update(bytes);
                }
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                // A file that ends with a whole instruction is worth more than one that does not;
                // where even that fails, readers cope with a cut one.
                let _ = self.file.set_len(self.written);
                Err(write_error(&error))
            }
        }
    }

    /// Ends the segment, and says what it is if digests are made.
    pub(crate) fn end_segment(&mut self) -> Option<Extent> {
        let from = std::mem::replace(&mut self.from, self.written);
        let hasher = self.hasher.as_mut()?;
        Some(Extent {
            from,
            to: self.written,
            sha256: Hex(hasher.finalize_reset().into()),
        })
    }
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
        let mut spool = Spool::new(full);
        let no_space = TapError::Write {
            os_error: Some(rustix::io::Errno::NOSPC.raw_os_error()),
        };
        assert_eq!(spool.write(b"x", &mut patience), Err(no_space));
        assert_eq!(patience.0, 0);
        assert_eq!(spool.write(b"x", &mut patience), Err(TapError::Failed));
    }
}
