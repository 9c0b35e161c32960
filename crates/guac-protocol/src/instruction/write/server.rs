//! What a server sends, and what a recording holds.

use crate::instruction::{BlobData, ServerInstruction};
use crate::wire::{Audience, InstructionWriter, WriteError};

impl ServerInstruction<'_> {
    /// Appends the canonical encoding to `out`. Raw blob data is encoded straight into it.
    ///
    /// # Errors
    ///
    /// When it would be longer than 8192 characters, carries more than 6048 bytes of data or has
    /// a number that is not finite. Then `out` is as it was.
    pub fn write_to(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let begin = InstructionWriter::new(out, Audience::Client);
        match self {
            Self::Blob {
                stream,
                data: BlobData::Raw(bytes),
            } => begin.opcode("blob").integer(stream.0).base64(bytes),
            Self::Blob {
                stream,
                data: BlobData::Base64(text),
            } => begin.opcode("blob").integer(stream.0).text(text),
            Self::Sync { timestamp, frames } => {
                begin.opcode("sync").integer(timestamp.0).integer(*frames)
            }
            Self::Img {
                stream,
                mode,
                layer,
                mimetype,
                x,
                y,
            } => begin
                .opcode("img")
                .integer(stream.0)
                .integer(mode.code())
                .integer(layer.0)
                .text(mimetype)
                .integer(*x)
                .integer(*y),
            Self::End { stream } => begin.opcode("end").integer(stream.0),
            Self::Copy {
                source,
                source_x,
                source_y,
                width,
                height,
                mode,
                destination,
                x,
                y,
            } => begin
                .opcode("copy")
                .integer(source.0)
                .integer(*source_x)
                .integer(*source_y)
                .integer(*width)
                .integer(*height)
                .integer(mode.code())
                .integer(destination.0)
                .integer(*x)
                .integer(*y),
            Self::Transfer {
                source,
                source_x,
                source_y,
                width,
                height,
                function,
                destination,
                x,
                y,
            } => begin
                .opcode("transfer")
                .integer(source.0)
                .integer(*source_x)
                .integer(*source_y)
                .integer(*width)
                .integer(*height)
                .integer(*function)
                .integer(destination.0)
                .integer(*x)
                .integer(*y),
            Self::Rect {
                layer,
                x,
                y,
                width,
                height,
            } => begin
                .opcode("rect")
                .integer(layer.0)
                .integer(*x)
                .integer(*y)
                .integer(*width)
                .integer(*height),
            Self::CFill {
                mode,
                layer,
                red,
                green,
                blue,
                alpha,
            } => begin
                .opcode("cfill")
                .integer(mode.code())
                .integer(layer.0)
                .integer(*red)
                .integer(*green)
                .integer(*blue)
                .integer(*alpha),
            Self::Cursor {
                hotspot_x,
                hotspot_y,
                source,
                source_x,
                source_y,
                width,
                height,
            } => begin
                .opcode("cursor")
                .integer(*hotspot_x)
                .integer(*hotspot_y)
                .integer(source.0)
                .integer(*source_x)
                .integer(*source_y)
                .integer(*width)
                .integer(*height),
            Self::Size {
                layer,
                width,
                height,
            } => begin
                .opcode("size")
                .integer(layer.0)
                .integer(*width)
                .integer(*height),
            Self::Mouse {
                x,
                y,
                buttons,
                timestamp,
            } => begin
                .opcode("mouse")
                .integer(*x)
                .integer(*y)
                .integer(*buttons)
                .integer(timestamp.0),
            Self::Key {
                keysym,
                pressed,
                timestamp,
            } => begin
                .opcode("key")
                .integer(keysym.0)
                .integer(*pressed)
                .integer(timestamp.0),
            Self::Touch {
                id,
                x,
                y,
                radius_x,
                radius_y,
                angle,
                force,
                timestamp,
            } => begin
                .opcode("touch")
                .integer(*id)
                .integer(*x)
                .integer(*y)
                .integer(*radius_x)
                .integer(*radius_y)
                .float(*angle)
                .float(*force)
                .integer(timestamp.0),
            Self::Set { layer, name, value } => {
                begin.opcode("set").integer(layer.0).text(name).text(value)
            }
            Self::Dispose { layer } => begin.opcode("dispose").integer(layer.0),
            Self::Shade { layer, opacity } => {
                begin.opcode("shade").integer(layer.0).integer(*opacity)
            }
            Self::Move {
                layer,
                parent,
                x,
                y,
                z,
            } => begin
                .opcode("move")
                .integer(layer.0)
                .integer(parent.0)
                .integer(*x)
                .integer(*y)
                .integer(*z),
            Self::Args { version: "", names } => begin.opcode("args").texts(names),
            Self::Args { version, names } => begin.opcode("args").text(version).texts(names),
            Self::Ready { id } => begin.opcode("ready").text(id),
            Self::Error { message, status } => {
                begin.opcode("error").text(message).integer(status.code())
            }
            Self::Disconnect => begin.opcode("disconnect"),
            Self::Nop => begin.opcode("nop"),
            Self::Ack {
                stream,
                message,
                status,
            } => begin
                .opcode("ack")
                .integer(stream.0)
                .text(message)
                .integer(status.code()),
            Self::Msg { id, arguments } => begin.opcode("msg").integer(*id).texts(arguments),
            Self::Required { names } => begin.opcode("required").texts(names),
            Self::Clipboard { stream, mimetype } => {
                begin.opcode("clipboard").integer(stream.0).text(mimetype)
            }
            Self::Audio { stream, mimetype } => {
                begin.opcode("audio").integer(stream.0).text(mimetype)
            }
            Self::Video {
                stream,
                layer,
                mimetype,
            } => begin
                .opcode("video")
                .integer(stream.0)
                .integer(layer.0)
                .text(mimetype),
            Self::Argv {
                stream,
                mimetype,
                name,
            } => begin
                .opcode("argv")
                .integer(stream.0)
                .text(mimetype)
                .text(name),
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
            Self::Filesystem { object, name } => {
                begin.opcode("filesystem").integer(object.0).text(name)
            }
            Self::Undefine { object } => begin.opcode("undefine").integer(object.0),
            Self::Body {
                object,
                stream,
                mimetype,
                name,
            } => begin
                .opcode("body")
                .integer(object.0)
                .integer(stream.0)
                .text(mimetype)
                .text(name),
            Self::Name { name } => begin.opcode("name").text(name),
            Self::Log { message } => begin.opcode("log").text(message),
            Self::Nest { index, data } => begin.opcode("nest").integer(*index).text(data),
            Self::Other { opcode, arguments } => begin.opcode(opcode.opcode()).texts(arguments),
            Self::Unknown { opcode, arguments } => begin.opcode(opcode).texts(arguments),
        }
        .finish()
    }
}
