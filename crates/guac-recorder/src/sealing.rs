//! The recording on its way through the sealer.

use guac_policy::TapError;

use crate::seal::{Recipients, SealError, Sealer};
use crate::tally::Tally;

/// Most memory that is kept from one batch to the next, in bytes. Most frames are smaller.
const BUFFER_KEPT: usize = 512 * 1_024;

/// Seals what is written, and knows what it was.
pub(crate) struct Sealing {
    sealer: Sealer,
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

    /// Seals pieces of a batch, each but the last as the end of its segment, and says where in
    /// [`Sealing::sealed`] each ends.
    pub(crate) fn batches(
        &mut self,
        pieces: &mut dyn Iterator<Item = &[u8]>,
    ) -> Result<Vec<usize>, TapError> {
        self.clear();
        let mut ends = Vec::new();
        for piece in pieces {
            if let Some(end) = ends.last_mut() {
                self.end()?;
                *end = self.sealed.len();
            }
            let sealed = self.sealer.batch(piece, &mut self.sealed);
            sealed.map_err(|error| tap_error(&error))?;
            ends.push(self.sealed.len());
        }
        Ok(ends)
    }

    /// Seals what a segment ends with; nothing if none has begun.
    pub(crate) fn end_segment(&mut self) -> Result<(), TapError> {
        self.clear();
        self.end()
    }

    /// What was sealed last.
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// Lends what was sealed last.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.sealed)
    }

    pub(crate) fn give_back(&mut self, sealed: Vec<u8>) {
        self.sealed = sealed;
    }

    fn end(&mut self) -> Result<(), TapError> {
        let ended = self.sealer.end_segment(&mut self.sealed);
        ended.map_err(|error| tap_error(&error))
    }

    fn clear(&mut self) {
        self.sealed.clear();
        self.sealed.shrink_to(BUFFER_KEPT);
    }
}

fn tap_error(_error: &SealError) -> TapError {
    TapError::Seal
}
