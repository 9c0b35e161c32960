//! Finds the end of an instruction, a piece at a time.
//!
//! The scanner looks at each byte once: when it runs out of input it keeps its place, and goes on
//! from there when more has arrived. What it reports depends on the bytes only, never on how they
//! were cut into pieces.

use thiserror::Error;

use crate::limits::{
    ELEMENT_MAX_CHARACTERS, INSTRUCTION_MAX_ELEMENTS, INSTRUCTION_MAX_INPUT_BYTES,
    LENGTH_MAX_DIGITS,
};

/// Why bytes are not an instruction. The stream has no point to resume from after any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Something other than a digit or `.` stands in an element's length.
    #[error("the length of an element is not a number")]
    LengthNotANumber,
    /// An element's length has more than [`LENGTH_MAX_DIGITS`] digits.
    #[error("the length of an element has too many digits")]
    LengthTooLong,
    /// An element claims more than [`ELEMENT_MAX_CHARACTERS`].
    #[error("an element claims {characters} characters")]
    ElementTooLong {
        /// How many it claims.
        characters: u64,
    },
    /// The text is not UTF-8.
    #[error("the text is not UTF-8")]
    InvalidUtf8,
    /// Something other than `,` or `;` stands after an element, as when its length is wrong.
    #[error("an element is not followed by a comma or semicolon")]
    WrongTerminator,
    /// The instruction has more than [`INSTRUCTION_MAX_ELEMENTS`].
    #[error("an instruction has too many elements")]
    TooManyElements,
    /// The instruction does not fit [`INSTRUCTION_MAX_INPUT_BYTES`].
    #[error("an instruction is too long")]
    InstructionTooLong,
}

/// A complete instruction at the start of what was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Bytes, the `;` included.
    pub(super) length: usize,
    /// Elements, the opcode included.
    pub(super) elements: usize,
    /// Whether all of it is ASCII.
    pub(super) ascii: bool,
}

#[derive(Debug, Clone, Copy)]
enum Expect {
    /// Digits of a length or its `.`.
    Length { digits: usize, value: u64 },
    /// This many more code points of a value.
    Value { characters: usize },
    /// The `,` or `;` after a value.
    Terminator,
}

const START: Expect = Expect::Length {
    digits: 0,
    value: 0,
};

/// The place reached within one instruction.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    /// Bytes of the instruction that need not be looked at again.
    position: usize,
    elements: usize,
    ascii: bool,
    expect: Expect,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// At the start of an instruction.
    pub(super) const fn new() -> Self {
        Self {
            position: 0,
            elements: 1,
            ascii: true,
            expect: START,
        }
    }

    /// Goes on in `input`, which begins where the instruction begins and holds at least what it
    /// held in the previous call. Gives `None` when the instruction's end is not in it yet.
    pub(super) fn scan(&mut self, input: &[u8]) -> Result<Option<Frame>, ParseError> {
        let bounded = input.get(..INSTRUCTION_MAX_INPUT_BYTES).unwrap_or(input);
        while let Some(rest) = bounded.get(self.position..).filter(|rest| !rest.is_empty()) {
            match self.expect {
                Expect::Length { digits, value } => self.length(rest, digits, value)?,
                Expect::Value { characters } => {
                    if !self.value(rest, characters)? {
                        break;
                    }
                }
                Expect::Terminator => {
                    if let Some(frame) = self.terminator(rest)? {
                        return Ok(Some(frame));
                    }
                }
            }
        }
        if bounded.len() < INSTRUCTION_MAX_INPUT_BYTES {
            Ok(None)
        } else {
            Err(ParseError::InstructionTooLong)
        }
    }

    fn length(&mut self, rest: &[u8], mut digits: usize, mut value: u64) -> Result<(), ParseError> {
        for byte in rest {
            self.advance(1);
            match byte {
                b'0'..=b'9' if digits < LENGTH_MAX_DIGITS => {
                    digits = digits.saturating_add(1);
                    value = value
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte & 0x0f));
                }
                b'0'..=b'9' => return Err(ParseError::LengthTooLong),
                b'.' => {
                    let characters = usize::try_from(value).unwrap_or(usize::MAX);
                    if ELEMENT_MAX_CHARACTERS < characters {
                        return Err(ParseError::ElementTooLong { characters: value });
                    }
                    self.expect = match characters {
                        0 => Expect::Terminator,
                        _ => Expect::Value { characters },
                    };
                    return Ok(());
                }
                _ => return Err(ParseError::LengthNotANumber),
            }
        }
        self.expect = Expect::Length { digits, value };
        Ok(())
    }

    /// Gives `false` when only a part of a character is left.
    fn value(&mut self, rest: &[u8], characters: usize) -> Result<bool, ParseError> {
        // As many bytes as characters are missing can never be more than the value: no need to
        // know yet how many bytes it has.
        let window = rest.get(..characters).unwrap_or(rest);
        let (bytes, taken) = if window.is_ascii() {
            (window.len(), window.len())
        } else {
            self.ascii = false;
            match whole_characters(window)? {
                (0, _) => first_character(rest)?,
                whole => whole,
            }
        };
        self.advance(bytes);
        self.expect = match characters.saturating_sub(taken) {
            0 => Expect::Terminator,
            characters => Expect::Value { characters },
        };
        Ok(bytes != 0)
    }

    fn terminator(&mut self, rest: &[u8]) -> Result<Option<Frame>, ParseError> {
        match rest.first() {
            Some(b';') => {
                self.advance(1);
                let frame = Frame {
                    length: self.position,
                    elements: self.elements,
                    ascii: self.ascii,
                };
                *self = Self::new();
                Ok(Some(frame))
            }
            Some(b',') if self.elements < INSTRUCTION_MAX_ELEMENTS => {
                self.advance(1);
                self.elements = self.elements.saturating_add(1);
                self.expect = START;
                Ok(None)
            }
            Some(b',') => Err(ParseError::TooManyElements),
            _ => Err(ParseError::WrongTerminator),
        }
    }

    /// Positions stay within [`INSTRUCTION_MAX_INPUT_BYTES`], so that this never saturates.
    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes);
    }
}

/// Bytes and count of the whole characters at the start of `window`; what follows them may be the
/// start of one more.
fn whole_characters(window: &[u8]) -> Result<(usize, usize), ParseError> {
    let text = match str::from_utf8(window) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => window
            .get(..error.valid_up_to())
            .and_then(|valid| str::from_utf8(valid).ok())
            .ok_or(ParseError::InvalidUtf8)?,
        Err(_) => return Err(ParseError::InvalidUtf8),
    };
    Ok((text.len(), text.chars().count()))
}

/// The same for the one character that `rest` starts with, (0, 0) when it is not complete.
fn first_character(rest: &[u8]) -> Result<(usize, usize), ParseError> {
    for width in 1..=4 {
        let Some(candidate) = rest.get(..width) else {
            break;
        };
        if let (bytes @ 1.., count) = whole_characters(candidate)? {
            return Ok((bytes, count));
        }
    }
    Ok((0, 0))
}
