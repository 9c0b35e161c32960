//! The rules for what one viewer is told beside frames.

use std::time::Duration;

use guac_protocol::BlobData;
use guac_protocol::{ServerInstruction, StreamIndex};

use super::Gate;
use crate::decision::{Action, DataKind, Refusal, Rule};
use crate::limits;
use crate::policy::desktop_name_rule;
use crate::state::{Control, FromDesktop, Permitted};

impl Gate {
    /// Lets pass, serialised, what the daemon itself tells a viewer: `args`, `ready`, `error`,
    /// `disconnect`, `nop`, `ack`, `mouse`; `msg` about joining and leaving; `required` for the
    /// parameters that [`Gate::expect_credentials`] has named; `name` if the policy says so, in at
    /// most [`limits::DESKTOP_NAME_MAX`] printable characters of ASCII.
    ///
    /// # Errors
    /// The refusal, for everything else: frames have a gate of their own.
    pub fn vet_control(
        &self,
        instruction: &ServerInstruction<'_>,
    ) -> Result<Permitted<Control>, Refusal> {
        if let Err((action, rule)) = self.control_rule(instruction) {
            return Err(Refusal::outward(action, rule, 0));
        }
        let mut bytes = Vec::with_capacity(64);
        instruction
            .write_to(&mut bytes)
            .map_err(|_| Refusal::outward(Action::SessionControl, Rule::TooLong, 0))?;
        Ok(Permitted::new(Control::new(bytes)))
    }

    /// The rule for each instruction. There is no wildcard arm: a new one must get a rule of its own.
    fn control_rule(&self, instruction: &ServerInstruction<'_>) -> Result<(), (Action, Rule)> {
        let refuse = |action| Err((action, Rule::DefaultDeny));
        match instruction {
            ServerInstruction::Args { .. }
            | ServerInstruction::Ready { .. }
            | ServerInstruction::Error { .. }
            | ServerInstruction::Disconnect
            | ServerInstruction::Nop
            | ServerInstruction::Ack { .. }
            | ServerInstruction::Mouse { .. } => Ok(()),
            ServerInstruction::Msg { id: 1 | 2, .. } => Ok(()),
            ServerInstruction::Msg { .. } => refuse(Action::SessionControl),
            ServerInstruction::Required { names } => {
                let asked = names
                    .iter()
                    .all(|name| self.expected.iter().any(|e| e == name));
                if asked {
                    Ok(())
                } else {
                    Err((Action::Parameter, Rule::ParameterNotAsked))
                }
            }
            ServerInstruction::Name { name } => desktop_name_rule(self.grants.desktop_name, name)
                .map_err(|rule| (Action::DesktopName, rule)),
            ServerInstruction::Sync { .. }
            | ServerInstruction::Size { .. }
            | ServerInstruction::Img { .. }
            | ServerInstruction::Blob { .. }
            | ServerInstruction::End { .. }
            | ServerInstruction::Copy { .. }
            | ServerInstruction::Rect { .. }
            | ServerInstruction::CFill { .. }
            | ServerInstruction::Cursor { .. }
            | ServerInstruction::Dispose { .. } => Err((Action::Drawing, Rule::OutOfPlace)),
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

    /// Lets the desktop's clipboard text pass to this viewer as one whole stream, if it may have it.
    ///
    /// # Errors
    /// The refusal, with the size of the text.
    pub fn vet_clipboard(
        &mut self,
        text: FromDesktop<&str>,
        now: Duration,
    ) -> Result<Permitted<Control>, Refusal> {
        let text = text.0.as_bytes();
        let refuse = |rule| {
            Refusal::outward(Action::Clipboard, rule, text.len()).of_kind(Some(DataKind::Text))
        };
        let limit = self
            .grants
            .copy
            .max_bytes()
            .ok_or_else(|| refuse(self.grants.no_copy))?;
        if limit < text.len() {
            return Err(refuse(Rule::ClipboardMaxBytes));
        }
        self.copied.check(text.len(), now).map_err(refuse)?;
        let stream = StreamIndex(self.next_clipboard_stream);
        self.next_clipboard_stream = (self.next_clipboard_stream + 2) % limits::OUTPUT_STREAMS;
        let mut bytes = Vec::with_capacity(64 + text.len() / 3 * 4);
        let open = ServerInstruction::Clipboard {
            stream,
            mimetype: "text/plain",
        };
        let blobs = text
            .chunks(limits::BLOB_MAX_BYTES)
            .map(|piece| ServerInstruction::Blob {
                stream,
                data: BlobData::Raw(piece),
            });
        for instruction in std::iter::once(open)
            .chain(blobs)
            .chain([ServerInstruction::End { stream }])
        {
            instruction
                .write_to(&mut bytes)
                .map_err(|_| refuse(Rule::TooLong))?;
        }
        self.copied.spend(text.len());
        Ok(Permitted::new(Control::new(bytes)))
    }
}
