//! What a client sends before `ready`.

use crate::instruction::reader::ArgumentReader;
use crate::instruction::{HandshakeInstruction, InstructionError};
use crate::wire::RawInstruction;

impl<'a> HandshakeInstruction<'a> {
    /// Reads the arguments of `raw`.
    ///
    /// # Errors
    ///
    /// When an argument of a known opcode is missing or makes no sense; for `connect`, when it has
    /// no argument at all.
    pub fn parse(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "select" => Self::Select {
                target: args.text()?,
            },
            "size" => Self::Size {
                width: args.int()?,
                height: args.int()?,
                dpi: args.optional_int()?,
            },
            "audio" => Self::Audio(args.texts()),
            "video" => Self::Video(args.texts()),
            "image" => Self::Image(args.texts()),
            "timezone" => Self::Timezone(args.text()?),
            "name" => Self::Name(args.text()?),
            "connect" => Self::Connect {
                version: args.text()?,
                values: args.texts(),
            },
            opcode => Self::Unknown { opcode },
        })
    }
}
