//! Why a handshake failed.

use thiserror::Error;

use crate::instruction::InstructionError;
use crate::status::Status;
use crate::wire::WriteError;

/// What a client did that ends its handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The first instruction is not `select`. Stock guacd closes without a word.
    #[error("the first instruction is not \"select\"")]
    NotSelect,
    /// `select` has not exactly one argument. Stock guacd closes without a word.
    #[error("\"select\" has {received} arguments")]
    SelectArguments {
        /// How many it has.
        received: usize,
    },
    /// The name in `select` can be no protocol's: it is empty, too long or has odd characters.
    #[error("the name in \"select\" can be no protocol's")]
    ProtocolName,
    /// The id in `select` can be no connection's: it is too long or has odd characters.
    #[error("the id in \"select\" can be no connection's")]
    ConnectionId,
    /// `size` has less than two arguments.
    #[error("received \"size\" instruction lacked required arguments")]
    SizeIncomplete,
    /// `connect` came before the parameter names were announced.
    #[error("\"connect\" came before \"args\" was sent")]
    ConnectTooEarly,
    /// `connect` has not one value for the version and one for each announced name.
    #[error("client did not return the expected number of arguments: {received}, not {expected}")]
    ArgumentCount {
        /// How many there should be, the version's included.
        expected: usize,
        /// How many there are.
        received: usize,
    },
    /// More than [`HANDSHAKE_MAX_INSTRUCTIONS`](crate::limits::HANDSHAKE_MAX_INSTRUCTIONS).
    #[error("the handshake has too many instructions")]
    TooManyInstructions,
    /// More than [`HANDSHAKE_MAX_BYTES`](crate::limits::HANDSHAKE_MAX_BYTES).
    #[error("the handshake has too many bytes")]
    TooManyBytes,
    /// The handshake has ended before; the instruction belongs to the session.
    #[error("the handshake is over")]
    Over,
}

impl HandshakeError {
    /// Whether stock guacd has sent `ready` before it notices. Clients wait for it, so that an
    /// `error` before it would not be understood.
    #[must_use]
    pub const fn follows_ready(self) -> bool {
        matches!(self, Self::ArgumentCount { .. })
    }

    /// What to tell the client, for those failures that are told.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::ConnectionId => Status::ResourceNotFound,
            Self::TooManyInstructions | Self::TooManyBytes => Status::ClientOverrun,
            Self::NotSelect
            | Self::SelectArguments { .. }
            | Self::ProtocolName
            | Self::SizeIncomplete
            | Self::ConnectTooEarly
            | Self::ArgumentCount { .. }
            | Self::Over => Status::ClientBadRequest,
        }
    }
}

/// What ends a handshake on the client's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum ClientHandshakeError {
    /// The server sent `error`.
    #[error("the server refused: {0}")]
    Refused(Status),
    /// The server sent `disconnect`.
    #[error("the server disconnected")]
    Disconnected,
    /// The server sent something that does not belong here.
    #[error("the server sent an instruction that does not belong into a handshake")]
    Unexpected,
    /// An instruction of the server makes no sense.
    #[error("an instruction of the server makes no sense")]
    Instruction(#[from] InstructionError),
    /// The answer does not fit an instruction.
    #[error("the answer cannot be written")]
    Write(#[from] WriteError),
    /// The handshake has ended before; the instruction belongs to the session.
    #[error("the handshake is over")]
    Over,
}
