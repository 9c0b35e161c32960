//! Guacamole instructions as a test sees them: owned text, framed by a decoder of its own.
//!
//! The daemon's own parser is not used here: a fault in it would hide behind the same fault at the
//! other end.

use anyhow::{Context, Result, bail};

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// The opcode.
    pub opcode: String,
    /// The arguments.
    pub args: Vec<String>,
}

impl Instruction {
    /// Makes an instruction.
    pub fn new(opcode: &str, args: &[&str]) -> Self {
        Self {
            opcode: opcode.into(),
            args: args.iter().map(|&arg| arg.into()).collect(),
        }
    }

    /// Whether it has this opcode.
    pub fn is(&self, opcode: &str) -> bool {
        self.opcode == opcode
    }

    /// An argument as text; empty when it is missing.
    pub fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }

    /// An argument as a number.
    ///
    /// # Errors
    /// When it is none.
    pub fn number(&self, index: usize) -> Result<i64> {
        let text = self.arg(index);
        text.parse()
            .with_context(|| format!("{text:?} is a number in {self:?}"))
    }

    /// Its text on the wire.
    pub fn encode(&self) -> String {
        encode(&self.opcode, self.args.iter().map(String::as_str))
    }

    /// Takes the first instruction off `bytes` and says how long it was; nothing when it is not
    /// complete yet.
    ///
    /// # Errors
    /// When the bytes are not an instruction.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>> {
        let mut elements = Vec::new();
        let mut at = 0;
        loop {
            let Some((element, end)) = decode_element(bytes, at)? else {
                return Ok(None);
            };
            let Some(&terminator) = bytes.get(end) else {
                return Ok(None);
            };
            elements.push(element);
            at = end + 1;
            match terminator {
                b',' => {}
                b';' => break,
                other => bail!("{:?} ends an element of {elements:?}", char::from(other)),
            }
        }
        let opcode = elements.remove(0);
        Ok(Some((
            Self {
                opcode,
                args: elements,
            },
            at,
        )))
    }
}

/// The wire text of an instruction.
pub fn encode<'a>(opcode: &str, args: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = format!("{}.{opcode}", opcode.chars().count());
    for arg in args {
        text.push_str(&format!(",{}.{arg}", arg.chars().count()));
    }
    text.push(';');
    text
}

fn decode_element(bytes: &[u8], start: usize) -> Result<Option<(String, usize)>> {
    let rest = &bytes[start..];
    let Some(dot) = rest.iter().position(|&byte| byte == b'.') else {
        if let Some(byte) = rest.iter().find(|byte| !byte.is_ascii_digit()) {
            bail!("{byte:#04x} stands in a length");
        }
        return Ok(None);
    };
    let length: usize = std::str::from_utf8(&rest[..dot])?
        .parse()
        .context("a length")?;
    let value = &rest[dot + 1..];
    // A character begins wherever a byte does not continue one.
    let mut starts = value
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte & 0xc0 != 0x80);
    let Some((size, _)) = starts.nth(length) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&value[..size]).context("text is UTF-8")?;
    Ok(Some((text.to_owned(), start + dot + 1 + size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_code_points_and_pieces_are_not_an_error() -> Result<()> {
        let wanted = Instruction::new("name", &["ß€漢😀", "", "a;b,c"]);
        let text = wanted.encode();
        assert_eq!(text, "4.name,4.ß€漢😀,0.,5.a;b,c;");
        let bytes = text.as_bytes();
        assert_eq!(Instruction::decode(bytes)?, Some((wanted, bytes.len())));
        for end in 0..bytes.len() {
            assert_eq!(Instruction::decode(&bytes[..end])?, None, "cut at {end}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_instruction_is_an_error() {
        for bytes in ["x.nop;", "3.nop!", "\n3.nop;", "-1.a;"] {
            assert!(Instruction::decode(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
    }
}
