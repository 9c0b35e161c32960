//! Writing sealed segments.

use std::fmt;
use std::io;

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::RECORD_PLAIN_MAX;
use super::format::{HEAD_BYTES, Header, Kind, TAG_BYTES, associated, head, nonce, seal};
use super::keys::{KEY_BYTES, Recipients};

/// How hard zstd tries. What a recording holds most of, compressed images in base64, gets no smaller with
/// more: see `docs/adr/0005-sealed-recordings.md` for the figures.
const LEVEL: i32 = 1;

/// How far back compression looks, as a power of two: texts repeat within that, images do not at all, and
/// each recording holds a window of this size in memory.
const WINDOW_LOG: u32 = 18;

/// Seals one recording, segment by segment.
///
/// What it appends is to be written in that order. A segment begins by itself with the first batch after
/// the one before ended.
pub struct Sealer {
    recipients: Recipients,
    encoder: Option<Encoder<'static>>,
    /// Segments begun.
    segments: u64,
    /// What stands for the last segment that ended.
    previous: [u8; 32],
    open: Option<Segment>,
    failed: bool,
}

/// Why nothing was sealed. The sealer is of no use any more: what it has sealed before is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The operating system gave no randomness.
    #[error("there is no randomness for a key")]
    Randomness,
    /// The segment's key could not be wrapped.
    #[error("the segment's key could not be wrapped for the recipients")]
    Wrap,
    /// Compression failed, as for want of memory.
    #[error("the batch could not be compressed")]
    Compression,
    /// Encryption failed.
    #[error("the batch could not be encrypted")]
    Encryption,
    /// Sealing has failed before.
    #[error("sealing has failed before")]
    Failed,
}

impl Sealer {
    /// Seals for these recipients. No segment is begun.
    #[must_use]
    pub fn new(recipients: Recipients) -> Self {
        Self {
            recipients,
            encoder: None,
            segments: 0,
            previous: [0; 32],
            open: None,
            failed: false,
        }
    }

    /// Appends a batch as one authenticated record, or as several if it is longer than
    /// [`RECORD_PLAIN_MAX`]; before it the header, if it is its segment's first. A batch of nothing
    /// appends nothing.
    ///
    /// # Errors
    /// When it could not be sealed: nothing is appended then.
    pub fn batch(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        if plain.is_empty() {
            return Ok(());
        }
        self.whole_or_nothing(out, |sealer, out| {
            sealer.begin_if_none(out)?;
            for piece in plain.chunks(RECORD_PLAIN_MAX) {
                sealer.record(piece, Kind::More, out)?;
            }
            Ok(())
        })
    }

    /// Ends the segment: appends a last record that says so, and erases the key. Does nothing if no
    /// segment has begun.
    ///
    /// # Errors
    /// When it could not be sealed: nothing is appended then.
    pub fn end_segment(&mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        if self.open.is_none() {
            return Ok(());
        }
        self.whole_or_nothing(out, |sealer, out| {
            sealer.record(&[], Kind::Last, out)?;
            if let Some(segment) = sealer.open.take() {
                sealer.previous = seal(&segment.header, &segment.last_tag);
            }
            Ok(())
        })
    }

    fn whole_or_nothing(
        &mut self,
        out: &mut Vec<u8>,
        append: impl FnOnce(&mut Self, &mut Vec<u8>) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        if self.failed {
            return Err(SealError::Failed);
        }
        let before = out.len();
        let appended = append(self, out);
        if appended.is_err() {
            out.truncate(before);
            self.failed = true;
            self.open = None;
        }
        appended
    }

    fn begin_if_none(&mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        if self.open.is_some() {
            return Ok(());
        }
        self.begin_frame().map_err(|_| SealError::Compression)?;
        self.segments += 1;
        let segment = Segment::begin(self.segments, self.previous, &self.recipients, out)?;
        self.open = Some(segment);
        Ok(())
    }

    /// Each segment is compressed by itself, so that it can be read without the ones before.
    fn begin_frame(&mut self) -> io::Result<()> {
        if let Some(encoder) = &mut self.encoder {
            return encoder.reinit();
        }
        let mut encoder = Encoder::new(LEVEL)?;
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        self.encoder = Some(encoder);
        Ok(())
    }

    fn record(&mut self, plain: &[u8], kind: Kind, out: &mut Vec<u8>) -> Result<(), SealError> {
        let (Some(encoder), Some(segment)) = (&mut self.encoder, &mut self.open) else {
            return Err(SealError::Failed);
        };
        let start = out.len();
        out.extend_from_slice(&[0; HEAD_BYTES]);
        compress(encoder, plain, kind, out).map_err(|_| SealError::Compression)?;
        segment.encrypt(start, kind, out)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("recipients", &self.recipients)
            .field("segments", &self.segments)
            .field("open", &self.open.is_some())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// A segment that has begun. The cipher erases its key when it is dropped.
struct Segment {
    cipher: ChaCha20Poly1305,
    /// The digest of the header.
    header: [u8; 32],
    records: u64,
    last_tag: [u8; TAG_BYTES],
}

impl Segment {
    fn begin(
        number: u64,
        previous: [u8; 32],
        recipients: &Recipients,
        out: &mut Vec<u8>,
    ) -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut()).map_err(|_| SealError::Randomness)?;
        let wrapped = recipients.wrap(&key).ok_or(SealError::Wrap)?;
        let header = Header {
            segment: number,
            previous,
            wrapped: u32::try_from(wrapped.len()).map_err(|_| SealError::Wrap)?,
        };
        let start = out.len();
        header.write(out);
        out.extend_from_slice(&wrapped);
        Ok(Self {
            cipher: ChaCha20Poly1305::new(<&Key>::from(&*key)),
            header: Sha256::digest(out.get(start..).unwrap_or_default()).into(),
            records: 0,
            last_tag: [0; TAG_BYTES],
        })
    }

    /// Encrypts what stands behind the head that begins at `start`, fills that in and appends the tag.
    fn encrypt(&mut self, start: usize, kind: Kind, out: &mut Vec<u8>) -> Result<(), SealError> {
        let record = out.get_mut(start..).unwrap_or_default();
        let (into, body) = record
            .split_first_chunk_mut::<HEAD_BYTES>()
            .ok_or(SealError::Encryption)?;
        let head = head(body.len() + TAG_BYTES, kind).ok_or(SealError::Encryption)?;
        *into = head;
        let associated = associated(&self.header, head);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(self.records), &associated, body.into())
            .map_err(|_| SealError::Encryption)?;
        self.last_tag = tag.into();
        self.records += 1;
        out.extend_from_slice(&self.last_tag);
        Ok(())
    }
}

/// Appends what zstd makes of a batch, to its last byte, so that it can be read without what comes after.
fn compress(
    encoder: &mut Encoder<'_>,
    plain: &[u8],
    kind: Kind,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    /// What a batch may need beyond zstd's bound for its length: a frame's header and an empty block.
    const BEYOND: usize = 64;
    let mut input = InBuffer::around(plain);
    loop {
        let left = plain.len().saturating_sub(input.pos());
        out.reserve(zstd::zstd_safe::compress_bound(left) + BEYOND);
        let start = out.len();
        let mut output = OutBuffer::around_pos(out, start);
        let rest = match kind {
            _ if 0 < left => {
                encoder.run(&mut input, &mut output)?;
                continue;
            }
            Kind::More => encoder.flush(&mut output)?,
            Kind::Last => encoder.finish(&mut output, true)?,
        };
        if rest == 0 {
            return Ok(());
        }
    }
}
