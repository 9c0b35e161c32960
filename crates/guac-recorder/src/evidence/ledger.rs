//! Writing an evidence file.

use std::fmt;
use std::io;

use super::chain::Signing;
use super::{Begin, Close, Entry, Hex, LINE_MAX_BYTES, Segment};

/// A moment on two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time of day.
    pub wall: jiff::Timestamp,
    /// The machine's monotonic clock, in milliseconds.
    pub monotonic_ms: u64,
}

impl Moment {
    fn told(self) -> (String, u64) {
        (format!("{:.3}", self.wall), self.monotonic_ms)
    }
}

/// Something to be kept where whoever controls the daemon cannot reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The number of a line.
    pub line: u64,
    /// SHA-256 of that line.
    pub sha256: Hex<32>,
}

/// Why a line could not be made or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The operating system gave no randomness for a key.
    #[error("no randomness for a key")]
    Randomness,
    /// The line would be longer than [`LINE_MAX_BYTES`].
    #[error("a line of evidence of {bytes} bytes is too long")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The line could not be written.
    #[error("evidence could not be written")]
    Write(#[from] io::Error),
}

/// The chain of one recording. It makes lines; where they are kept is its owner's to say.
pub struct Ledger {
    signing: Signing,
    first_key: Hex<32>,
}

impl Ledger {
    /// Starts a chain and gives its first line with it.
    ///
    /// # Errors
    /// Without randomness, or when the line is too long.
    pub fn begin(begin: Begin, now: Moment) -> Result<(Self, Vec<u8>), LedgerError> {
        let signing = Signing::new().map_err(|_error| LedgerError::Randomness)?;
        let mut ledger = Self {
            first_key: signing.public(),
            signing,
        };
        let line = ledger.line(Entry::Begin(begin), now)?;
        Ok((ledger, line))
    }

    /// The line of a closed segment.
    ///
    /// # Errors
    /// Without randomness, or when the line is too long.
    pub fn segment(&mut self, segment: Segment, now: Moment) -> Result<Vec<u8>, LedgerError> {
        self.line(Entry::Segment(segment), now)
    }

    /// The last line. What is made after it, no verifier accepts.
    ///
    /// # Errors
    /// When the line is too long.
    pub fn end(&mut self, close: Close, now: Moment) -> Result<Vec<u8>, LedgerError> {
        self.line(Entry::End(close), now)
    }

    /// The public key that signs the first line.
    #[must_use]
    pub const fn first_key(&self) -> Hex<32> {
        self.first_key
    }

    /// The line written last.
    #[must_use]
    pub fn head(&self) -> Anchor {
        let (line, sha256) = self.signing.head().unwrap_or((0, Hex([0; 32])));
        Anchor { line, sha256 }
    }

    fn line(&mut self, entry: Entry, now: Moment) -> Result<Vec<u8>, LedgerError> {
        let signed = self.signing.sign(now.told(), entry);
        let line = signed.map_err(|_error| LedgerError::Randomness)?;
        match line.len() {
            bytes if LINE_MAX_BYTES < bytes => Err(LedgerError::TooLong { bytes }),
            _ => Ok(line),
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("head", &self.head())
            .finish_non_exhaustive()
    }
}
