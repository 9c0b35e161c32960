//! The server's side.

use super::{DisplaySize, HandshakeError, HandshakeResult};
use crate::instruction::{HandshakeInstruction, InstructionError, ServerInstruction};
use crate::limits::{
    CONNECTION_ID_MAX, HANDSHAKE_MAX_BYTES, HANDSHAKE_MAX_INSTRUCTIONS, PROTOCOL_NAME_MAX,
};
use crate::version::ProtocolVersion;
use crate::wire::{RawInstruction, WriteError};

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SelectTarget {
    /// A new connection by this protocol: 1 to [`PROTOCOL_NAME_MAX`] ASCII letters, digits, `-`
    /// and `_`.
    Protocol(String),
    /// The running connection of this id: `$` and ASCII letters, digits and `-`, at most
    /// [`CONNECTION_ID_MAX`] in all.
    Connection(String),
}

impl SelectTarget {
    fn parse(target: &str) -> Result<Self, HandshakeError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        match target.strip_prefix('$') {
            Some(id) if target.len() <= CONNECTION_ID_MAX && id.bytes().all(plain) => {
                Ok(Self::Connection(target.to_owned()))
            }
            Some(_) => Err(HandshakeError::ConnectionId),
            None if (1..=PROTOCOL_NAME_MAX).contains(&target.len())
                && target.bytes().all(|byte| plain(byte) || byte == b'_') =>
            {
                Ok(Self::Protocol(target.to_owned()))
            }
            None => Err(HandshakeError::ProtocolName),
        }
    }
}

/// What the caller is to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeEvent {
    /// The client has chosen: refuse it or [announce](ServerHandshake::announce) the parameters.
    Selected(SelectTarget),
    /// The client has said everything: send `ready`.
    Connected(Box<HandshakeResult>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Select,
    /// Waiting for `connect`; the number of announced names, once they are announced.
    Connect {
        names: Option<usize>,
    },
    Over,
}

/// Takes a client's instructions until it is connected.
///
/// Unknown opcodes and instructions that make no sense are skipped, as stock guacd skips them. What
/// is kept is bounded by [`HANDSHAKE_MAX_BYTES`]. How long to wait is the caller's business.
#[derive(Debug)]
pub struct ServerHandshake {
    phase: Phase,
    instructions: usize,
    bytes: usize,
    result: HandshakeResult,
}

impl ServerHandshake {
    /// Waits for `select`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            phase: Phase::Select,
            instructions: 0,
            bytes: 0,
            result: HandshakeResult {
                protocol_version: ProtocolVersion::V1_0_0,
                size: DisplaySize::DEFAULT,
                audio: Vec::new(),
                video: Vec::new(),
                image: Vec::new(),
                timezone: None,
                name: None,
                values: Vec::new(),
            },
        }
    }

    /// Writes `args` with the newest version and `names`, after
    /// [`Selected`](HandshakeEvent::Selected).
    ///
    /// # Errors
    ///
    /// When the names do not fit an instruction.
    pub fn announce(&mut self, names: &[&str], out: &mut Vec<u8>) -> Result<(), WriteError> {
        let version = ProtocolVersion::LATEST.token();
        ServerInstruction::Args {
            version,
            names: names.to_vec(),
        }
        .write_to(out)?;
        self.announced(names.len());
        Ok(())
    }

    /// Notes that the caller itself has sent `args` with the newest version and this many names.
    pub fn announced(&mut self, names: usize) {
        if let Phase::Connect { names: announced } = &mut self.phase {
            *announced = Some(names);
        }
    }

    /// Takes the client's next instruction.
    ///
    /// # Errors
    ///
    /// When the handshake has failed. It stays failed.
    pub fn receive(
        &mut self,
        raw: &RawInstruction<'_>,
    ) -> Result<Option<HandshakeEvent>, HandshakeError> {
        let result = self.count(raw).and_then(|()| match self.phase {
            Phase::Select => self.select(raw).map(Some),
            Phase::Connect { names } => self.collect(raw, names),
            Phase::Over => Err(HandshakeError::Over),
        });
        if result.is_err() {
            self.phase = Phase::Over;
        }
        result
    }

    fn count(&mut self, raw: &RawInstruction<'_>) -> Result<(), HandshakeError> {
        self.instructions = self.instructions.saturating_add(1);
        self.bytes = self.bytes.saturating_add(raw.text().len());
        match self.phase {
            Phase::Over => Ok(()),
            _ if HANDSHAKE_MAX_INSTRUCTIONS < self.instructions => {
                Err(HandshakeError::TooManyInstructions)
            }
            _ if HANDSHAKE_MAX_BYTES < self.bytes => Err(HandshakeError::TooManyBytes),
            _ => Ok(()),
        }
    }

    fn select(&mut self, raw: &RawInstruction<'_>) -> Result<HandshakeEvent, HandshakeError> {
        let mut arguments = raw.args();
        let received = arguments.len();
        match (raw.opcode(), arguments.next()) {
            ("select", Some(target)) if received == 1 => {
                let target = SelectTarget::parse(target)?;
                self.phase = Phase::Connect { names: None };
                Ok(HandshakeEvent::Selected(target))
            }
            ("select", _) => Err(HandshakeError::SelectArguments { received }),
            _ => Err(HandshakeError::NotSelect),
        }
    }

    fn collect(
        &mut self,
        raw: &RawInstruction<'_>,
        names: Option<usize>,
    ) -> Result<Option<HandshakeEvent>, HandshakeError> {
        match HandshakeInstruction::parse(raw) {
            Ok(HandshakeInstruction::Size { width, height, dpi }) => {
                self.result.size = DisplaySize::new(width, height, dpi);
            }
            Ok(HandshakeInstruction::Audio(mimetypes)) => self.result.audio = owned(&mimetypes),
            Ok(HandshakeInstruction::Video(mimetypes)) => self.result.video = owned(&mimetypes),
            Ok(HandshakeInstruction::Image(mimetypes)) => self.result.image = owned(&mimetypes),
            Ok(HandshakeInstruction::Timezone(timezone)) => {
                self.result.timezone = some(timezone);
            }
            Ok(HandshakeInstruction::Name(name)) => self.result.name = some(name),
            Ok(HandshakeInstruction::Connect { .. }) => return self.connect(raw, names).map(Some),
            Ok(HandshakeInstruction::Select { .. } | HandshakeInstruction::Unknown { .. }) => {}
            Err(InstructionError::MissingArgument { .. }) if raw.opcode() == "size" => {
                return Err(HandshakeError::SizeIncomplete);
            }
            Err(_) if raw.opcode() == "connect" => return self.connect(raw, names).map(Some),
            Err(_) => {}
        }
        Ok(None)
    }

    fn connect(
        &mut self,
        raw: &RawInstruction<'_>,
        names: Option<usize>,
    ) -> Result<HandshakeEvent, HandshakeError> {
        let expected = names
            .ok_or(HandshakeError::ConnectTooEarly)?
            .saturating_add(1);
        let mut arguments = raw.args();
        let received = arguments.len();
        if received != expected {
            return Err(HandshakeError::ArgumentCount { expected, received });
        }
        let version = arguments.next().unwrap_or_default();
        let over = Self {
            phase: Phase::Over,
            ..Self::new()
        };
        let mut result = std::mem::replace(self, over).result;
        result.protocol_version = ProtocolVersion::from_answer(version);
        result.values = arguments.map(str::to_owned).collect();
        Ok(HandshakeEvent::Connected(Box::new(result)))
    }
}

impl Default for ServerHandshake {
    fn default() -> Self {
        Self::new()
    }
}

fn owned(mimetypes: &[&str]) -> Vec<String> {
    mimetypes.iter().copied().filter_map(some).collect()
}

/// Stock guacd takes an empty value for none.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
