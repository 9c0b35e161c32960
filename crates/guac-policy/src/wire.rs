//! Serialises the instructions that may pass.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guac_protocol::ServerInstruction;
use guac_protocol::instruction::BlobData;

/// Most characters of one instruction.
const INSTRUCTION_MAX: usize = 8_192;

/// The instruction is longer than clients can take, or none that is ever let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotWritable;

/// Appends the instruction to `out`.
pub(crate) fn write(
    instruction: &ServerInstruction<'_>,
    out: &mut Vec<u8>,
) -> Result<(), NotWritable> {
    let n = |value: i64| value.to_string();
    let i = |value: i32| value.to_string();
    let mut e: Vec<String> = Vec::new();
    macro_rules! put { ($($x:expr),*) => { e.extend([$($x.to_string()),*]) } }
    match instruction {
        ServerInstruction::Args { version, names } => {
            put!("args", version);
            e.extend(names.iter().map(ToString::to_string));
        }
        ServerInstruction::Ready { id } => put!("ready", id),
        ServerInstruction::Error { message, status } => put!("error", message, *status as u16),
        ServerInstruction::Disconnect => put!("disconnect"),
        ServerInstruction::Nop => put!("nop"),
        ServerInstruction::Sync { timestamp, frames } => put!("sync", n(timestamp.0), frames),
        ServerInstruction::Size {
            layer,
            width,
            height,
        } => put!("size", i(layer.0), width, height),
        ServerInstruction::Img {
            stream,
            mode,
            layer,
            mimetype,
            x,
            y,
        } => {
            put!("img", stream.0, *mode as u8, layer.0, mimetype, x, y);
        }
        ServerInstruction::Blob { stream, data } => {
            let text = match data {
                BlobData::Raw(bytes) => STANDARD.encode(bytes),
                BlobData::Base64(text) => (*text).to_owned(),
            };
            put!("blob", stream.0, text);
        }
        ServerInstruction::End { stream } => put!("end", stream.0),
        ServerInstruction::Copy {
            source,
            source_x,
            source_y,
            width,
            height,
            mode,
            destination,
            x,
            y,
        } => {
            put!(
                "copy",
                source.0,
                source_x,
                source_y,
                width,
                height,
                *mode as u8
            );
            put!(destination.0, x, y);
        }
        ServerInstruction::Rect {
            layer,
            x,
            y,
            width,
            height,
        } => {
            put!("rect", layer.0, x, y, width, height);
        }
        ServerInstruction::CFill {
            mode,
            layer,
            red,
            green,
            blue,
            alpha,
        } => {
            put!("cfill", *mode as u8, layer.0, red, green, blue, alpha);
        }
        ServerInstruction::Cursor {
            hotspot_x,
            hotspot_y,
            source,
            source_x,
            source_y,
            width,
            height,
        } => put!(
            "cursor", hotspot_x, hotspot_y, source.0, source_x, source_y, width, height
        ),
        ServerInstruction::Mouse {
            x,
            y,
            buttons,
            timestamp,
        } => {
            put!("mouse", x, y, buttons, timestamp.0);
        }
        ServerInstruction::Msg { id, arguments } => {
            put!("msg", id);
            e.extend(arguments.iter().map(ToString::to_string));
        }
        ServerInstruction::Clipboard { stream, mimetype } => put!("clipboard", stream.0, mimetype),
        ServerInstruction::Required { names } => {
            put!("required");
            e.extend(names.iter().map(ToString::to_string));
        }
        ServerInstruction::Ack {
            stream,
            message,
            status,
        } => {
            put!("ack", stream.0, message, *status as u16);
        }
        ServerInstruction::Dispose { layer } => put!("dispose", layer.0),
        ServerInstruction::Name { name } => put!("name", name),
        _ => return Err(NotWritable),
    }
    let text: Vec<String> = e
        .iter()
        .map(|v| format!("{}.{v}", v.chars().count()))
        .collect();
    let text = text.join(",") + ";";
    if INSTRUCTION_MAX < text.chars().count() {
        return Err(NotWritable);
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}
