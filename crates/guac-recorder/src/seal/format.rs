//! What a sealed segment is made of, as bytes.

use chacha20poly1305::Nonce;
use sha2::{Digest as _, Sha256};

use super::RECORD_PLAIN_MAX;

/// What every segment begins with. A plain recording begins with a digit.
pub(super) const MAGIC: [u8; 8] = *b"guacseal";

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// Bytes of a header before the wrapped key.
pub(super) const HEADER_BYTES: usize = 56;

/// Most bytes of a wrapped key: sixteen recipients need less than three thousand.
pub(super) const WRAPPED_MAX: usize = 8 * 1_024;

/// Bytes of a record before what is encrypted.
pub(super) const HEAD_BYTES: usize = 5;

/// Bytes of a record's authentication.
pub(super) const TAG_BYTES: usize = 16;

/// Most bytes of a record after its head: what does not compress grows by less than this allows.
pub(super) const BODY_MAX: usize = RECORD_PLAIN_MAX + 64 * 1_024;

/// Compression looks back at most this far, in bytes.
pub(super) const WINDOW_MAX: usize = 1 << 20;

/// Whether a file is a sealed recording, by its first bytes: at least eight of them.
#[must_use]
pub fn is_sealed(first: &[u8]) -> bool {
    first.starts_with(&MAGIC)
}

/// What is wrong with a sealed recording at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// No segment begins there.
    #[error("no segment begins there")]
    NotASegment,
    /// The segment is of another version of the format.
    #[error("the segment is of version {0}, which is not known")]
    Version(u32),
    /// Another segment belongs there.
    #[error("segment {found} stands there")]
    Order {
        /// The number of the segment that was found.
        found: u64,
    },
    /// The segment does not follow the one before it.
    #[error("the segment follows another one than that before it")]
    Predecessor,
    /// The wrapped key is longer than any can be.
    #[error("a wrapped key of {0} bytes is too long")]
    WrappedLength(u32),
    /// The wrapped key is not what it was.
    #[error("the segment's key is damaged")]
    WrappedKey,
    /// The record's length is impossible.
    #[error("a record of {0} bytes is impossible")]
    RecordLength(u32),
    /// The record's kind is not known.
    #[error("a record of kind {0} is not known")]
    RecordKind(u8),
    /// The record is not what was sealed there.
    #[error("the record is not what was sealed there")]
    Record,
    /// The record was sealed well and cannot be decompressed.
    #[error("the record cannot be decompressed")]
    Compression,
    /// The record would become larger than any can be.
    #[error("the record is larger than {RECORD_PLAIN_MAX} bytes when decompressed")]
    TooLarge,
}

/// A segment's header, but for the wrapped key after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// From 1.
    pub(super) segment: u64,
    /// The [`seal`] of the segment before it; zeros in the first.
    pub(super) previous: [u8; 32],
    /// Bytes of the wrapped key.
    pub(super) wrapped: u32,
}

impl Header {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.segment.to_be_bytes());
        out.extend_from_slice(&self.previous);
        out.extend_from_slice(&self.wrapped.to_be_bytes());
    }

    pub(super) fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Damage> {
        let (magic, bytes) = split(bytes);
        if *magic != MAGIC {
            return Err(Damage::NotASegment);
        }
        let (version, bytes) = split(bytes);
        let version = u32::from_be_bytes(*version);
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        let (segment, bytes) = split(bytes);
        let (previous, bytes) = split(bytes);
        let (wrapped, _) = split(bytes);
        let wrapped = u32::from_be_bytes(*wrapped);
        if usize::try_from(wrapped).is_ok_and(|length| length <= WRAPPED_MAX) {
            Ok(Self {
                segment: u64::from_be_bytes(*segment),
                previous: *previous,
                wrapped,
            })
        } else {
            Err(Damage::WrappedLength(wrapped))
        }
    }
}

/// The first `N` bytes and the others; zeros where there are not as many.
fn split<const N: usize>(bytes: &[u8]) -> (&[u8; N], &[u8]) {
    bytes.split_first_chunk().unwrap_or((&[0; N], &[]))
}

/// Whether more records follow in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    More,
    Last,
}

/// The head of a record: how many bytes follow it, and of which kind it is.
pub(super) fn head(body_bytes: usize, kind: Kind) -> Option<[u8; HEAD_BYTES]> {
    if BODY_MAX < body_bytes {
        return None;
    }
    let [a, b, c, d] = u32::try_from(body_bytes).ok()?.to_be_bytes();
    Some([a, b, c, d, u8::from(kind == Kind::Last)])
}

/// What a head says.
pub(super) fn read_head(head: [u8; HEAD_BYTES]) -> Result<(usize, Kind), Damage> {
    let [a, b, c, d, kind] = head;
    let claimed = u32::from_be_bytes([a, b, c, d]);
    let kind = match kind {
        0 => Kind::More,
        1 => Kind::Last,
        other => return Err(Damage::RecordKind(other)),
    };
    match usize::try_from(claimed) {
        Ok(length) if (TAG_BYTES..=BODY_MAX).contains(&length) => Ok((length, kind)),
        _ => Err(Damage::RecordLength(claimed)),
    }
}

/// The nonce of the record of this number, from 0. The key is new for each segment, so that none comes
/// twice.
pub(super) fn nonce(record: u64) -> Nonce {
    let mut nonce = [0; 12];
    let (_, counter) = nonce.split_at_mut(4);
    counter.copy_from_slice(&record.to_be_bytes());
    nonce.into()
}

/// What is authenticated with a record: which header it belongs to, its length and its kind.
pub(super) fn associated(header: &[u8; 32], head: [u8; HEAD_BYTES]) -> [u8; 32 + HEAD_BYTES] {
    let mut bytes = [0; 32 + HEAD_BYTES];
    let (first, second) = bytes.split_at_mut(32);
    first.copy_from_slice(header);
    second.copy_from_slice(&head);
    bytes
}

/// What stands for a whole segment in the next one's header.
pub(super) fn seal(header: &[u8; 32], last_tag: &[u8; TAG_BYTES]) -> [u8; 32] {
    Sha256::new()
        .chain_update(header)
        .chain_update(last_tag)
        .finalize()
        .into()
}
