//! What somebody tried to do, and which way it would have gone.

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
    /// Reach a desktop.
    Connect,
    /// Look at a session that somebody else has started.
    Join,
    /// Have a session at all, or go on with it.
    Session,
    /// Record a session.
    Recording,
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
            Self::Connect => "connect",
            Self::Join => "join",
            Self::Session => "session",
            Self::Recording => "recording",
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
