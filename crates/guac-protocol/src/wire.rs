//! Framing: instructions in and out of bytes.
//!
//! An instruction is a list of `LENGTH.VALUE` elements, separated by `,` and ended by `;`; the first
//! element is the opcode. `LENGTH` is decimal and counts Unicode code points, the text is UTF-8, and
//! nothing may stand between two instructions. Leading zeros are accepted, an empty `LENGTH` means
//! 0 and an empty opcode (`0.`) is legal, all as in stock guacd.
//!
//! # Lengths in UTF-16 units
//!
//! Release 1.5.0 of the stock JavaScript client counts a character outside the basic plane as two.
//! Such an instruction cannot be told safely from one whose text happens to contain `,` or `;`, and
//! the Java parser in front of this daemon counts code points, so a second reading here would let a
//! sender show one instruction to the web application and another to us. There is one reading:
//! code points. An instruction whose lengths only fit UTF-16 is a [`ParseError`], unless by
//! accident it also frames as code points, in which case that reading is the one taken.
//!
//! # Invalid UTF-8
//!
//! Stock guacd looks at lead bytes only. Here anything that is not UTF-8 is a [`ParseError`]; no
//! stock client can send it.

mod base64;
mod float;
mod raw;
mod reader;
mod scan;
mod slice;
mod writer;

pub use self::base64::{Base64Error, decode_base64};
pub use raw::{Arguments, RawInstruction};
pub use reader::InstructionReader;
pub use scan::ParseError;
pub use slice::Instructions;
pub use writer::{Audience, InstructionWriter, WriteError};
