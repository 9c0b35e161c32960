//! What a client of a running session sends.

use crate::instruction::reader::ArgumentReader;
use crate::instruction::{ClientInstruction, InstructionError};
use crate::wire::RawInstruction;

impl<'a> ClientInstruction<'a> {
    /// Reads the arguments of `raw`. Allocates for `usb…` only.
    ///
    /// # Errors
    ///
    /// When an argument of a known opcode is missing or makes no sense.
    pub fn parse(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "mouse" => Self::Mouse {
                x: args.int()?,
                y: args.int()?,
                buttons: args.int()?,
            },
            "sync" => Self::Sync {
                timestamp: args.timestamp()?,
            },
            "key" => Self::Key {
                keysym: args.keysym()?,
                pressed: args.boolean()?,
            },
            "nop" => Self::Nop,
            "blob" => Self::Blob {
                stream: args.stream()?,
                base64: args.text()?,
            },
            "ack" => Self::Ack {
                stream: args.stream()?,
                message: args.text()?,
                status: args.int()?,
            },
            "end" => Self::End {
                stream: args.stream()?,
            },
            "size" => Self::Size {
                width: args.int()?,
                height: args.int()?,
            },
            "touch" => Self::Touch {
                id: args.int()?,
                x: args.int()?,
                y: args.int()?,
                radius_x: args.int()?,
                radius_y: args.int()?,
                angle: args.double()?,
                force: args.double()?,
            },
            "disconnect" => Self::Disconnect,
            _ => return Self::parse_stream(raw),
        })
    }

    /// What opens streams, and what is rare.
    fn parse_stream(raw: &RawInstruction<'a>) -> Result<Self, InstructionError> {
        let mut args = ArgumentReader::new(raw);
        Ok(match raw.opcode() {
            "clipboard" => Self::Clipboard {
                stream: args.stream()?,
                mimetype: args.text()?,
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
            "audio" => Self::Audio {
                stream: args.stream()?,
                mimetype: args.text()?,
            },
            "argv" => Self::Argv {
                stream: args.stream()?,
                mimetype: args.text()?,
                name: args.text()?,
            },
            "get" => Self::Get {
                object: args.object()?,
                name: args.text()?,
            },
            "put" => Self::Put {
                object: args.object()?,
                stream: args.stream()?,
                mimetype: args.text()?,
                name: args.text()?,
            },
            "usbconnect" => Self::UsbConnect {
                arguments: args.texts(),
            },
            "usbdata" => Self::UsbData {
                arguments: args.texts(),
            },
            "usbdisconnect" => Self::UsbDisconnect {
                arguments: args.texts(),
            },
            opcode => Self::Unknown { opcode },
        })
    }
}
