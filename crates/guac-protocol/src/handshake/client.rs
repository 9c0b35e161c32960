//! The client's side, as the web application plays it: for tests, tools and benches.

use std::collections::BTreeMap;
use std::fmt;

use super::{ClientHandshakeError, DisplaySize};
use crate::instruction::{HandshakeInstruction, ServerInstruction};
use crate::version::{ProtocolVersion, VersionToken};
use crate::wire::{Audience, InstructionWriter, RawInstruction, WriteError};

/// What to tell the server.
///
/// `Debug` leaves out the values of parameters, since passwords are among them.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientOptions {
    /// A protocol's name, or `$` and the id of a connection to join.
    pub target: String,
    /// The newest version to answer with.
    pub latest: VersionToken,
    /// The client's display. Without it, no `size` is sent.
    pub size: Option<DisplaySize>,
    /// Audio mimetypes.
    pub audio: Vec<String>,
    /// Video mimetypes.
    pub video: Vec<String>,
    /// Image mimetypes.
    pub image: Vec<String>,
    /// IANA time zone, sent from version 1.1.0.
    pub timezone: Option<String>,
    /// The user's name, sent from version 1.5.0.
    pub name: Option<String>,
    /// Values by parameter name. What the server asks for and is not here is sent empty.
    pub parameters: BTreeMap<String, String>,
}

impl ClientOptions {
    /// What the stock web application says for a browser that knows PNG and JPEG.
    #[must_use]
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            latest: VersionToken::LATEST,
            size: Some(DisplaySize::DEFAULT),
            audio: Vec::new(),
            video: Vec::new(),
            image: vec!["image/jpeg".to_owned(), "image/png".to_owned()],
            timezone: None,
            name: None,
            parameters: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("target", &self.target)
            .field("latest", &self.latest)
            .field("parameters", &self.parameters.len())
            .finish_non_exhaustive()
    }
}

/// A connection that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Established {
    /// `$` and the connection's id.
    pub id: String,
    /// What was agreed on.
    pub version: ProtocolVersion,
    /// The parameter names that the server announced.
    pub names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Args,
    Ready {
        version: ProtocolVersion,
        names: Vec<String>,
    },
    Over,
}

/// Takes a server's instructions until the connection is ready.
///
/// It is strict: between `select` and `ready` a server has nothing else to say, and a stock client
/// would give up too.
#[derive(Debug)]
pub struct ClientHandshake {
    options: ClientOptions,
    phase: Phase,
}

impl ClientHandshake {
    /// Writes `select`.
    ///
    /// # Errors
    ///
    /// When the target does not fit an instruction.
    pub fn start(options: ClientOptions, out: &mut Vec<u8>) -> Result<Self, WriteError> {
        HandshakeInstruction::Select {
            target: &options.target,
        }
        .write_to(out)?;
        Ok(Self {
            options,
            phase: Phase::Args,
        })
    }

    /// Takes the server's next instruction, and writes the answer if there is one.
    ///
    /// # Errors
    ///
    /// When the handshake has failed. It stays failed.
    pub fn receive(
        &mut self,
        raw: &RawInstruction<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Option<Established>, ClientHandshakeError> {
        let phase = std::mem::replace(&mut self.phase, Phase::Over);
        if phase == Phase::Over {
            return Err(ClientHandshakeError::Over);
        }
        match (phase, ServerInstruction::parse(raw)?) {
            (Phase::Args, ServerInstruction::Args { version, names }) => {
                let version = self.answer(version, &names, out)?;
                let names = names.into_iter().map(str::to_owned).collect();
                self.phase = Phase::Ready { version, names };
                Ok(None)
            }
            (Phase::Ready { version, names }, ServerInstruction::Ready { id }) => {
                Ok(Some(Established {
                    id: id.to_owned(),
                    version,
                    names,
                }))
            }
            (_, ServerInstruction::Error { status, .. }) => {
                Err(ClientHandshakeError::Refused(status))
            }
            (_, ServerInstruction::Disconnect) => Err(ClientHandshakeError::Disconnected),
            _ => Err(ClientHandshakeError::Unexpected),
        }
    }

    /// Answers the `args` of a server of this version; a server of version 1.0.0 announces none.
    fn answer(
        &self,
        version: &str,
        names: &[&str],
        out: &mut Vec<u8>,
    ) -> Result<ProtocolVersion, WriteError> {
        let options = &self.options;
        let agreed = VersionToken::parse(version).map(|server| server.min(options.latest));
        if let Some(DisplaySize { width, height, dpi }) = options.size {
            let (width, height, dpi) = (width.into(), height.into(), Some(dpi.into()));
            HandshakeInstruction::Size { width, height, dpi }.write_to(out)?;
        }
        HandshakeInstruction::Audio(borrowed(&options.audio)).write_to(out)?;
        HandshakeInstruction::Video(borrowed(&options.video)).write_to(out)?;
        HandshakeInstruction::Image(borrowed(&options.image)).write_to(out)?;
        if let Some(timezone) = options
            .timezone
            .as_deref()
            .filter(|_| Some(VersionToken::V1_1_0) <= agreed)
        {
            HandshakeInstruction::Timezone(timezone).write_to(out)?;
        }
        if let Some(name) = options
            .name
            .as_deref()
            .filter(|_| Some(VersionToken::LATEST) <= agreed)
        {
            HandshakeInstruction::Name(name).write_to(out)?;
        }

        let mut connect = InstructionWriter::new(out, Audience::Daemon).opcode("connect");
        if let Some(agreed) = agreed {
            connect = connect.text(&agreed.to_string());
        }
        for name in names {
            connect = connect.text(options.parameters.get(*name).map_or("", String::as_str));
        }
        connect.finish()?;
        Ok(agreed.map_or(ProtocolVersion::V1_0_0, |agreed| {
            ProtocolVersion::from_answer(&agreed.to_string())
        }))
    }
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
