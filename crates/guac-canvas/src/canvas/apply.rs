//! What each instruction does.

use guac_protocol::ServerInstruction;

use super::{Canvas, Cursor};
use crate::error::CanvasError;
use crate::image::Format;
use crate::picture::Picture;
use crate::streams::ImageStream;

impl Canvas {
    /// Applies one instruction. Those that draw nothing are accepted and have no effect.
    ///
    /// # Errors
    /// When it could not be drawn as meant. The canvas can be used on.
    pub fn apply(&mut self, instruction: &ServerInstruction<'_>) -> Result<(), CanvasError> {
        match *instruction {
            ServerInstruction::Sync { timestamp, .. } => {
                self.frames += 1;
                self.last_sync = Some(timestamp);
                Ok(())
            }
            ServerInstruction::Size {
                layer,
                width,
                height,
            } => {
                self.mention(layer)?;
                self.resize(layer, i64::from(width.max(0)), i64::from(height.max(0)))
            }
            ServerInstruction::Img {
                stream,
                mode,
                layer,
                mimetype,
                x,
                y,
            } => {
                // A stream of an unknown type is opened all the same, so that its data is no error.
                let format = Format::new(mimetype);
                let data = Vec::new();
                let image = format.map(|format| ImageStream {
                    mode,
                    layer,
                    format,
                    x,
                    y,
                    data,
                });
                self.streams.open(stream, image, &self.limits)?;
                format.map(|_| ()).ok_or(CanvasError::UnknownImageType)
            }
            ServerInstruction::Blob { stream, ref data } => {
                self.streams.append(stream, data, &self.limits)
            }
            ServerInstruction::End { stream } => match self.streams.end(stream)? {
                Some(image) => self.draw_image(&image),
                None => Ok(()),
            },
            ServerInstruction::Rect {
                layer,
                x,
                y,
                width,
                height,
            } => self.rect(layer, [x, y, width, height].map(i64::from)),
            ServerInstruction::CFill {
                mode,
                layer,
                red,
                green,
                blue,
                alpha,
            } => {
                let colour = if alpha == 0 {
                    0
                } else {
                    u32::from_be_bytes([alpha, red, green, blue])
                };
                self.fill(layer, mode, colour)
            }
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
                self.mention(destination)?.set_mode(mode);
                let from = [source_x, source_y, width, height].map(i64::from);
                match self.cut(source, from)? {
                    Some((image, dx, dy)) => {
                        self.place(destination, &image, i64::from(x) + dx, i64::from(y) + dy)
                    }
                    None => Ok(()),
                }
            }
            ServerInstruction::Transfer {
                source,
                source_x,
                source_y,
                width,
                height,
                function,
                destination,
                x,
                y,
            } => {
                let from = [source_x, source_y, width, height].map(i64::from);
                self.transfer(
                    source,
                    from,
                    function,
                    destination,
                    i64::from(x),
                    i64::from(y),
                )
            }
            ServerInstruction::Cursor {
                hotspot_x,
                hotspot_y,
                source,
                source_x,
                source_y,
                width,
                height,
            } => {
                let from = [source_x, source_y, width, height].map(i64::from);
                let shape = self.cut(source, from)?.map(|(image, ..)| image);
                let picture = Picture::from_surface(shape.unwrap_or_default());
                self.cursor = Some(Cursor {
                    hotspot_x,
                    hotspot_y,
                    picture,
                });
                Ok(())
            }
            ServerInstruction::Mouse { x, y, .. } => {
                self.pointer = Some((x, y));
                Ok(())
            }
            ServerInstruction::Shade { layer, opacity } => {
                self.mention(layer)?.placement.opacity = opacity;
                self.touch_layer(layer);
                Ok(())
            }
            ServerInstruction::Move {
                layer,
                parent,
                x,
                y,
                z,
            } => self.shift(layer, parent, x, y, z),
            ServerInstruction::Dispose { layer } => {
                self.dispose(layer);
                Ok(())
            }
            ServerInstruction::Clipboard { stream, .. }
            | ServerInstruction::Audio { stream, .. }
            | ServerInstruction::Video { stream, .. }
            | ServerInstruction::Argv { stream, .. }
            | ServerInstruction::Body { stream, .. }
            | ServerInstruction::File { stream, .. }
            | ServerInstruction::Pipe { stream, .. } => {
                self.streams.open(stream, None, &self.limits)
            }
            ServerInstruction::Other { .. } => Err(CanvasError::NotSupported),
            ServerInstruction::Args { .. }
            | ServerInstruction::Ready { .. }
            | ServerInstruction::Error { .. }
            | ServerInstruction::Disconnect
            | ServerInstruction::Nop
            | ServerInstruction::Key { .. }
            | ServerInstruction::Touch { .. }
            | ServerInstruction::Set { .. }
            | ServerInstruction::Msg { .. }
            | ServerInstruction::Required { .. }
            | ServerInstruction::Ack { .. }
            | ServerInstruction::Filesystem { .. }
            | ServerInstruction::Undefine { .. }
            | ServerInstruction::Name { .. }
            | ServerInstruction::Log { .. }
            | ServerInstruction::Nest { .. }
            | ServerInstruction::Unknown { .. } => Ok(()),
        }
    }
}
