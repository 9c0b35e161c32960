//! Reading sealed segments.

use std::fmt;
use std::io::{self, Read};

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key};
use sha2::{Digest as _, Sha256};

use super::decoder::Decoder;
use super::format::{
    Damage, HEAD_BYTES, HEADER_BYTES, Header, Kind, TAG_BYTES, associated, nonce, read_head, seal,
};
use super::keys::{Identities, Locked};

/// Reads a sealed recording and gives what was sealed.
///
/// Nothing is given that was not authenticated. Memory is bounded by one record, whatever the file holds.
/// A file that is cut ends the reading without an error, and [`Unsealer::cut`] tells of it; anything else
/// that is wrong is an error, an [`UnsealError`] within the [`io::Error`], after all that stands before it
/// was given.
pub struct Unsealer<R> {
    source: R,
    identities: Identities,
    /// Bytes taken from the source.
    offset: u64,
    /// Segments begun.
    segments: u64,
    previous: [u8; 32],
    open: Option<Segment>,
    /// What was read last, then what it was decrypted to.
    buffer: Vec<u8>,
    decoder: Decoder,
    /// What was unsealed; of it, this many bytes are given.
    plain: Vec<u8>,
    given: usize,
    end: Option<End>,
}

/// How reading ended.
enum End {
    Clean,
    Cut(Cut),
    Failed(UnsealError),
    /// It failed, and that has been said.
    Told,
}

/// Where a sealed recording was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The segment that is not all there, from 1.
    pub segment: u64,
    /// Where the header or record begins that is not all there, in bytes from the start.
    pub offset: u64,
    /// Bytes of it that are there.
    pub bytes: usize,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            segment,
            offset,
            bytes,
        } = self;
        write!(
            f,
            "segment {segment} is cut at byte {offset}, and {bytes} bytes follow"
        )
    }
}

/// Why reading ended before the file did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// The source could not be read.
    #[error("the sealed recording could not be read")]
    Io(#[from] io::Error),
    /// What is read is no sealed recording.
    #[error("this is not a sealed recording")]
    NotSealed,
    /// The first segment is for others. Where only one of its few recipients is damaged it looks the same.
    #[error("none of the identities opens segment 1")]
    WrongIdentity,
    /// What stands there is not what was sealed. Everything before it is good.
    #[error("segment {segment}, at byte {offset}: {damage}")]
    Damaged {
        /// The segment, from 1.
        segment: u64,
        /// Where the header or record begins, in bytes from the start.
        offset: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// Reading has failed before.
    #[error("unsealing has failed before")]
    Failed,
}

impl UnsealError {
    /// Whether reading an [`Unsealer`] failed since what it reads is not what was sealed.
    #[must_use]
    pub fn is_damage(error: &io::Error) -> bool {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        matches!(inner, Some(Self::Damaged { .. } | Self::NotSealed))
    }
}

impl<R: Read> Unsealer<R> {
    /// Reads from the source's current place, which counts as offset 0.
    pub fn new(source: R, identities: Identities) -> Self {
        Self {
            source,
            identities,
            offset: 0,
            segments: 0,
            previous: [0; 32],
            open: None,
            buffer: Vec::new(),
            decoder: Decoder::new(),
            plain: Vec::new(),
            given: 0,
            end: None,
        }
    }

    /// Where the file is cut; `None` before the end is reached and for one that ends with a whole segment.
    pub fn cut(&self) -> Option<Cut> {
        match self.end {
            Some(End::Cut(cut)) => Some(cut),
            _ => None,
        }
    }

    /// Segments that have begun so far.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// Unseals the next header or record. At the end, whatever kind of end it is, what decompression still
    /// holds back is given too.
    fn advance(&mut self) {
        self.plain.clear();
        self.given = 0;
        let step = match self.open.take() {
            None => self.header(),
            Some(segment) => self.record(segment),
        };
        self.end = match step {
            Ok(None) => return,
            Ok(Some(end)) => Some(end),
            Err(error) => Some(End::Failed(error)),
        };
        self.decoder.drain(&mut self.plain);
    }

    /// Fills the buffer with up to `length` bytes and says whether there were as many. Memory is taken for
    /// those that are there.
    fn fill(&mut self, length: usize) -> Result<bool, io::Error> {
        self.buffer.clear();
        self.fill_more(length)
    }

    fn fill_more(&mut self, length: usize) -> Result<bool, io::Error> {
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        let read = self
            .source
            .by_ref()
            .take(limit)
            .read_to_end(&mut self.buffer)?;
        self.offset += u64::try_from(read).unwrap_or_default();
        Ok(read == length)
    }

    fn header(&mut self) -> Result<Option<End>, UnsealError> {
        let offset = self.offset;
        let whole = self.fill(HEADER_BYTES)?;
        if self.buffer.is_empty() && 0 < self.segments {
            return Ok(Some(End::Clean));
        }
        let expected = self.segments + 1;
        let damaged = |damage| UnsealError::Damaged {
            segment: expected,
            offset,
            damage,
        };
        let Some(fixed) = self.buffer.first_chunk().filter(|_| whole) else {
            return self.cut_header(expected, offset);
        };
        let header = Header::read(fixed).map_err(|damage| match damage {
            Damage::NotASegment if expected == 1 => UnsealError::NotSealed,
            other => damaged(other),
        })?;
        if header.segment != expected {
            return Err(damaged(Damage::Order {
                found: header.segment,
            }));
        }
        if header.previous != self.previous {
            return Err(damaged(Damage::Predecessor));
        }
        if !self.fill_more(usize::try_from(header.wrapped).unwrap_or_default())? {
            return self.cut_header(expected, offset);
        }
        let wrapped = self.buffer.get(HEADER_BYTES..).unwrap_or_default();
        let key = self
            .identities
            .unwrap(wrapped)
            .map_err(|locked| match locked {
                // Who opened the first segment opens all: this one is not as it was.
                Locked::NotOurs if expected == 1 => UnsealError::WrongIdentity,
                Locked::NotOurs | Locked::Damaged => damaged(Damage::WrappedKey),
            })?;
        self.segments = expected;
        self.decoder.begin();
        self.open = Some(Segment {
            cipher: ChaCha20Poly1305::new(<&Key>::from(&*key)),
            header: Sha256::digest(&self.buffer).into(),
            records: 0,
        });
        Ok(None)
    }

    fn cut_header(&self, segment: u64, offset: u64) -> Result<Option<End>, UnsealError> {
        let first = self.buffer.get(..8).unwrap_or(&self.buffer);
        if super::format::MAGIC.starts_with(first) && !first.is_empty() {
            return Ok(Some(self.cut_from(segment, offset)));
        }
        Err(match segment {
            1 => UnsealError::NotSealed,
            _ => UnsealError::Damaged {
                segment,
                offset,
                damage: Damage::NotASegment,
            },
        })
    }

    fn cut_from(&self, segment: u64, offset: u64) -> End {
        let bytes = self.offset.saturating_sub(offset);
        End::Cut(Cut {
            segment,
            offset,
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        })
    }

    fn record(&mut self, mut segment: Segment) -> Result<Option<End>, UnsealError> {
        let offset = self.offset;
        let number = self.segments;
        let damaged = |damage| UnsealError::Damaged {
            segment: number,
            offset,
            damage,
        };
        let whole = self.fill(HEAD_BYTES)?;
        let Some(head) = self.buffer.first_chunk().copied().filter(|_| whole) else {
            return Ok(Some(self.cut_from(number, offset)));
        };
        let (length, kind) = read_head(head).map_err(damaged)?;
        if !self.fill(length)? {
            return Ok(Some(self.cut_from(number, offset)));
        }
        let tag = segment.decrypt(head, &mut self.buffer).map_err(damaged)?;
        self.decoder
            .record(&self.buffer, kind, &mut self.plain)
            .map_err(damaged)?;
        match kind {
            Kind::More => self.open = Some(segment),
            Kind::Last => self.previous = seal(&segment.header, &tag),
        }
        Ok(None)
    }
}

impl<R: Read> Read for Unsealer<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut rest = self.plain.get(self.given..).unwrap_or_default();
            if !rest.is_empty() || into.is_empty() {
                let given = rest.read(into)?;
                self.given += given;
                return Ok(given);
            }
            match &mut self.end {
                None => self.advance(),
                Some(End::Clean | End::Cut(_)) => return Ok(0),
                Some(End::Told) => return Err(io::Error::other(UnsealError::Failed)),
                Some(end @ End::Failed(_)) => {
                    if let End::Failed(error) = std::mem::replace(end, End::Told) {
                        return Err(io::Error::other(error));
                    }
                }
            }
        }
    }
}

impl<R> fmt::Debug for Unsealer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealer")
            .field("offset", &self.offset)
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// A segment that is being read.
struct Segment {
    cipher: ChaCha20Poly1305,
    /// The digest of the header.
    header: [u8; 32],
    records: u64,
}

impl Segment {
    /// Decrypts a record in its place and takes its tag off.
    fn decrypt(
        &mut self,
        head: [u8; HEAD_BYTES],
        body: &mut Vec<u8>,
    ) -> Result<[u8; TAG_BYTES], Damage> {
        let tag = *body.last_chunk().ok_or(Damage::Record)?;
        body.truncate(body.len().saturating_sub(TAG_BYTES));
        let associated = associated(&self.header, head);
        self.cipher
            .decrypt_inout_detached(
                &nonce(self.records),
                &associated,
                body.as_mut_slice().into(),
                &tag.into(),
            )
            .map_err(|_| Damage::Record)?;
        self.records += 1;
        Ok(tag)
    }
}
