//! Where a policy comes from, line by line.

use std::collections::BTreeMap;
use std::fmt;

use super::Key;

/// Where a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    file: Option<String>,
    digest: Option<Digest>,
    lines: BTreeMap<Key, u32>,
}

/// SHA-256 of a policy document's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl Origin {
    /// A document of this name: its digest, and the lines, counted from 1, of what it sets.
    #[must_use]
    pub const fn new(file: String, digest: Digest, lines: BTreeMap<Key, u32>) -> Self {
        Self {
            file: Some(file),
            digest: Some(digest),
            lines,
        }
    }

    /// The document's name as it was given; `None` for the policy that is built in.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The document's digest.
    #[must_use]
    pub const fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The line that sets this, if any does.
    #[must_use]
    pub fn line(&self, key: Key) -> Option<u32> {
        self.lines.get(&key).copied()
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
