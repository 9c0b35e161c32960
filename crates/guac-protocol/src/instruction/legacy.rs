//! Opcodes that a VNC session never sends.

/// Drawing and legacy opcodes, known by name and kept as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LegacyOpcode {
    /// `arc`
    Arc,
    /// `clip`
    Clip,
    /// `close`
    Close,
    /// `cstroke`
    CStroke,
    /// `curve`
    Curve,
    /// `distort`
    Distort,
    /// `identity`
    Identity,
    /// `lfill`
    LFill,
    /// `line`
    Line,
    /// `lstroke`
    LStroke,
    /// `pop`
    Pop,
    /// `push`
    Push,
    /// `reset`
    Reset,
    /// `start`
    Start,
    /// `transform`
    Transform,
    /// `png`
    Png,
    /// `jpeg`
    Jpeg,
    /// `usbdata`
    UsbData,
    /// `usbdisconnect`
    UsbDisconnect,
}

impl LegacyOpcode {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Arc,
        Self::Clip,
        Self::Close,
        Self::CStroke,
        Self::Curve,
        Self::Distort,
        Self::Identity,
        Self::LFill,
        Self::Line,
        Self::LStroke,
        Self::Pop,
        Self::Push,
        Self::Reset,
        Self::Start,
        Self::Transform,
        Self::Png,
        Self::Jpeg,
        Self::UsbData,
        Self::UsbDisconnect,
    ];

    /// The one that `opcode` names.
    #[must_use]
    pub fn from_opcode(opcode: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|legacy| legacy.opcode() == opcode)
    }

    /// The name on the wire.
    #[must_use]
    pub const fn opcode(self) -> &'static str {
        match self {
            Self::Arc => "arc",
            Self::Clip => "clip",
            Self::Close => "close",
            Self::CStroke => "cstroke",
            Self::Curve => "curve",
            Self::Distort => "distort",
            Self::Identity => "identity",
            Self::LFill => "lfill",
            Self::Line => "line",
            Self::LStroke => "lstroke",
            Self::Pop => "pop",
            Self::Push => "push",
            Self::Reset => "reset",
            Self::Start => "start",
            Self::Transform => "transform",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::UsbData => "usbdata",
            Self::UsbDisconnect => "usbdisconnect",
        }
    }
}
