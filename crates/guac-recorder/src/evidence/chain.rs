//! Signatures and digests from line to line.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Entry, Hex, Line, VERSION};

/// What stands between a line's content and its signature.
const BEFORE: &[u8] = b",\"signature\":\"";
const AFTER: &[u8] = b"\"}";
/// Hexadecimal digits of a signature.
const DIGITS: usize = 2 * ed25519_dalek::SIGNATURE_LENGTH;

/// What is wrong with a line of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// The line is longer than [`LINE_MAX_BYTES`](super::LINE_MAX_BYTES).
    #[error("it is longer than {} bytes", super::LINE_MAX_BYTES)]
    TooLong,
    /// It is not a signed line of evidence.
    #[error("it is not a signed line of evidence")]
    Malformed,
    /// It is of a version that this verifier does not know.
    #[error("it is of version {version}, which this verifier does not know")]
    Version {
        /// Which.
        version: u32,
    },
    /// It does not have the number that it should.
    #[error("it has the number {found}")]
    Number {
        /// What it has.
        found: u64,
    },
    /// It does not follow the line before it.
    #[error("it does not follow the line before it")]
    Previous,
    /// The signature is not that of the key which the line before names.
    #[error("its signature is not that of the key which was named for it")]
    Signature,
    /// A line stands where it cannot: a beginning in the middle, or anything after the end.
    #[error("it stands where no such line can")]
    Place,
}

/// The keys of a chain that is being written.
pub(super) struct Signing {
    key: SigningKey,
    previous: Hex<32>,
    line: u64,
}

impl Signing {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            key: new_key()?,
            previous: Hex([0; 32]),
            line: 0,
        })
    }

    /// The digest of the last line and its number; `None` before the first.
    pub(super) fn head(&self) -> Option<(u64, Hex<32>)> {
        Some((self.line.checked_sub(1)?, self.previous))
    }

    pub(super) fn public(&self) -> Hex<32> {
        Hex(self.key.verifying_key().to_bytes())
    }

    /// A signed line with its end. Its key is erased, and the next one is certified in it.
    pub(super) fn sign(
        &mut self,
        (wall, monotonic_ms): (String, u64),
        entry: Entry,
    ) -> Result<Vec<u8>, getrandom::Error> {
        let next = match entry {
            Entry::End(_) => None,
            Entry::Begin(_) | Entry::Segment(_) => Some(new_key()?),
        };
        let line = Line {
            version: VERSION,
            line: self.line,
            wall,
            monotonic_ms,
            previous: self.previous,
            key: (self.line == 0).then(|| self.public()),
            next_key: next.as_ref().map(|key| Hex(key.verifying_key().to_bytes())),
            entry,
        };
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        // The brace that closes it comes after the signature.
        text.pop();
        let signature = Hex(self.key.sign(&text).to_bytes());
        text.extend_from_slice(BEFORE);
        text.extend_from_slice(signature.to_string().as_bytes());
        text.extend_from_slice(AFTER);
        self.previous = digest(&text);
        self.line += 1;
        // The old key is overwritten as it is dropped.
        if let Some(next) = next {
            self.key = next;
        }
        text.push(b'\n');
        Ok(text)
    }
}

fn new_key() -> Result<SigningKey, getrandom::Error> {
    let mut secret = Zeroizing::new([0; ed25519_dalek::SECRET_KEY_LENGTH]);
    getrandom::fill(&mut *secret)?;
    Ok(SigningKey::from_bytes(&secret))
}

pub(super) fn digest(bytes: &[u8]) -> Hex<32> {
    Hex(Sha256::digest(bytes).into())
}

/// The state of a chain that is being read.
#[derive(Debug, Default)]
pub(super) struct Checking {
    /// What the next line has to be signed with; none before the first line, which brings its own, and
    /// after the last.
    key: Option<Hex<32>>,
    previous: Option<Hex<32>>,
    line: u64,
    ended: bool,
}

impl Checking {
    /// The next line, if it is the one that has to come here.
    pub(super) fn check(&mut self, text: &[u8]) -> Result<Line, ChainFault> {
        let (signed, signature) = split(text).ok_or(ChainFault::Malformed)?;
        let line = parse(signed)?;
        if line.version != VERSION {
            let version = line.version;
            return Err(ChainFault::Version { version });
        }
        if line.line != self.line {
            return Err(ChainFault::Number { found: line.line });
        }
        if line.previous != self.previous.unwrap_or(Hex([0; 32])) {
            return Err(ChainFault::Previous);
        }
        self.check_place(&line)?;
        let key = self.key.or(line.key).ok_or(ChainFault::Place)?;
        verify_signature(key, signed, signature)?;
        self.ended = matches!(line.entry, Entry::End(_));
        self.key = line.next_key;
        self.previous = Some(digest(text));
        self.line += 1;
        Ok(line)
    }

    /// Only the first line begins, only the last has no key after it.
    fn check_place(&self, line: &Line) -> Result<(), ChainFault> {
        let is_first = self.line == 0;
        let begins = matches!(line.entry, Entry::Begin(_));
        let ends = matches!(line.entry, Entry::End(_));
        let fits = !self.ended
            && begins == is_first
            && line.key.is_some() == is_first
            && line.next_key.is_none() == ends;
        if fits { Ok(()) } else { Err(ChainFault::Place) }
    }

    /// How many lines were good.
    pub(super) const fn lines(&self) -> u64 {
        self.line
    }
}

/// What is signed, and the signature.
fn split(text: &[u8]) -> Option<(&[u8], Signature)> {
    let rest = text.strip_suffix(AFTER)?;
    let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    let signed = rest.strip_suffix(BEFORE)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let signature: Hex<{ ed25519_dalek::SIGNATURE_LENGTH }> = Hex::parse(digits)?;
    Some((signed, Signature::from_bytes(&signature.0)))
}

fn parse(signed: &[u8]) -> Result<Line, ChainFault> {
    let mut whole = signed.to_vec();
    whole.push(b'}');
    serde_json::from_slice(&whole).map_err(|_error| ChainFault::Malformed)
}

fn verify_signature(key: Hex<32>, signed: &[u8], signature: Signature) -> Result<(), ChainFault> {
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_error| ChainFault::Signature)?;
    key.verify_strict(signed, &signature)
        .map_err(|_error| ChainFault::Signature)
}
