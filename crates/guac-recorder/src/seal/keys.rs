//! The auditors' keys, and the wrapping of segment keys with them.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::iter;

use age::DecryptError;
use age::x25519;
use zeroize::Zeroizing;

use super::RECIPIENTS_MAX;

/// Bytes of a segment's key.
pub(super) const KEY_BYTES: usize = 32;

/// Most bytes of a list of identities.
const IDENTITIES_MAX_BYTES: usize = 64 * 1_024;

/// The public keys of those who may read a recording: age recipients of the kind `age1…`, which is X25519.
#[derive(Clone)]
pub struct Recipients(Vec<x25519::Recipient>);

/// Why there are no recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// There is none in the list.
    #[error("no recipient is named")]
    None,
    /// There are more than [`RECIPIENTS_MAX`].
    #[error("more than {RECIPIENTS_MAX} recipients are named")]
    TooMany,
    /// One is not an age recipient.
    #[error("recipient {0} is not an X25519 recipient of age (age1…)")]
    Invalid(
        /// Its place in the list, from 1.
        usize,
    ),
}

impl Recipients {
    /// Reads recipients as `age-keygen` prints them.
    ///
    /// # Errors
    /// When one is not of that kind, or there are none or too many.
    pub fn parse(list: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, RecipientError> {
        let mut recipients = Vec::new();
        for text in list {
            if RECIPIENTS_MAX <= recipients.len() {
                return Err(RecipientError::TooMany);
            }
            let recipient = text.as_ref().parse();
            recipients.push(recipient.map_err(|_| RecipientError::Invalid(recipients.len() + 1))?);
        }
        if recipients.is_empty() {
            return Err(RecipientError::None);
        }
        Ok(Self(recipients))
    }

    /// An age file that holds the key.
    pub(super) fn wrap(&self, key: &[u8; KEY_BYTES]) -> Option<Vec<u8>> {
        let recipients = self.0.iter().map(|recipient| recipient as _);
        let encryptor = age::Encryptor::with_recipients(recipients).ok()?;
        let mut writer = encryptor.wrap_output(Vec::new()).ok()?;
        writer.write_all(key).ok()?;
        writer.finish().ok()
    }
}

impl PartialEq for Recipients {
    fn eq(&self, other: &Self) -> bool {
        let texts = |list: &Self| list.0.iter().map(ToString::to_string).collect::<Vec<_>>();
        texts(self) == texts(other)
    }
}

impl Eq for Recipients {}

impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.0.iter().map(ToString::to_string);
        f.debug_list().entries(texts).finish()
    }
}

/// Secret keys of auditors: age identities of the kind `AGE-SECRET-KEY-1…`.
#[derive(Clone)]
pub struct Identities(Vec<x25519::Identity>);

/// Why there are no identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// There is none in the text.
    #[error("no identity is in it")]
    None,
    /// The text is longer than any list of identities is.
    #[error("it is longer than {IDENTITIES_MAX_BYTES} bytes")]
    TooLong,
    /// A line is neither an identity nor a comment.
    #[error("line {0} is not an X25519 identity of age (AGE-SECRET-KEY-1…)")]
    Invalid(
        /// The line, from 1.
        usize,
    ),
}

impl Identities {
    /// Reads identities as `age-keygen` writes them: one a line; empty lines and those that begin with `#`
    /// say nothing.
    ///
    /// # Errors
    /// When there are none, or a line is something else. It does not tell the line's text.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        if IDENTITIES_MAX_BYTES < text.len() {
            return Err(IdentityError::TooLong);
        }
        let mut identities = Vec::new();
        for (number, line) in iter::zip(1.., text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            identities.push(line.parse().map_err(|_| IdentityError::Invalid(number))?);
        }
        if identities.is_empty() {
            return Err(IdentityError::None);
        }
        Ok(Self(identities))
    }

    /// The key that an age file holds.
    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, Locked> {
        let decryptor = age::Decryptor::new(wrapped).map_err(|_| Locked::Damaged)?;
        let identities = self.0.iter().map(|identity| identity as _);
        let mut reader = decryptor.decrypt(identities).map_err(|error| match error {
            DecryptError::NoMatchingKeys => Locked::NotOurs,
            _ => Locked::Damaged,
        })?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        reader
            .read_exact(key.as_mut())
            .map_err(|_| Locked::Damaged)?;
        match reader.read(&mut [0]) {
            Ok(0) => Ok(key),
            _ => Err(Locked::Damaged),
        }
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities")
            .field("count", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// Why a key was not unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locked {
    /// It is for others.
    NotOurs,
    /// It is not what was written.
    Damaged,
}
