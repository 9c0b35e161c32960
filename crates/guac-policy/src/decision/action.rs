//! What somebody tried to do, and which way it would have gone.

named! {
    /// What somebody tried to do.
    Action {
        /// Press or release a key.
        Keyboard = "keyboard",
        /// Move the pointer or press its buttons.
        Pointer = "pointer",
        /// Touch the screen.
        Touch = "touch",
        /// Change the desktop's size.
        Resize = "resize",
        /// Carry text across by the clipboard.
        Clipboard = "clipboard",
        /// Carry a file across.
        File = "file",
        /// Open a named pipe.
        Pipe = "pipe",
        /// Use a file system or another object.
        Object = "object",
        /// Set a connection parameter, or ask for one.
        Parameter = "parameter",
        /// Send or receive sound.
        Audio = "audio",
        /// Send video.
        Video = "video",
        /// Use a USB device.
        Usb = "usb",
        /// Tell the desktop's name.
        DesktopName = "desktop-name",
        /// Draw on the viewer's display.
        Drawing = "drawing",
        /// Put input events into the stream to a viewer.
        InputEvent = "input-event",
        /// Use a stream.
        Stream = "stream",
        /// Say something about the session itself.
        SessionControl = "session-control",
        /// Write to the browser's log.
        Log = "log",
        /// Use an opcode that is not of this protocol.
        UnknownOpcode = "unknown-opcode",
        /// Reach a desktop.
        Connect = "connect",
        /// Look at a session that somebody else has started.
        Join = "join",
        /// Have a session at all, or go on with it.
        Session = "session",
        /// Record a session.
        Recording = "recording",
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
