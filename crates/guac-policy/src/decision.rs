//! What was decided and by which rule: static names and sizes, never content.

use std::fmt;

/// What somebody tried to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Press or release a key.
    Keyboard,
    /// Move the pointer or press its buttons.
    Pointer,
    /// Touch the screen.
    Touch,
    /// Change the desktop's size.
    Resize,
    /// Carry text across by the clipboard.
    Clipboard,
    /// Carry a file across.
    File,
    /// Open a named pipe.
    Pipe,
    /// Use a file system or another object.
    Object,
    /// Set a connection parameter, or ask for one.
    Parameter,
    /// Send or receive sound.
    Audio,
    /// Send video.
    Video,
    /// Use a USB device.
    Usb,
    /// Tell the desktop's name.
    DesktopName,
    /// Draw on the viewer's display.
    Drawing,
    /// Put input events into the stream to a viewer.
    InputEvent,
    /// Use a stream.
    Stream,
    /// Say something about the session itself.
    SessionControl,
    /// Write to the browser's log.
    Log,
    /// Use an opcode that is not of this protocol.
    UnknownOpcode,
}

impl Action {
    /// The action's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyboard => "keyboard",
            Self::Pointer => "pointer",
            Self::Touch => "touch",
            Self::Resize => "resize",
            Self::Clipboard => "clipboard",
            Self::File => "file",
            Self::Pipe => "pipe",
            Self::Object => "object",
            Self::Parameter => "parameter",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Usb => "usb",
            Self::DesktopName => "desktop-name",
            Self::Drawing => "drawing",
            Self::InputEvent => "input-event",
            Self::Stream => "stream",
            Self::SessionControl => "session-control",
            Self::Log => "log",
            Self::UnknownOpcode => "unknown-opcode",
        }
    }
}

/// Which way something would have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From a viewer to the desktop.
    In,
    /// From the desktop to a viewer.
    Out,
}

impl Direction {
    /// The direction's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Nothing opens this door.
    DefaultDeny,
    /// The policy's rule for the clipboard into the desktop.
    ClipboardPaste,
    /// The policy's rule for the clipboard out of the desktop.
    ClipboardCopy,
    /// The clipboard carries text only.
    ClipboardTextOnly,
    /// More text than the clipboard rule allows.
    ClipboardMaxBytes,
    /// Only parameters that the daemon asked for, from the session's owner.
    ParameterNotAsked,
    /// A parameter's value is longer than the limit.
    ParameterMaxBytes,
    /// The data is not what it must be: not base64, or not UTF-8.
    MalformedData,
    /// The stream's index is out of range, or the stream is not open.
    StreamIndex,
    /// The viewer, or the session, is read-only.
    ReadOnly,
    /// The policy's rule for the desktop's name.
    DesktopName,
    /// An instruction does not belong in a frame, or not in the traffic beside frames.
    OutOfPlace,
    /// A layer, size, stream or mimetype that frames may not use.
    FrameShape,
    /// Something is longer than the protocol can carry.
    TooLong,
    /// The viewer was refused too often.
    TooManyRefusals,
}

impl Rule {
    /// The rule's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DefaultDeny => "default-deny",
            Self::ClipboardPaste => "clipboard.paste",
            Self::ClipboardCopy => "clipboard.copy",
            Self::ClipboardTextOnly => "clipboard.text-only",
            Self::ClipboardMaxBytes => "clipboard.max-bytes",
            Self::ParameterNotAsked => "parameter.not-asked",
            Self::ParameterMaxBytes => "parameter.max-bytes",
            Self::MalformedData => "malformed-data",
            Self::StreamIndex => "stream-index",
            Self::ReadOnly => "read-only",
            Self::DesktopName => "desktop.name",
            Self::OutOfPlace => "out-of-place",
            Self::FrameShape => "frame-shape",
            Self::TooLong => "too-long",
            Self::TooManyRefusals => "too-many-refusals",
        }
    }
}

/// A refused action. It can be logged as it is: it holds no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused {} {} by {} ({size} bytes)", .action.name(), .direction.name(), .rule.name())]
pub struct Refusal {
    /// What was tried.
    pub action: Action,
    /// Which way it would have gone.
    pub direction: Direction,
    /// What decided.
    pub rule: Rule,
    /// How many bytes were refused, as far as they were announced or sent; 0 where there are none.
    pub size: usize,
}

impl Refusal {
    pub(crate) const fn inward(action: Action, rule: Rule, size: usize) -> Self {
        Self {
            action,
            direction: Direction::In,
            rule,
            size,
        }
    }

    pub(crate) const fn outward(action: Action, rule: Rule, size: usize) -> Self {
        Self {
            action,
            direction: Direction::Out,
            rule,
            size,
        }
    }
}

/// Why an instruction had no effect and needs no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// An opcode that is not of this protocol, the web application's empty one included.
    UnknownOpcode,
    /// Something that a VNC desktop does not have.
    NotSupported(Action),
    /// The viewer, or the session, is read-only.
    ReadOnly(Action),
    /// Only the session's owner may do this.
    NotOwner(Action),
    /// A number out of any useful range, such as a width of 0.
    OutOfRange(Action),
    /// An answer to a stream of ours that needs none.
    Acknowledgement,
    /// The end of a refused stream, or data of a stream that a newer one replaced.
    Discarded(Action),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (why, action) = match self {
            Self::UnknownOpcode => ("unknown opcode", Action::UnknownOpcode),
            Self::NotSupported(action) => ("not supported", *action),
            Self::ReadOnly(action) => ("read-only", *action),
            Self::NotOwner(action) => ("not the owner", *action),
            Self::OutOfRange(action) => ("out of range", *action),
            Self::Acknowledgement => ("acknowledgement", Action::Stream),
            Self::Discarded(action) => ("discarded", *action),
        };
        write!(f, "ignored {}: {why}", action.name())
    }
}
