//! What is recorded: one row for each stream.

use super::servers::Kind;

/// A stream to record.
pub(crate) struct Row {
    pub(crate) server: Kind,
    pub(crate) encoding: Encoding,
    pub(crate) format: Format,
    /// More that is asked for, and part of the name.
    pub(crate) more: More,
}

/// The encoding that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Raw,
    Rre,
    CoRre,
    Hextile,
    Zlib,
    Tight,
    Zrle,
}

/// The pixel format that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Bits24,
    Bits24Big,
    Bits16,
    Bits16Big,
    Bits15,
    Bits8,
    Indexed8,
}

/// What else is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    Nothing,
    /// JPEG of this quality.
    Jpeg(i32),
    /// Compression of this level.
    Level(i32),
    /// A cursor with alpha.
    AlphaCursor,
    /// A cursor of two colours.
    TwoColourCursor,
    /// In the end, another size of the screen.
    Resize,
    /// Fences and the desktop's name.
    Fence,
}

impl Encoding {
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::Raw => 0,
            Self::Rre => 2,
            Self::CoRre => 4,
            Self::Hextile => 5,
            Self::Zlib => 6,
            Self::Tight => 7,
            Self::Zrle => 16,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Rre => "rre",
            Self::CoRre => "corre",
            Self::Hextile => "hextile",
            Self::Zlib => "zlib",
            Self::Tight => "tight",
            Self::Zrle => "zrle",
        }
    }
}

impl Format {
    /// The sixteen bytes that ask for it (RFC 6143, "Pixel Format Data Structure").
    pub(crate) fn description(self) -> [u8; 16] {
        let rgb = |bits, depth, big, max: [u8; 3], shift: [u8; 3]| {
            let ([r, g, b], [x, y, z]) = (max, shift);
            [bits, depth, big, 1, 0, r, 0, g, 0, b, x, y, z, 0, 0, 0]
        };
        match self {
            Self::Bits24 => rgb(32, 24, 0, [255; 3], [16, 8, 0]),
            Self::Bits24Big => rgb(32, 24, 1, [255; 3], [16, 8, 0]),
            Self::Bits16 => rgb(16, 16, 0, [31, 63, 31], [11, 5, 0]),
            Self::Bits16Big => rgb(16, 16, 1, [31, 63, 31], [11, 5, 0]),
            Self::Bits15 => rgb(16, 15, 0, [31; 3], [10, 5, 0]),
            Self::Bits8 => rgb(8, 8, 0, [7, 7, 3], [0, 3, 6]),
            Self::Indexed8 => [8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        }
    }

    /// How far a part of a colour may be from the true one.
    pub(crate) fn tolerance(self) -> u32 {
        match self {
            Self::Bits24 | Self::Bits24Big => 0,
            Self::Bits15 | Self::Bits16 | Self::Bits16Big => 8,
            Self::Bits8 | Self::Indexed8 => 86,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bits24 => "24",
            Self::Bits24Big => "24be",
            Self::Bits16 => "16",
            Self::Bits16Big => "16be",
            Self::Bits15 => "15",
            Self::Bits8 => "8",
            Self::Indexed8 => "8map",
        }
    }
}

impl Row {
    pub(crate) fn name(&self) -> String {
        let more = match self.more {
            More::Nothing => String::new(),
            More::Jpeg(quality) => format!("-jpeg{quality}"),
            More::Level(level) => format!("-level{level}"),
            More::AlphaCursor => "-alpha".into(),
            More::TwoColourCursor => "-xcursor".into(),
            More::Resize => "-resize".into(),
            More::Fence => "-fence".into(),
        };
        let (server, encoding) = (self.server.name(), self.encoding.name());
        format!("{server}-{encoding}{more}-{}", self.format.name())
    }

    /// The name of the true picture.
    pub(crate) fn picture(&self) -> String {
        let resized = if self.more == More::Resize {
            "-resized"
        } else {
            ""
        };
        format!("{}{resized}", self.server.name())
    }

    /// What is asked for, best first.
    pub(crate) fn encodings(&self) -> Vec<i32> {
        const COPY_RECT: i32 = 1;
        const RICH_CURSOR: i32 = -239;
        const SIZES_AND_LAST_RECT: [i32; 3] = [-308, -223, -224];
        let mut numbers = vec![self.encoding.number(), COPY_RECT];
        numbers.extend(SIZES_AND_LAST_RECT);
        match self.more {
            More::AlphaCursor => numbers.push(-314),
            More::TwoColourCursor => numbers.push(-240),
            _ => numbers.push(RICH_CURSOR),
        }
        match self.more {
            More::Jpeg(quality) => numbers.push(-32 + quality),
            More::Level(level) => numbers.push(-256 + level),
            More::Fence => numbers.extend([-312, -307]),
            _ => {}
        }
        numbers
    }
}

const fn row(server: Kind, encoding: Encoding, format: Format, more: More) -> Row {
    Row {
        server,
        encoding,
        format,
        more,
    }
}

// A table, with a row for each stream.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row(Kind::TigerVnc, Encoding::Raw, Format::Bits24, More::Nothing),
    row(Kind::TigerVnc, Encoding::Raw, Format::Bits16Big, More::Nothing),
    row(Kind::TigerVnc, Encoding::Raw, Format::Bits8, More::Nothing),
    row(Kind::TigerVnc, Encoding::Rre, Format::Bits24, More::Nothing),
    row(Kind::TigerVnc, Encoding::Hextile, Format::Bits24, More::Nothing),
    row(Kind::TigerVnc, Encoding::Hextile, Format::Bits16, More::Nothing),
    row(Kind::TigerVnc, Encoding::Hextile, Format::Bits8, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits24, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits24Big, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits16, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits8, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Indexed8, More::Nothing),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits8, More::AlphaCursor),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits8, More::TwoColourCursor),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits8, More::Fence),
    row(Kind::TigerVnc, Encoding::Zrle, Format::Bits24, More::Resize),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits24, More::Nothing),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits24Big, More::Nothing),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits16, More::Nothing),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits8, More::Nothing),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits24, More::Jpeg(3)),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits24, More::Jpeg(8)),
    row(Kind::TigerVnc, Encoding::Tight, Format::Bits16, More::Jpeg(6)),

    row(Kind::X11Vnc, Encoding::Rre, Format::Bits16, More::Nothing),
    row(Kind::X11Vnc, Encoding::CoRre, Format::Bits15, More::Nothing),
    row(Kind::X11Vnc, Encoding::CoRre, Format::Bits8, More::Nothing),
    row(Kind::X11Vnc, Encoding::Hextile, Format::Bits15, More::Nothing),
    row(Kind::X11Vnc, Encoding::Hextile, Format::Bits16Big, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zlib, Format::Bits24, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zlib, Format::Bits16, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zlib, Format::Indexed8, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zrle, Format::Bits24, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zrle, Format::Bits24Big, More::Nothing),
    row(Kind::X11Vnc, Encoding::Zrle, Format::Bits16, More::Nothing),
    row(Kind::X11Vnc, Encoding::Tight, Format::Bits24, More::Nothing),
    row(Kind::X11Vnc, Encoding::Tight, Format::Bits16, More::Nothing),
    row(Kind::X11Vnc, Encoding::Tight, Format::Bits8, More::Nothing),
    row(Kind::X11Vnc, Encoding::Tight, Format::Bits24, More::Jpeg(9)),
    row(Kind::X11Vnc, Encoding::Zrle, Format::Bits8, More::TwoColourCursor),

    row(Kind::TightVnc, Encoding::Rre, Format::Bits8, More::Nothing),
    row(Kind::TightVnc, Encoding::CoRre, Format::Bits16, More::Nothing),
    row(Kind::TightVnc, Encoding::Hextile, Format::Bits24, More::Nothing),
    row(Kind::TightVnc, Encoding::Hextile, Format::Bits8, More::Nothing),
    row(Kind::TightVnc, Encoding::Zlib, Format::Bits24, More::Nothing),
    row(Kind::TightVnc, Encoding::Zlib, Format::Bits15, More::Nothing),
    row(Kind::TightVnc, Encoding::Tight, Format::Bits24, More::Nothing),
    row(Kind::TightVnc, Encoding::Tight, Format::Bits24, More::Level(9)),
    row(Kind::TightVnc, Encoding::Tight, Format::Bits16, More::Nothing),
    row(Kind::TightVnc, Encoding::Tight, Format::Bits8, More::Nothing),
    row(Kind::TightVnc, Encoding::Tight, Format::Bits24, More::Jpeg(6)),

    row(Kind::Qemu, Encoding::Hextile, Format::Bits8, More::Nothing),
    row(Kind::Qemu, Encoding::Zlib, Format::Bits24, More::Nothing),
    row(Kind::Qemu, Encoding::Zrle, Format::Bits24, More::Nothing),
    row(Kind::Qemu, Encoding::Zrle, Format::Bits16, More::Nothing),
    row(Kind::Qemu, Encoding::Tight, Format::Bits24, More::Nothing),
    row(Kind::Qemu, Encoding::Tight, Format::Bits8, More::Nothing),

    row(Kind::Wayvnc, Encoding::Zrle, Format::Bits16, More::Nothing),
    row(Kind::Wayvnc, Encoding::Tight, Format::Bits24, More::Nothing),
];
