//! The gate of frames: what may be drawn on viewers' displays, and nothing else.

use std::sync::Arc;

use bytes::Bytes;
use guac_protocol::BlobData;
use guac_protocol::{LayerIndex, ServerInstruction, StreamIndex};

use crate::decision::{Action, Refusal, Rule};
use crate::limits;
use crate::policy::{Policy, desktop_name_rule};
use crate::state::Permitted;

/// Vets the frames of one session.
///
/// A frame is whole in itself: every image stream that it opens it also ends, so that frames can
/// follow each other in any order without their streams meeting.
#[derive(Debug)]
pub struct FrameGate {
    policy: Arc<Policy>,
    open: Vec<StreamIndex>,
    usual_size: usize,
}

impl FrameGate {
    /// A gate for the frames of one session.
    #[must_use]
    pub const fn new(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            open: Vec::new(),
            usual_size: 0,
        }
    }

    /// Lets a whole frame pass, serialised once.
    ///
    /// # Errors
    /// The refusal, if any instruction may not stand in a frame. Nothing of the frame passes then.
    #[expect(
        single_use_lifetimes,
        reason = "anonymous lifetimes in `impl Trait` are unstable"
    )]
    pub fn vet_frame<'a>(
        &mut self,
        instructions: impl IntoIterator<Item = ServerInstruction<'a>>,
    ) -> Result<Permitted<Bytes>, Refusal> {
        self.open.clear();
        let mut bytes = Vec::with_capacity(self.usual_size);
        for instruction in instructions {
            self.rule(&instruction)
                .map_err(|(action, rule)| Refusal::outward(action, rule, bytes.len()))?;
            instruction
                .write_to(&mut bytes)
                .map_err(|_| Refusal::outward(Action::Drawing, Rule::TooLong, bytes.len()))?;
            if limits::FRAME_MAX_BYTES < bytes.len() {
                return Err(Refusal::outward(
                    Action::Drawing,
                    Rule::TooLong,
                    bytes.len(),
                ));
            }
        }
        if !self.open.is_empty() {
            return Err(Refusal::outward(
                Action::Stream,
                Rule::FrameShape,
                bytes.len(),
            ));
        }
        // Frames resemble their predecessors; a quarter of the room is given back each time, so that
        // one large frame does not set the size of all that follow.
        self.usual_size = bytes
            .len()
            .max(self.usual_size - self.usual_size / 4)
            .min(1 << 20);
        Ok(Permitted::new(Bytes::from(bytes)))
    }

    /// The rule for each instruction. There is no wildcard arm: a new one must get a rule of its own.
    fn rule(&mut self, instruction: &ServerInstruction<'_>) -> Result<(), (Action, Rule)> {
        let refuse = |action| Err((action, Rule::DefaultDeny));
        match *instruction {
            ServerInstruction::Sync { .. }
            | ServerInstruction::Mouse { .. }
            | ServerInstruction::Nop => Ok(()),
            ServerInstruction::Size {
                layer,
                width,
                height,
            } => {
                let fits = |side| (0..=limits::LAYER_MAX).contains(&side);
                shape(is_drawable(layer) && fits(width) && fits(height))
            }
            ServerInstruction::Img {
                stream,
                layer,
                mimetype,
                ..
            } => {
                shape(is_drawable(layer) && is_image(mimetype))?;
                self.open_stream(stream)
            }
            ServerInstruction::Blob { stream, ref data } => {
                shape(self.open.contains(&stream) && blob_size(data) <= limits::BLOB_MAX_BYTES)
            }
            ServerInstruction::End { stream } => self.end_stream(stream),
            ServerInstruction::Rect { layer, .. } | ServerInstruction::CFill { layer, .. } => {
                shape(is_drawable(layer))
            }
            ServerInstruction::Copy {
                source,
                destination,
                ..
            } => shape(is_drawable(source) && is_drawable(destination)),
            ServerInstruction::Cursor { source, .. } => shape(is_drawable(source)),
            ServerInstruction::Dispose { layer } => shape(is_drawable(layer) && layer.0 < 0),
            ServerInstruction::Name { name } => desktop_name_rule(self.policy.desktop_name(), name)
                .map_err(|rule| (Action::DesktopName, rule)),
            ServerInstruction::Args { .. }
            | ServerInstruction::Ready { .. }
            | ServerInstruction::Error { .. }
            | ServerInstruction::Disconnect
            | ServerInstruction::Ack { .. }
            | ServerInstruction::Required { .. }
            | ServerInstruction::Msg { .. } => Err((Action::SessionControl, Rule::OutOfPlace)),
            ServerInstruction::Transfer { .. }
            | ServerInstruction::Set { .. }
            | ServerInstruction::Shade { .. }
            | ServerInstruction::Move { .. }
            | ServerInstruction::Other { .. } => refuse(Action::Drawing),
            ServerInstruction::Key { .. } | ServerInstruction::Touch { .. } => {
                refuse(Action::InputEvent)
            }
            ServerInstruction::Clipboard { .. } => refuse(Action::Clipboard),
            ServerInstruction::Audio { .. } => refuse(Action::Audio),
            ServerInstruction::Video { .. } => refuse(Action::Video),
            ServerInstruction::Argv { .. } => refuse(Action::Parameter),
            ServerInstruction::Filesystem { .. }
            | ServerInstruction::Undefine { .. }
            | ServerInstruction::Body { .. } => refuse(Action::Object),
            ServerInstruction::File { .. } => refuse(Action::File),
            ServerInstruction::Pipe { .. } => refuse(Action::Pipe),
            ServerInstruction::Log { .. } => refuse(Action::Log),
            ServerInstruction::Nest { .. } | ServerInstruction::Unknown { .. } => {
                refuse(Action::UnknownOpcode)
            }
        }
    }

    fn open_stream(&mut self, stream: StreamIndex) -> Result<(), (Action, Rule)> {
        let usable =
            (0..limits::OUTPUT_STREAMS).contains(&stream.0) && !self.open.contains(&stream);
        shape(usable)?;
        self.open.push(stream);
        Ok(())
    }

    fn end_stream(&mut self, stream: StreamIndex) -> Result<(), (Action, Rule)> {
        let position = self.open.iter().position(|open| *open == stream);
        self.open
            .swap_remove(position.ok_or((Action::Stream, Rule::FrameShape))?);
        Ok(())
    }
}

const fn shape(allowed: bool) -> Result<(), (Action, Rule)> {
    if allowed {
        Ok(())
    } else {
        Err((Action::Drawing, Rule::FrameShape))
    }
}

/// The desktop's own layer and buffers. Further layers would lie over the desktop's picture.
const fn is_drawable(layer: LayerIndex) -> bool {
    -limits::BUFFERS <= layer.0 && layer.0 <= LayerIndex::DESKTOP.0
}

fn is_image(mimetype: &str) -> bool {
    matches!(mimetype, "image/png" | "image/jpeg" | "image/webp")
}

const fn blob_size(data: &BlobData<'_>) -> usize {
    match data {
        BlobData::Raw(bytes) => bytes.len(),
        BlobData::Base64(text) => text.len().div_ceil(4) * 3,
    }
}
