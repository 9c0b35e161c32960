//! The grammar of `guacd.conf`, byte for byte that of the C daemon:
//!
//! ```text
//! line      = blanks [ section | parameter ] blanks [ comment ] end-of-line
//! section   = "[" name "]"
//! parameter = name blanks "=" blanks ( word | quoted )
//! name      = 1 to 255 of A-Z a-z 0-9 _
//! word      = 1 to 8191 bytes other than blanks, CR, LF, "#" and the double quote
//! quoted    = a double quote, bytes, a double quote: a backslash takes the next byte as it is
//! comment   = "#" up to the end of the line
//! ```
//!
//! Blanks are spaces and tabs. Lines end with LF, CR or both. Only here more is taken than the C
//! daemon takes: the last line may lack its end, and a line may be longer than 8 KiB.

use super::ParseError;

/// The most bytes of a section's or parameter's name.
const MAX_NAME_BYTES: usize = 255;
/// The most bytes of a value, as written: a quoted one counts its opening quote and backslashes.
const MAX_VALUE_BYTES: usize = 8191;

/// A line that does not follow the grammar, in the words of the C daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("Names can be no more than 255 characters long")]
    NameTooLong,
    #[error("Values can be no more than 8191 characters long")]
    ValueTooLong,
    #[error("Unquoted values must contain at least one character")]
    EmptyValue,
    #[error("'\"' expected")]
    QuoteExpected,
    #[error("Parameters must have a corresponding section")]
    NoSection,
    #[error("'=' expected")]
    EqualsExpected,
    #[error("Section names must contain at least one character")]
    EmptySectionName,
    #[error("']' expected")]
    BracketExpected,
    #[error("expected end-of-line")]
    EndOfLineExpected,
}

/// One `name = value` and where its name stands, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    pub(super) section: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) value: Vec<u8>,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Gives the assignments of a file one after the other, and ends after the first error.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    section: Option<&'a [u8]>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let scanner = Scanner {
            rest: text,
            line: 1,
            column: 1,
        };
        Self {
            scanner,
            section: None,
        }
    }

    /// Reads lines up to and including the next assignment's.
    fn assignment(&mut self) -> Result<Option<Assignment<'a>>, ParseError> {
        while self.scanner.peek().is_some() {
            self.scanner.skip_blanks();
            let declared = if self.scanner.peek() == Some(b'[') {
                self.section = Some(self.section_name()?);
                None
            } else {
                self.parameter()?
            };
            self.line_end()?;
            if declared.is_some() {
                return Ok(declared);
            }
        }
        Ok(None)
    }

    fn section_name(&mut self) -> Result<&'a [u8], ParseError> {
        self.scanner.take();
        let name = self.name()?;
        if name.is_empty() {
            return Err(self.scanner.error(SyntaxError::EmptySectionName));
        }
        self.expect(b']', SyntaxError::BracketExpected)?;
        Ok(name)
    }

    /// A parameter, or nothing when the line declares none.
    fn parameter(&mut self) -> Result<Option<Assignment<'a>>, ParseError> {
        let start = self.scanner;
        let name = self.name()?;
        if name.is_empty() {
            return Ok(None);
        }
        let section = self
            .section
            .ok_or_else(|| start.error(SyntaxError::NoSection))?;
        self.scanner.skip_blanks();
        self.expect(b'=', SyntaxError::EqualsExpected)?;
        self.scanner.skip_blanks();
        let value = match self.scanner.peek() {
            Some(b'"') => self.quoted()?,
            _ => self.word()?,
        };
        Ok(Some(Assignment {
            section,
            name,
            value,
            line: start.line,
            column: start.column,
        }))
    }

    fn name(&mut self) -> Result<&'a [u8], ParseError> {
        self.scanner
            .take_while(MAX_NAME_BYTES, SyntaxError::NameTooLong, |byte| {
                byte.is_ascii_alphanumeric() || byte == b'_'
            })
    }

    fn word(&mut self) -> Result<Vec<u8>, ParseError> {
        let word = self
            .scanner
            .take_while(MAX_VALUE_BYTES, SyntaxError::ValueTooLong, |byte| {
                !matches!(byte, b'#' | b'"' | b'\r' | b'\n' | b' ' | b'\t')
            })?;
        if word.is_empty() {
            return Err(self.scanner.error(SyntaxError::EmptyValue));
        }
        Ok(word.to_vec())
    }

    fn quoted(&mut self) -> Result<Vec<u8>, ParseError> {
        self.scanner.take();
        let mut value = Vec::new();
        let mut escaped = false;
        let mut written = 1;
        loop {
            match self.scanner.peek() {
                None => return Err(self.scanner.error(SyntaxError::QuoteExpected)),
                Some(byte) if escaped => {
                    escaped = false;
                    value.push(byte);
                }
                Some(b'"') => break,
                Some(b'\r' | b'\n') => return Err(self.scanner.error(SyntaxError::QuoteExpected)),
                Some(b'\\') => escaped = true,
                Some(byte) => value.push(byte),
            }
            self.scanner.take();
            written += 1;
            if MAX_VALUE_BYTES < written {
                return Err(self.scanner.error(SyntaxError::ValueTooLong));
            }
        }
        self.scanner.take();
        Ok(value)
    }

    fn line_end(&mut self) -> Result<(), ParseError> {
        self.scanner.skip_blanks();
        if self.scanner.peek() == Some(b'#') {
            self.scanner
                .skip_while(|byte| !matches!(byte, b'\r' | b'\n'));
        }
        let end = self.scanner.peek();
        if !matches!(end, None | Some(b'\r' | b'\n')) {
            return Err(self.scanner.error(SyntaxError::EndOfLineExpected));
        }
        self.scanner.take();
        if end == Some(b'\r') && self.scanner.peek() == Some(b'\n') {
            self.scanner.take();
        }
        Ok(())
    }

    fn expect(&mut self, byte: u8, otherwise: SyntaxError) -> Result<(), ParseError> {
        if self.scanner.peek() != Some(byte) {
            return Err(self.scanner.error(otherwise));
        }
        self.scanner.take();
        Ok(())
    }
}

impl<'a> Iterator for Parser<'a> {
    type Item = Result<Assignment<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.assignment();
        if result.is_err() {
            self.scanner.rest = &[];
        }
        result.transpose()
    }
}

/// A place in the text.
#[derive(Clone, Copy, Debug)]
struct Scanner<'a> {
    rest: &'a [u8],
    line: usize,
    column: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn take(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.column += 1;
        if byte == b'\n' || (byte == b'\r' && self.peek() != Some(b'\n')) {
            self.line += 1;
            self.column = 1;
        }
        Some(byte)
    }

    fn skip_blanks(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.take();
        }
    }

    fn take_while(
        &mut self,
        limit: usize,
        too_long: SyntaxError,
        wanted: impl Fn(u8) -> bool,
    ) -> Result<&'a [u8], ParseError> {
        let start = self.rest;
        self.skip_while(wanted);
        let length = start.len() - self.rest.len();
        if limit < length {
            return Err(self.error(too_long));
        }
        Ok(start.get(..length).unwrap_or_default())
    }

    fn error(&self, problem: SyntaxError) -> ParseError {
        ParseError {
            line: self.line,
            column: self.column,
            problem: problem.into(),
        }
    }
}
