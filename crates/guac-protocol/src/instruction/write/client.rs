//! What a client of a running session sends.

use crate::instruction::ClientInstruction;
use crate::wire::{Audience, InstructionWriter, WriteError};

impl ClientInstruction<'_> {
    /// Appends the canonical encoding to `out`. Of an unknown instruction, which keeps no
    /// arguments, it is the opcode alone.
    ///
    /// # Errors
    ///
    /// When it would be longer than 8192 characters or has a number that is not finite. Then `out`
    /// is as it was.
    pub fn write_to(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let begin = InstructionWriter::new(out, Audience::Client);
        match self {
            Self::Sync { timestamp } => begin.opcode("sync").integer(timestamp.0),
            Self::Mouse { x, y, buttons } => begin
                .opcode("mouse")
                .integer(*x)
                .integer(*y)
                .integer(*buttons),
            Self::Key { keysym, pressed } => {
                begin.opcode("key").integer(keysym.0).integer(*pressed)
            }
            Self::Touch {
                id,
                x,
                y,
                radius_x,
                radius_y,
                angle,
                force,
            } => begin
                .opcode("touch")
                .integer(*id)
                .integer(*x)
                .integer(*y)
                .integer(*radius_x)
                .integer(*radius_y)
                .float(*angle)
                .float(*force),
            Self::Size { width, height } => begin.opcode("size").integer(*width).integer(*height),
            Self::Clipboard { stream, mimetype } => {
                begin.opcode("clipboard").integer(stream.0).text(mimetype)
            }
            Self::File {
                stream,
                mimetype,
                filename,
            } => begin
                .opcode("file")
                .integer(stream.0)
                .text(mimetype)
                .text(filename),
            Self::Pipe {
                stream,
                mimetype,
                name,
            } => begin
                .opcode("pipe")
                .integer(stream.0)
                .text(mimetype)
                .text(name),
            Self::Audio { stream, mimetype } => {
                begin.opcode("audio").integer(stream.0).text(mimetype)
            }
            Self::Argv {
                stream,
                mimetype,
                name,
            } => begin
                .opcode("argv")
                .integer(stream.0)
                .text(mimetype)
                .text(name),
            Self::Blob { stream, base64 } => begin.opcode("blob").integer(stream.0).text(base64),
            Self::End { stream } => begin.opcode("end").integer(stream.0),
            Self::Ack {
                stream,
                message,
                status,
            } => begin
                .opcode("ack")
                .integer(stream.0)
                .text(message)
                .integer(*status),
            Self::Get { object, name } => begin.opcode("get").integer(object.0).text(name),
            Self::Put {
                object,
                stream,
                mimetype,
                name,
            } => begin
                .opcode("put")
                .integer(object.0)
                .integer(stream.0)
                .text(mimetype)
                .text(name),
            Self::UsbConnect { arguments } => begin.opcode("usbconnect").texts(arguments),
            Self::UsbData { arguments } => begin.opcode("usbdata").texts(arguments),
            Self::UsbDisconnect { arguments } => begin.opcode("usbdisconnect").texts(arguments),
            Self::Nop => begin.opcode("nop"),
            Self::Disconnect => begin.opcode("disconnect"),
            Self::Unknown { opcode } => begin.opcode(opcode),
        }
        .finish()
    }
}
