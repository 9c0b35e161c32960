//! The recording on its way through the sealer.

use guac_policy::TapError;

use crate::seal::{Recipients, SealError, Sealer};
use crate::tally::Tally;

/// Most memory that is kept from one batch to the next, in bytes. Most frames are smaller.
const BUFFER_KEPT: usize = 512 * 1_024;

/// Seals what is written, and knows what it was.
pub(crate) struct Sealing {
    sealer: Sealer,
    /// What was sealed last.
    sealed: Vec<u8>,
    /// What is known to be in the file, as it was before it was sealed.
    pub(crate) plain: Tally,
}

impl Sealing {
    pub(crate) fn new(recipients: Recipients) -> Self {
        Self {
            sealer: Sealer::new(recipients),
            sealed: Vec::new(),
            plain: Tally::default(),
        }
    }

    /// A batch as it goes into the file.
    pub(crate) fn batch(&mut self, plain: &[u8]) -> Result<&[u8], TapError> {
        self.clear();
        let sealed = self.sealer.batch(plain, &mut self.sealed);
        sealed.map_err(|error| tap_error(&error))?;
        Ok(&self.sealed)
    }

    /// What a segment ends with; nothing if none has begun.
    pub(crate) fn end_segment(&mut self) -> Result<&[u8], TapError> {
        self.clear();
        let sealed = self.sealer.end_segment(&mut self.sealed);
        sealed.map_err(|error| tap_error(&error))?;
        Ok(&self.sealed)
    }

    fn clear(&mut self) {
        self.sealed.clear();
        self.sealed.shrink_to(BUFFER_KEPT);
    }
}

fn tap_error(_error: &SealError) -> TapError {
    TapError::Seal
}
