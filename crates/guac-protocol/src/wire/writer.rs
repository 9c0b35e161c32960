//! Instructions to bytes, in the one encoding that every stock parser reads alike.

use thiserror::Error;

use super::base64;
use super::float::Float;
use crate::limits::{
    BLOB_MAX_BYTES, ELEMENT_MAX_CHARACTERS, INSTRUCTION_MAX_ELEMENTS, INSTRUCTION_MAX_INPUT_BYTES,
    INSTRUCTION_MAX_OUTPUT_CHARACTERS,
};

/// Why an instruction was not written. What it was to be appended to is as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The instruction would be longer than its reader can take.
    #[error("the instruction is too long for its reader")]
    InstructionTooLong,
    /// An element would have more than [`ELEMENT_MAX_CHARACTERS`].
    #[error("an element of {characters} characters is too long")]
    ElementTooLong {
        /// How many it would have.
        characters: usize,
    },
    /// The instruction would have more than [`INSTRUCTION_MAX_ELEMENTS`].
    #[error("the instruction has too many elements")]
    TooManyElements,
    /// A `blob` would carry more than [`BLOB_MAX_BYTES`].
    #[error("a blob of {bytes} bytes is too large")]
    BlobTooLarge {
        /// How many it would carry.
        bytes: usize,
    },
    /// A number is infinite or not a number.
    #[error("a number is not finite")]
    NotFinite,
}

/// Who will read the instruction, and so how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The web application's parser is in between:
    /// [`INSTRUCTION_MAX_OUTPUT_CHARACTERS`] UTF-16 units.
    Client,
    /// A daemon directly, as for `connect`: [`INSTRUCTION_MAX_INPUT_BYTES`].
    Daemon,
}

/// Appends one instruction to a buffer, without allocating anything else.
///
/// Elements are given in order; the first thing that does not fit is what
/// [`InstructionWriter::finish`] reports.
#[must_use = "an instruction is complete only when it is finished"]
pub struct InstructionWriter<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    elements: usize,
    /// Bytes written in excess of UTF-16 units.
    excess: usize,
    audience: Audience,
    error: Option<WriteError>,
}

impl<'o> InstructionWriter<'o> {
    /// Appends to `out`.
    pub fn new(out: &'o mut Vec<u8>, audience: Audience) -> Self {
        let start = out.len();
        Self {
            out,
            start,
            elements: 0,
            excess: 0,
            audience,
            error: None,
        }
    }

    /// The first element.
    pub fn opcode(self, opcode: &str) -> Self {
        self.text(opcode)
    }

    /// An element of text.
    pub fn text(mut self, text: &str) -> Self {
        if text.is_ascii() {
            return self.ascii(text.as_bytes());
        }
        let characters = text.chars().count();
        if self.element(characters) {
            let units = text.encode_utf16().count();
            self.excess = self.excess.saturating_add(text.len().saturating_sub(units));
            self.out.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// Elements of text.
    pub fn texts(self, texts: &[&str]) -> Self {
        texts.iter().fold(self, |writer, text| writer.text(text))
    }

    /// An element with a whole number.
    pub fn integer(self, value: impl Into<i64>) -> Self {
        self.decimal(Decimal::new(value.into()))
    }

    /// An element with a number as C's `%.16g` prints it.
    pub fn float(mut self, value: f64) -> Self {
        match Float::new(value) {
            Some(text) => self.ascii(text.as_bytes()),
            None => {
                self.fail(WriteError::NotFinite);
                self
            }
        }
    }

    /// An element with the base64 of `data`.
    pub fn base64(mut self, data: &[u8]) -> Self {
        if BLOB_MAX_BYTES < data.len() {
            self.fail(WriteError::BlobTooLarge { bytes: data.len() });
        } else if self.element(base64::encoded_length(data.len())) {
            base64::encode(data, self.out);
        }
        self
    }

    /// Ends the instruction.
    ///
    /// # Errors
    ///
    /// When a part of it did not fit or all of it is too long. Then nothing was appended.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.out.push(b';');
        let bytes = self.out.len().saturating_sub(self.start);
        let fits = match self.audience {
            Audience::Client => {
                bytes.saturating_sub(self.excess) <= INSTRUCTION_MAX_OUTPUT_CHARACTERS
            }
            Audience::Daemon => bytes <= INSTRUCTION_MAX_INPUT_BYTES,
        };
        if !fits {
            self.fail(WriteError::InstructionTooLong);
        }
        match self.error {
            None => Ok(()),
            Some(error) => {
                self.out.truncate(self.start);
                Err(error)
            }
        }
    }

    fn ascii(mut self, text: &[u8]) -> Self {
        if self.element(text.len()) {
            self.out.extend_from_slice(text);
        }
        self
    }

    fn decimal(self, value: Decimal) -> Self {
        self.ascii(value.as_bytes())
    }

    /// Writes what stands before a value; `false` when the value must not be written.
    fn element(&mut self, characters: usize) -> bool {
        if INSTRUCTION_MAX_ELEMENTS <= self.elements {
            self.fail(WriteError::TooManyElements);
        } else if ELEMENT_MAX_CHARACTERS < characters {
            self.fail(WriteError::ElementTooLong { characters });
        }
        if self.error.is_some() {
            return false;
        }
        if self.elements != 0 {
            self.out.push(b',');
        }
        self.elements = self.elements.saturating_add(1);
        let length = Decimal::new(i64::try_from(characters).unwrap_or(i64::MAX));
        self.out.extend_from_slice(length.as_bytes());
        self.out.push(b'.');
        true
    }

    fn fail(&mut self, error: WriteError) {
        self.error.get_or_insert(error);
    }
}

/// The longest is `i64::MIN`: a sign and 19 digits.
const DECIMAL_MAX: usize = 20;

/// A whole number in decimal.
struct Decimal {
    text: [u8; DECIMAL_MAX],
    start: usize,
}

impl Decimal {
    fn new(value: i64) -> Self {
        let mut text = [b'-'; DECIMAL_MAX];
        let mut start = DECIMAL_MAX;
        let mut rest = value.unsigned_abs();
        for place in text.iter_mut().rev() {
            *place = b'0' | u8::try_from(rest % 10).unwrap_or(0);
            start = start.saturating_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        // What was not overwritten is signs.
        Self {
            text,
            start: start.saturating_sub(usize::from(value < 0)),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }
}
