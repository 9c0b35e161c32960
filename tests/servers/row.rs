//! What a row is, and what each server is expected to do and not to do.

use std::fmt;

use crate::colours::{Narrow, Rules, Widen};

/// One way of reaching one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Which server.
    pub(crate) server: Server,
    /// How the daemon gets to it.
    pub(crate) road: Road,
    /// How it lets the daemon in.
    pub(crate) security: Security,
    /// The parameter `encodings`; empty for what the daemon asks for by itself.
    pub(crate) encoding: &'static str,
    /// The parameter `color-depth`; empty for the default.
    pub(crate) depth: &'static str,
    /// The parameter `quality-level`; empty for none, which means no loss.
    pub(crate) quality: &'static str,
    /// Bits of colour of the server's own screen.
    pub(crate) screen: u8,
    /// Whether the daemon's policy lets the clipboard through.
    pub(crate) is_open: bool,
}

/// A VNC server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    Xvnc,
    X0vncserver,
    X11vnc,
    Xtightvnc,
    Qemu,
    Wayvnc,
}

/// The way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    /// TCP on loopback.
    Port,
}

/// A security type, named as RFB names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Security {
    None,
    VncAuth,
}

/// What becomes of a user's wish for another size of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resize {
    /// The desktop takes it.
    Follows,
    /// The server says that it knows the message, and refuses.
    Refuses,
    /// The server does not know the message, so none is sent.
    Unknown,
}

/// What becomes of text that is copied, where the policy lets it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clipboard {
    /// It crosses both ways.
    Crosses,
    /// The server has none.
    Absent,
}

impl Server {
    /// Debian's package.
    pub(crate) const fn package(self) -> &'static str {
        match self {
            Self::Xvnc => "tigervnc-standalone-server",
            Self::X0vncserver => "tigervnc-scraping-server",
            Self::X11vnc => "x11vnc",
            Self::Xtightvnc => "tightvncserver",
            Self::Qemu => "qemu-system-x86",
            Self::Wayvnc => "wayvnc",
        }
    }

    /// What people call it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Xvnc => "TigerVNC Xvnc",
            Self::X0vncserver => "TigerVNC x0vncserver on Xvfb",
            Self::X11vnc => "x11vnc on Xvfb",
            Self::Xtightvnc => "TightVNC Xtightvnc",
            Self::Qemu => "QEMU -vnc",
            Self::Wayvnc => "wayvnc on sway",
        }
    }

    /// What becomes of a wish for another size.
    pub(crate) const fn resize(self) -> Resize {
        match self {
            Self::Xvnc => Resize::Follows,
            Self::X0vncserver | Self::X11vnc | Self::Qemu => Resize::Refuses,
            Self::Xtightvnc | Self::Wayvnc => Resize::Unknown,
        }
    }

    /// Whether it tells the pointer's shape; one that does not never draws any either.
    pub(crate) const fn tells_cursor(self) -> bool {
        match self {
            Self::Xvnc | Self::X0vncserver | Self::X11vnc | Self::Xtightvnc => true,
            Self::Qemu | Self::Wayvnc => false,
        }
    }

    /// What becomes of copied text.
    pub(crate) const fn clipboard(self) -> Clipboard {
        match self {
            Self::Xvnc | Self::X11vnc | Self::Wayvnc => Clipboard::Crosses,
            Self::X0vncserver | Self::Xtightvnc | Self::Qemu => Clipboard::Absent,
        }
    }

    /// How it makes other colours of those on its screen.
    pub(crate) const fn rules(self) -> Rules {
        let (widen, narrow) = match self {
            Self::Xvnc | Self::X0vncserver => (Widen::Down, Narrow::Up),
            Self::X11vnc | Self::Xtightvnc => (Widen::Nearest, Narrow::Nearest),
            Self::Qemu | Self::Wayvnc => (Widen::Nearest, Narrow::Cut),
        };
        Rules { widen, narrow }
    }
}

impl Row {
    /// What rows have in common that make one line of the book.
    pub(crate) fn group(&self) -> impl PartialEq + use<> {
        (
            self.server,
            self.road,
            self.security,
            self.screen,
            self.quality,
            self.is_open,
        )
    }
}

impl Road {
    /// What the book calls it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Port => "TCP",
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}, {:?}",
            self.server.title(),
            self.road.title(),
            self.security
        )?;
        let parameters = [
            ("encodings", self.encoding),
            ("color-depth", self.depth),
            ("quality-level", self.quality),
        ];
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            write!(f, ", {name} {value}")?;
        }
        if self.screen != 24 {
            write!(f, ", screen of {} bits", self.screen)?;
        }
        if self.is_open {
            f.write_str(", clipboard allowed")?;
        }
        Ok(())
    }
}

impl Server {
    /// The security types that it is looked at with.
    pub(crate) const fn securities(self) -> &'static [Security] {
        match self {
            Self::Xvnc | Self::X0vncserver | Self::X11vnc | Self::Xtightvnc | Self::Qemu => {
                &[Security::None, Security::VncAuth]
            }
            Self::Wayvnc => &[Security::None],
        }
    }

    /// The encodings that it can send, after what the daemon asks for by itself.
    pub(crate) const fn encodings(self) -> &'static [&'static str] {
        match self {
            Self::Xvnc | Self::X0vncserver => &["", "raw", "rre", "hextile", "tight", "zrle"],
            Self::X11vnc => &[
                "", "raw", "rre", "corre", "hextile", "zlib", "tight", "zrle",
            ],
            Self::Xtightvnc => &["", "raw", "rre", "corre", "hextile", "zlib", "tight"],
            Self::Qemu => &["", "raw", "hextile", "zlib", "tight", "zrle"],
            Self::Wayvnc => &["", "raw", "tight", "zrle"],
        }
    }

    /// Values of `color-depth`.
    pub(crate) const fn depths(self) -> &'static [&'static str] {
        &["8", "16", "24"]
    }

    /// Values of `quality-level` with which it sends JPEG.
    pub(crate) const fn qualities(self) -> &'static [&'static str] {
        match self {
            Self::Xvnc | Self::X0vncserver | Self::X11vnc | Self::Xtightvnc => &["8"],
            Self::Qemu | Self::Wayvnc => &[],
        }
    }

    /// Other depths of its own screen.
    pub(crate) const fn screens(self) -> &'static [u8] {
        match self {
            Self::Xvnc | Self::X0vncserver | Self::X11vnc | Self::Xtightvnc => &[16],
            Self::Qemu | Self::Wayvnc => &[],
        }
    }
}

impl Security {
    /// How the daemon's log names it.
    pub(crate) const fn logged(self) -> &'static str {
        match self {
            Self::None => "None (1)",
            Self::VncAuth => "VncAuth (2)",
        }
    }

    /// Whether what follows is not encrypted.
    pub(crate) const fn is_clear(self) -> bool {
        match self {
            Self::None | Self::VncAuth => true,
        }
    }
}
