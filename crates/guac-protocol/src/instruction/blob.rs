//! The data of a `blob`.

use crate::wire::{Base64Error, decode_base64};

/// The data of a `blob`: raw bytes on their way out, or base64 as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobData<'a> {
    /// Raw bytes, encoded when they are written.
    Raw(&'a [u8]),
    /// Base64 as it stands on the wire.
    Base64(&'a str),
}

impl BlobData<'_> {
    /// Appends the raw bytes to `out`: those of one blob, so at most 6144.
    ///
    /// # Errors
    ///
    /// When received data is not base64. Then `out` is as it was.
    pub fn decode(&self, out: &mut Vec<u8>) -> Result<(), Base64Error> {
        match self {
            Self::Raw(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Self::Base64(text) => decode_base64(text, out),
        }
    }
}
