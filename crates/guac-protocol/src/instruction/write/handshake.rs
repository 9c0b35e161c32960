//! What a client sends before `ready`.

use crate::instruction::HandshakeInstruction;
use crate::wire::{Audience, InstructionWriter, WriteError};

impl HandshakeInstruction<'_> {
    /// Appends the canonical encoding to `out`. Of an unknown instruction, which keeps no
    /// arguments, it is the opcode alone.
    ///
    /// Its reader is a daemon, so that a `connect` may be as long as stock clients send it.
    ///
    /// # Errors
    ///
    /// When it has more bytes or elements than a daemon takes. Then `out` is as it was.
    pub fn write_to(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let begin = InstructionWriter::new(out, Audience::Daemon);
        match self {
            Self::Select { target } => begin.opcode("select").text(target),
            Self::Size {
                width,
                height,
                dpi: None,
            } => begin.opcode("size").integer(*width).integer(*height),
            Self::Size {
                width,
                height,
                dpi: Some(dpi),
            } => begin
                .opcode("size")
                .integer(*width)
                .integer(*height)
                .integer(*dpi),
            Self::Audio(mimetypes) => begin.opcode("audio").texts(mimetypes),
            Self::Video(mimetypes) => begin.opcode("video").texts(mimetypes),
            Self::Image(mimetypes) => begin.opcode("image").texts(mimetypes),
            Self::Timezone(timezone) => begin.opcode("timezone").text(timezone),
            Self::Name(name) => begin.opcode("name").text(name),
            Self::Connect { version, values } => {
                begin.opcode("connect").text(version).texts(values)
            }
            Self::Unknown { opcode } => begin.opcode(opcode),
        }
        .finish()
    }
}
