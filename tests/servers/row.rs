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
    /// By what the daemon knows the server, where that matters.
    pub(crate) trust: Trust,
    /// The parameter `encodings`; empty for what the daemon asks for by itself.
    pub(crate) encoding: &'static str,
    /// The parameter `color-depth`; empty for the default.
    pub(crate) depth: &'static str,
    /// The parameter `quality-level`; empty for none, which means no JPEG.
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
    /// A Unix socket: the server's own, or socat's in front of it.
    Socket,
}

/// What the connection's parameters say of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Nothing.
    Nothing,
    /// The authority that signed it.
    Authority,
    /// Its fingerprint.
    Fingerprint,
    /// The fingerprint of another one.
    OtherFingerprint,
}

/// A security type, named as RFB names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Security {
    None,
    VncAuth,
    X509None,
    X509Vnc,
    X509Plain,
    /// TLS without a certificate, and no other type beside it.
    TlsNone,
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
    /// What the daemon's log says when it refuses the server.
    pub(crate) fn reason(&self) -> &'static str {
        if !self.security.has_certificate() {
            "let the server offer X509Vnc or X509Plain"
        } else if self.trust == Trust::OtherFingerprint {
            "certificate has none of the fingerprints that were given"
        } else {
            "give the certificate authority or the fingerprint by which the server is known"
        }
    }

    /// Whether the daemon has to refuse the server.
    pub(crate) fn is_refused(&self) -> bool {
        let is_known = matches!(self.trust, Trust::Authority | Trust::Fingerprint);
        !(is_known || self.security.is_clear())
    }

    /// What rows have in common that make one line of the book.
    pub(crate) fn group(&self) -> impl PartialEq + use<> {
        (
            self.server,
            self.road,
            self.security,
            self.trust,
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
            Self::Socket => "Unix socket",
        }
    }
}

impl Trust {
    /// What the book calls it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Authority => "`vnc-ca-certificate`",
            Self::Fingerprint => "`vnc-fingerprint`",
            Self::OtherFingerprint => "another `vnc-fingerprint`",
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
        if self.trust != Trust::Nothing {
            write!(f, " by {}", self.trust.title())?;
        }
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
    /// The security types that it is looked at with, in every encoding and depth.
    pub(crate) const fn securities(self) -> &'static [Security] {
        match self {
            Self::Xvnc => &[
                Security::None,
                Security::VncAuth,
                Security::X509None,
                Security::X509Vnc,
                Security::X509Plain,
            ],
            Self::X0vncserver | Self::X11vnc | Self::Xtightvnc => {
                &[Security::None, Security::VncAuth]
            }
            Self::Qemu => &[
                Security::None,
                Security::VncAuth,
                Security::X509None,
                Security::X509Vnc,
            ],
            Self::Wayvnc => &[Security::None, Security::X509Plain],
        }
    }

    /// Whether it is reached through a Unix socket too.
    pub(crate) const fn has_socket(self) -> bool {
        match self {
            Self::Xvnc | Self::X11vnc => true,
            Self::X0vncserver | Self::Xtightvnc | Self::Qemu | Self::Wayvnc => false,
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
    /// How the daemon's log names it; nothing where it is never used.
    pub(crate) const fn logged(self) -> Option<&'static str> {
        match self {
            Self::None => Some("None (1)"),
            Self::VncAuth => Some("VncAuth (2)"),
            Self::X509None => Some("VeNCrypt (19), sub-security: VeNCrypt/X509None (260)"),
            Self::X509Vnc => Some("VeNCrypt (19), sub-security: VeNCrypt/X509Vnc (261)"),
            Self::X509Plain => Some("VeNCrypt (19), sub-security: VeNCrypt/X509Plain (262)"),
            Self::TlsNone => None,
        }
    }

    /// Whether what follows is not encrypted.
    pub(crate) const fn is_clear(self) -> bool {
        match self {
            Self::None | Self::VncAuth => true,
            Self::X509None | Self::X509Vnc | Self::X509Plain | Self::TlsNone => false,
        }
    }

    /// Whether the server shows a certificate.
    pub(crate) const fn has_certificate(self) -> bool {
        match self {
            Self::X509None | Self::X509Vnc | Self::X509Plain => true,
            Self::None | Self::VncAuth | Self::TlsNone => false,
        }
    }

    /// Whether it asks for a password.
    pub(crate) const fn has_password(self) -> bool {
        match self {
            Self::VncAuth | Self::X509Vnc | Self::X509Plain => true,
            Self::None | Self::X509None | Self::TlsNone => false,
        }
    }
}
