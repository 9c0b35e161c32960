//! The numbers of encodings and pseudo-encodings, and which of them are offered.

use crate::{ClientConfig, Clipboard};

/// A way in which a server may send the pixels of a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Pixels as they are.
    Raw,
    /// A move within the framebuffer.
    CopyRect,
    /// Rectangles of one colour.
    Rre,
    /// The same with 8-bit coordinates.
    CoRre,
    /// 16x16 tiles of rectangles.
    Hextile,
    /// Raw, compressed.
    Zlib,
    /// Fills, palettes, gradients and JPEG over four zlib streams.
    Tight,
    /// 16x16 tiles of palettes and runs.
    Trle,
    /// 64x64 tiles of palettes and runs, compressed.
    Zrle,
}

impl Encoding {
    /// What a client asks for unless it is told otherwise, best first.
    pub const DEFAULT: [Self; 9] = [
        Self::Tight,
        Self::Zrle,
        Self::CopyRect,
        Self::Hextile,
        Self::Zlib,
        Self::Trle,
        Self::CoRre,
        Self::Rre,
        Self::Raw,
    ];

    /// What costs least in all when server and client share a host: what one end saves by not
    /// compressing, the other saves by not decompressing, and the bytes cross no network.
    pub const SAME_HOST: [Self; 2] = [Self::CopyRect, Self::Raw];

    /// The encodings named in a space-separated list such as Guacamole's `encodings` parameter,
    /// in its order and each once. Names that this crate does not know (`ultra` for one) are
    /// left out, as libvncclient leaves out those it was built without.
    #[must_use]
    pub fn parse_list(names: &str) -> Vec<Self> {
        let mut list = Vec::new();
        for encoding in names.split_whitespace().filter_map(Self::from_name) {
            if !list.contains(&encoding) {
                list.push(encoding);
            }
        }
        list
    }

    /// The encoding of a name, in any case: `raw`, `copyrect`, `rre`, `corre`, `hextile`, `zlib`,
    /// `tight`, `trle`, `zrle`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::DEFAULT
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    /// The encoding's name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::CopyRect => "copyrect",
            Self::Rre => "rre",
            Self::CoRre => "corre",
            Self::Hextile => "hextile",
            Self::Zlib => "zlib",
            Self::Tight => "tight",
            Self::Trle => "trle",
            Self::Zrle => "zrle",
        }
    }

    /// The encoding's number on the wire.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Raw => 0,
            Self::CopyRect => 1,
            Self::Rre => 2,
            Self::CoRre => 4,
            Self::Hextile => 5,
            Self::Zlib => 6,
            Self::Tight => 7,
            Self::Trle => 15,
            Self::Zrle => 16,
        }
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::DEFAULT
            .into_iter()
            .find(|encoding| encoding.number() == number)
    }
}

/// What a rectangle header may mean beside pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pseudo {
    Cursor,
    XCursor,
    CursorWithAlpha,
    PointerPos,
    DesktopSize,
    ExtendedDesktopSize,
    DesktopName,
    LastRect,
    Fence,
    ContinuousUpdates,
    TightWithoutZlib,
    QemuKeyEvent,
    QemuLedState,
    VmwareLedState,
    ExtendedMouseButtons,
    ExtendedClipboard,
    Xvp,
}

impl Pseudo {
    const ALL: [Self; 17] = [
        Self::Cursor,
        Self::XCursor,
        Self::CursorWithAlpha,
        Self::PointerPos,
        Self::DesktopSize,
        Self::ExtendedDesktopSize,
        Self::DesktopName,
        Self::LastRect,
        Self::Fence,
        Self::ContinuousUpdates,
        Self::TightWithoutZlib,
        Self::QemuKeyEvent,
        Self::QemuLedState,
        Self::VmwareLedState,
        Self::ExtendedMouseButtons,
        Self::ExtendedClipboard,
        Self::Xvp,
    ];

    pub(crate) const fn number(self) -> i32 {
        match self {
            Self::Cursor => -239,
            Self::XCursor => -240,
            Self::CursorWithAlpha => -314,
            Self::PointerPos => -232,
            Self::DesktopSize => -223,
            Self::ExtendedDesktopSize => -308,
            Self::DesktopName => -307,
            Self::LastRect => -224,
            Self::Fence => -312,
            Self::ContinuousUpdates => -313,
            Self::Xvp => -309,
            Self::TightWithoutZlib => -317,
            Self::QemuKeyEvent => -258,
            Self::QemuLedState => -261,
            Self::VmwareLedState => 0x574d_5668,
            Self::ExtendedMouseButtons => -316,
            Self::ExtendedClipboard => 0xc0a1_e5ce_u32.cast_signed(),
        }
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|pseudo| pseudo.number() == number)
    }
}

/// How lossy a server may be for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Loss {
    /// As the configuration has it.
    #[default]
    AsConfigured,
    /// Not at all: no quality is asked for, without which servers send no JPEG.
    None,
    /// Not even for a server that sends JPEG unasked: without Tight it cannot.
    Impossible,
}

/// What a server is told that this client understands: encodings best first, then everything
/// else. This is the one place that says what is offered when.
pub(crate) fn offered(config: &ClientConfig, loss: Loss) -> Vec<i32> {
    let mut encodings = config.encodings.clone();
    encodings.retain(|it| *it != Encoding::Tight || loss != Loss::Impossible);
    let mut numbers: Vec<i32> = encodings.iter().map(|it| it.number()).collect();
    let mut offer = |wanted: bool, pseudos: &[Pseudo]| {
        let pseudos = pseudos.iter().filter(|_| wanted);
        numbers.extend(pseudos.map(|pseudo| pseudo.number()));
    };
    offer(
        encodings.contains(&Encoding::Tight),
        &[Pseudo::TightWithoutZlib],
    );
    offer(
        config.local_cursor,
        &[
            Pseudo::CursorWithAlpha,
            Pseudo::Cursor,
            Pseudo::XCursor,
            Pseudo::PointerPos,
        ],
    );
    offer(
        true,
        &[
            Pseudo::ExtendedDesktopSize,
            Pseudo::DesktopSize,
            Pseudo::DesktopName,
            Pseudo::LastRect,
            Pseudo::Fence,
            Pseudo::QemuKeyEvent,
            Pseudo::ExtendedMouseButtons,
        ],
    );
    // A server that may tell its locks leaves it to the client to keep them in step.
    offer(
        config.sync_locks,
        &[Pseudo::QemuLedState, Pseudo::VmwareLedState],
    );
    offer(config.continuous_updates, &[Pseudo::ContinuousUpdates]);
    let Clipboard { receive, send, .. } = config.clipboard;
    offer(send || receive.is_some(), &[Pseudo::ExtendedClipboard]);
    offer(config.xvp, &[Pseudo::Xvp]);
    numbers.extend(config.compress_level.map(compress_level));
    let quality = config.quality_level.filter(|_| loss == Loss::AsConfigured);
    numbers.extend(quality.map(quality_level));
    numbers
}

/// The pseudo-encoding that asks for a compression level, 0 to 9.
fn compress_level(level: u8) -> i32 {
    -256 + i32::from(level.min(9))
}

/// The pseudo-encoding that asks for a JPEG quality, 0 to 9.
fn quality_level(level: u8) -> i32 {
    -32 + i32::from(level.min(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_reference_are_read_in_order_and_unknown_ones_left_out() {
        let list = Encoding::parse_list("zrle ultra copyrect  Hextile zrle corre bogus raw");
        let expected = [
            Encoding::Zrle,
            Encoding::CopyRect,
            Encoding::Hextile,
            Encoding::CoRre,
            Encoding::Raw,
        ];
        assert_eq!(list, expected);
    }

    #[test]
    fn every_number_leads_back_to_its_encoding() {
        for encoding in Encoding::DEFAULT {
            assert_eq!(Encoding::from_number(encoding.number()), Some(encoding));
            assert_eq!(Encoding::from_name(encoding.name()), Some(encoding));
        }
        for pseudo in Pseudo::ALL {
            assert_eq!(Pseudo::from_number(pseudo.number()), Some(pseudo));
        }
    }

    #[test]
    fn what_is_offered_depends_on_the_configuration() {
        use Encoding::{Raw, Tight, Zrle};
        let plain = ClientConfig {
            encodings: vec![Zrle, Raw],
            local_cursor: false,
            continuous_updates: false,
            sync_locks: false,
            ..ClientConfig::default()
        };
        let rest = [-308, -223, -307, -224, -312, -258, -316];
        let offered = |config: &ClientConfig| offered(config, Loss::AsConfigured);
        assert_eq!(offered(&plain), [&[16, 0][..], &rest].concat());

        let tight = ClientConfig {
            encodings: vec![Tight],
            ..plain.clone()
        };
        assert_eq!(offered(&tight), [&[7, -317][..], &rest].concat());

        let cursor = ClientConfig {
            local_cursor: true,
            ..plain.clone()
        };
        let cursors = [-314, -239, -240, -232];
        assert_eq!(offered(&cursor), [&[16, 0][..], &cursors, &rest].concat());

        let continuous = ClientConfig {
            continuous_updates: true,
            ..plain.clone()
        };
        assert_eq!(
            offered(&continuous),
            [&[16, 0][..], &rest, &[-313]].concat()
        );

        for (receive, send) in [(Some(1000), false), (None, true), (Some(1), true)] {
            let clipboard = ClientConfig {
                clipboard: Clipboard {
                    receive,
                    send,
                    ..Clipboard::default()
                },
                ..plain.clone()
            };
            let expected = [&[16, 0][..], &rest, &[-0x3f5e_1a32]].concat();
            assert_eq!(offered(&clipboard), expected);
        }

        let locks = ClientConfig {
            sync_locks: true,
            ..plain.clone()
        };
        let leds = [-261, 0x574d_5668];
        assert_eq!(offered(&locks), [&[16, 0][..], &rest, &leds].concat());

        let xvp = ClientConfig {
            xvp: true,
            ..plain.clone()
        };
        assert_eq!(offered(&xvp), [&[16, 0][..], &rest, &[-309]].concat());

        let levels = ClientConfig {
            compress_level: Some(6),
            quality_level: Some(7),
            ..plain
        };
        assert_eq!(
            offered(&levels),
            [&[16, 0][..], &rest, &[-250, -25]].concat()
        );
    }

    #[test]
    fn what_must_not_be_lossy_is_asked_for_without_a_quality_or_without_tight() {
        use Encoding::{CopyRect, Tight, Zrle};
        let config = ClientConfig {
            encodings: vec![Tight, Zrle, CopyRect],
            compress_level: Some(6),
            quality_level: Some(7),
            ..ClientConfig::default()
        };
        let has = |loss, numbers: &[i32]| {
            let offered = offered(&config, loss);
            numbers.iter().filter(|it| offered.contains(it)).count()
        };
        let others = [16, 1, -250, -308, -312];
        for (loss, tight, quality) in [
            (Loss::AsConfigured, 2, 1),
            (Loss::None, 2, 0),
            (Loss::Impossible, 0, 0),
        ] {
            assert_eq!(has(loss, &[7, -317]), tight, "{loss:?}");
            assert_eq!(has(loss, &[-25]), quality, "{loss:?}");
            assert_eq!(has(loss, &others), others.len(), "{loss:?}");
        }
    }

    #[test]
    fn levels_are_clamped_to_nine() {
        assert_eq!(
            (compress_level(0), compress_level(9), compress_level(77)),
            (-256, -247, -247)
        );
        assert_eq!(
            (quality_level(0), quality_level(9), quality_level(255)),
            (-32, -23, -23)
        );
    }
}
