//! The answers to what a client opens: stock texts, and which status each carries.
//!
//! A refusal is `0x0303` (forbidden) with the text of stock guacd, which answers `0x0100`
//! (unsupported).

use guac_protocol::{ServerInstruction, Status, StreamIndex};

use crate::decision::{Action, Rule};
use crate::state::{Control, Permitted};

/// How many answers are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReplyBudget(u8);

impl ReplyBudget {
    pub(super) const fn new(replies: u8) -> Self {
        Self(replies)
    }

    /// Takes one, if there is one.
    pub(super) const fn take(&mut self) -> bool {
        let available = 0 < self.0;
        self.0 = self.0.saturating_sub(1);
        available
    }
}

/// A text that comes sooner, or is more, than the policy lets cross in a time.
pub(super) fn too_often(stream: StreamIndex) -> Permitted<Control> {
    ack(stream, "Too much or too soon.", Status::ClientForbidden)
}

pub(super) fn refused(stream: StreamIndex, action: Action, rule: Rule) -> Permitted<Control> {
    if matches!(rule, Rule::ClipboardRate | Rule::ClipboardInterval) {
        return too_often(stream);
    }
    let (text, status) = match action {
        Action::Clipboard => ("Clipboard unsupported", Status::ClientForbidden),
        Action::File => ("File transfer unsupported", Status::ClientForbidden),
        Action::Pipe => ("Named pipes unsupported", Status::ClientForbidden),
        Action::Audio => ("Audio input unsupported", Status::ClientForbidden),
        Action::Object => ("Object write unsupported", Status::ClientForbidden),
        _ => ("Not allowed.", Status::ClientForbidden),
    };
    ack(stream, text, status)
}

pub(super) fn invalid_stream(stream: StreamIndex) -> Permitted<Control> {
    ack(stream, "Invalid stream index", Status::ClientBadRequest)
}

pub(super) fn parameter_accepted(stream: StreamIndex) -> Permitted<Control> {
    ack(stream, "Ready for updated parameter.", Status::Success)
}

/// An `ack` with one of our own texts, which always fits into an instruction.
pub(super) fn ack(
    stream: StreamIndex,
    message: &'static str,
    status: Status,
) -> Permitted<Control> {
    let mut bytes = Vec::with_capacity(64);
    let ack = ServerInstruction::Ack {
        stream,
        message,
        status,
    };
    let written = ack.write_to(&mut bytes);
    debug_assert!(written.is_ok(), "our own texts are short");
    Permitted::new(Control::new(bytes))
}
