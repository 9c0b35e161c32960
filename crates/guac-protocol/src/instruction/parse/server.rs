//! What a server sends, and what a recording holds.

use crate::instruction::reader::ArgumentReader;
use crate::instruction::{BlobData, InstructionError, LegacyOpcode, ServerInstruction};
use crate::version::VersionToken;
use crate::wire::RawInstruction;

impl<'a> ServerInstruction<'a> {
    /// Reads the arguments of `raw`. Allocates for `args`, `msg`, `required` and for opcodes that a
    /// VNC session never sends.
    ///
    /// # Errors
    ///
    /// When an argument of a known opcode is missing or makes no sense.
    pub fn parse(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "blob" => Self::Blob {
                stream: args.stream()?,
                data: BlobData::Base64(args.text()?),
            },
            "img" => Self::Img {
                stream: args.stream()?,
                mode: args.mode()?,
                layer: args.layer()?,
                mimetype: args.text()?,
                x: args.int()?,
                y: args.int()?,
            },
            "end" => Self::End {
                stream: args.stream()?,
            },
            "sync" => {
                // Before release 1.6 there was no frame count.
                Self::Sync {
                    timestamp: args.timestamp()?,
                    frames: args.unsigned_or_zero()?,
                }
            }
            "rect" => Self::Rect {
                layer: args.layer()?,
                x: args.int()?,
                y: args.int()?,
                width: args.int()?,
                height: args.int()?,
            },
            "cfill" => Self::CFill {
                mode: args.mode()?,
                layer: args.layer()?,
                red: args.byte()?,
                green: args.byte()?,
                blue: args.byte()?,
                alpha: args.byte()?,
            },
            "copy" => Self::Copy {
                source: args.layer()?,
                source_x: args.int()?,
                source_y: args.int()?,
                width: args.int()?,
                height: args.int()?,
                mode: args.mode()?,
                destination: args.layer()?,
                x: args.int()?,
                y: args.int()?,
            },
            "mouse" => Self::Mouse {
                x: args.int()?,
                y: args.int()?,
                buttons: args.int()?,
                timestamp: args.timestamp()?,
            },
            "key" => Self::Key {
                keysym: args.keysym()?,
                pressed: args.boolean()?,
                timestamp: args.timestamp()?,
            },
            "nop" => Self::Nop,
            "ack" => Self::Ack {
                stream: args.stream()?,
                message: args.text()?,
                status: args.status()?,
            },
            _ => return Self::parse_display(raw),
        })
    }

    /// Layers, cursor and recorded touches.
    fn parse_display(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "size" => Self::Size {
                layer: args.layer()?,
                width: args.int()?,
                height: args.int()?,
            },
            "cursor" => Self::Cursor {
                hotspot_x: args.int()?,
                hotspot_y: args.int()?,
                source: args.layer()?,
                source_x: args.int()?,
                source_y: args.int()?,
                width: args.int()?,
                height: args.int()?,
            },
            "transfer" => Self::Transfer {
                source: args.layer()?,
                source_x: args.int()?,
                source_y: args.int()?,
                width: args.int()?,
                height: args.int()?,
                function: args.int()?,
                destination: args.layer()?,
                x: args.int()?,
                y: args.int()?,
            },
            "set" => Self::Set {
                layer: args.layer()?,
                name: args.text()?,
                value: args.text()?,
            },
            "dispose" => Self::Dispose {
                layer: args.layer()?,
            },
            "shade" => Self::Shade {
                layer: args.layer()?,
                opacity: args.byte()?,
            },
            "move" => Self::Move {
                layer: args.layer()?,
                parent: args.layer()?,
                x: args.int()?,
                y: args.int()?,
                z: args.int()?,
            },
            "touch" => Self::Touch {
                id: args.int()?,
                x: args.int()?,
                y: args.int()?,
                radius_x: args.int()?,
                radius_y: args.int()?,
                angle: args.double()?,
                force: args.double()?,
                timestamp: args.timestamp()?,
            },
            _ => return Self::parse_stream(raw),
        })
    }

    /// Streams and objects.
    fn parse_stream(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "clipboard" => Self::Clipboard {
                stream: args.stream()?,
                mimetype: args.text()?,
            },
            "audio" => Self::Audio {
                stream: args.stream()?,
                mimetype: args.text()?,
            },
            "video" => Self::Video {
                stream: args.stream()?,
                layer: args.layer()?,
                mimetype: args.text()?,
            },
            "argv" => Self::Argv {
                stream: args.stream()?,
                mimetype: args.text()?,
                name: args.text()?,
            },
            "file" => Self::File {
                stream: args.stream()?,
                mimetype: args.text()?,
                filename: args.text()?,
            },
            "pipe" => Self::Pipe {
                stream: args.stream()?,
                mimetype: args.text()?,
                name: args.text()?,
            },
            "filesystem" => Self::Filesystem {
                object: args.object()?,
                name: args.text()?,
            },
            "undefine" => Self::Undefine {
                object: args.object()?,
            },
            "body" => Self::Body {
                object: args.object()?,
                stream: args.stream()?,
                mimetype: args.text()?,
                name: args.text()?,
            },
            "nest" => Self::Nest {
                index: args.int()?,
                data: args.text()?,
            },
            _ => return Self::parse_session(raw),
        })
    }

    /// The session as a whole, and everything else.
    fn parse_session(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "args" => Self::parse_args(raw),
            "ready" => Self::Ready { id: args.text()? },
            "error" => Self::Error {
                message: args.text()?,
                status: args.status()?,
            },
            "disconnect" => Self::Disconnect,
            "msg" => Self::Msg {
                id: args.unsigned()?,
                arguments: args.texts(),
            },
            "required" => Self::Required {
                names: args.texts(),
            },
            "name" => Self::Name { name: args.text()? },
            "log" => Self::Log {
                message: args.text()?,
            },
            opcode => match LegacyOpcode::from_opcode(opcode) {
                Some(opcode) => Self::Other {
                    opcode,
                    arguments: args.texts(),
                },
                None => Self::Unknown {
                    opcode,
                    arguments: args.texts(),
                },
            },
        })
    }

    /// The first argument is a name like the others unless it looks like a version.
    fn parse_args(raw: &RawInstruction<'a>) -> Self {
        let mut names = raw.args();
        match names.next() {
            Some(version) if VersionToken::parse(version).is_some() => Self::Args {
                version,
                names: names.collect(),
            },
            _ => Self::Args {
                version: "",
                names: raw.args().collect(),
            },
        }
    }
}
