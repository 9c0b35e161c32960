//! How many bytes there are, and which of them are of the segment that is being written.

use sha2::{Digest as _, Sha256};

use crate::evidence::{Extent, Hex};

/// Bytes that have been written one after the other, in segments.
#[derive(Default)]
pub(crate) struct Tally {
    bytes: u64,
    /// Where the segment begins that is being written.
    from: u64,
    /// Of that segment. There only if somebody is to be told.
    hasher: Option<Sha256>,
}

impl Tally {
    /// From here on, digests of segments are made. Nothing must have been added before.
    pub(crate) fn hash(&mut self) {
        self.hasher = Some(Sha256::new());
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) const fn segment_start(&self) -> u64 {
        self.from
    }

    pub(crate) const fn segment_bytes(&self) -> u64 {
        self.bytes.saturating_sub(self.from)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    /// Ends the segment, and says what it is if digests are made.
    pub(crate) fn end_segment(&mut self) -> Option<Extent> {
        let from = std::mem::replace(&mut self.from, self.bytes);
        let hasher = self.hasher.as_mut()?;
        Some(Extent {
            from,
            to: self.bytes,
            sha256: Hex(hasher.finalize_reset().into()),
        })
    }
}
