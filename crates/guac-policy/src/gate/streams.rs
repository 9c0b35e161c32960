//! The input streams of one viewer, and the bodies collected in them.

use std::collections::BTreeMap;
use std::fmt;

use guac_protocol::StreamIndex;
use guac_protocol::wire::decode_base64;
use zeroize::Zeroizing;

use super::ReplyBudget;
use crate::decision::{Action, Rule};

/// A stream that a client has opened. A refused one stays formally open until its `end`.
#[derive(Debug)]
pub(super) enum Stream {
    /// Its data is refused.
    Refused {
        action: Action,
        rule: Rule,
        replies: ReplyBudget,
    },
    /// A newer stream of the same kind took its place; its data is dropped without an answer.
    Superseded(Action),
    /// Text for the desktop.
    Clipboard(Body),
    /// A parameter that was asked for.
    Parameter { name: &'static str, body: Body },
}

/// Open streams by index. The caller has checked the index, which bounds their number; only one
/// collects clipboard text and one each a parameter, which bounds their bytes.
#[derive(Debug, Default)]
pub(super) struct InputStreams {
    open: BTreeMap<u16, Stream>,
}

impl InputStreams {
    pub(super) fn open(&mut self, index: u16, stream: Stream) {
        self.open.insert(index, stream);
    }

    pub(super) fn get_mut(&mut self, stream: StreamIndex) -> Option<&mut Stream> {
        self.open.get_mut(&u16::try_from(stream.0).ok()?)
    }

    pub(super) fn close(&mut self, stream: StreamIndex) -> Option<Stream> {
        self.open.remove(&u16::try_from(stream.0).ok()?)
    }

    /// Drops what older streams collected for the clipboard, or for the parameter of this name.
    pub(super) fn supersede(&mut self, action: Action, parameter: Option<&'static str>) {
        for stream in self.open.values_mut() {
            let replaced = match stream {
                Stream::Clipboard(_) => action == Action::Clipboard,
                Stream::Parameter { name, .. } => Some(*name) == parameter,
                Stream::Refused { .. } | Stream::Superseded(_) => false,
            };
            if replaced {
                *stream = Stream::Superseded(action);
            }
        }
    }
}

/// The data of a stream, decoded and bounded. It is overwritten when it is dropped.
pub(super) struct Body {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
}

/// Why data was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It would be longer than the limit.
    TooLong,
    /// It is not base64.
    Malformed,
}

impl Body {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::new()),
            limit,
        }
    }

    /// Decodes one blob onto the end.
    pub(super) fn append(&mut self, base64: &str) -> Result<(), BodyError> {
        let mut decoded = Zeroizing::new(Vec::with_capacity(base64.len().div_ceil(4) * 3));
        decode_base64(base64, &mut decoded).map_err(|_| BodyError::Malformed)?;
        if self.limit - self.bytes.len() < decoded.len() {
            return Err(BodyError::TooLong);
        }
        self.extend(&decoded);
        Ok(())
    }

    /// The body as text, or its length if it is not UTF-8, nor what the stock client makes of it.
    pub(super) fn into_text(mut self) -> Result<String, usize> {
        let length = self.bytes.len();
        join_surrogates(&mut self.bytes);
        String::from_utf8(std::mem::take(&mut *self.bytes)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            length
        })
    }

    /// Grows by moving into a new buffer, so that the old one is overwritten rather than freed as is.
    fn extend(&mut self, decoded: &[u8]) {
        let needed = self.bytes.len() + decoded.len();
        if self.bytes.capacity() < needed {
            let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(self.bytes.len() * 2)));
            grown.extend_from_slice(&self.bytes);
            self.bytes = grown;
        }
        self.bytes.extend_from_slice(decoded);
    }
}

/// Makes UTF-8 of what the stock client writes for a character beyond U+FFFF: the two halves that
/// it has in UTF-16, three bytes each. In UTF-8 neither occurs, so that nothing else is changed.
fn join_surrogates(bytes: &mut Zeroizing<Vec<u8>>) {
    let mut joined = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes.as_slice();
    while let [first, after @ ..] = rest {
        if let Some((character, after)) = surrogate_pair(rest) {
            joined.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        } else {
            joined.push(*first);
            rest = after;
        }
    }
    std::mem::swap(bytes, &mut joined);
}

/// The character that a text begins with in this form, and what follows it.
fn surrogate_pair(bytes: &[u8]) -> Option<(char, &[u8])> {
    let (pair, after) = bytes.split_first_chunk()?;
    let &[
        0xed,
        high_1 @ 0xa0..=0xaf,
        high_2 @ 0x80..=0xbf,
        0xed,
        low_1 @ 0xb0..=0xbf,
        low_2 @ 0x80..=0xbf,
    ] = pair
    else {
        return None;
    };
    let half = |first: u8, second: u8| (u32::from(first & 0x0f) << 6) | u32::from(second & 0x3f);
    let code = 0x1_0000 + (half(high_1, high_2) << 10) + half(low_1, low_2);
    Some((char::from_u32(code)?, after))
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} of {} bytes)", self.bytes.len(), self.limit)
    }
}
