//! What real servers sent shows what their screens showed.

use std::collections::BTreeSet;

use guac_vnc::{ColorDepth, CursorShape, Event};

use crate::recorded::{self, Recorded};

/// Sizes of pieces: all at once, one byte at a time, and some between that cut anywhere.
const PIECES: [usize; 5] = [usize::MAX, 1, 7, 100, 4099];

/// How far a part of a colour may be from what another decoder makes of the same JPEG. The
/// standard leaves them some freedom in transforming, interpolating and converting.
const JPEG_APART: u8 = 3;

/// How far, in the mean, a part of a colour may be from the true one after a JPEG.
const JPEG_MEAN: f64 = 2.5;

#[test]
fn every_recorded_stream_shows_the_true_picture_in_any_split() {
    let streams = recorded::all();
    for recorded in streams.iter().filter(|recorded| !recorded.is_lossy) {
        let rounding = Rounding::of(recorded);
        let expected: Vec<u32> = recorded
            .truth
            .pixels
            .iter()
            .map(|c| rounding.color(*c))
            .collect();
        for piece in PIECES {
            let picture = recorded.replay(piece).picture;
            let size = (picture.width.into(), picture.height.into());
            assert_eq!(size, (recorded.truth.width, recorded.truth.height));
            let pairs = picture.pixels.iter().zip(&expected);
            let wrong = pairs.filter(|(shown, expected)| shown != expected).count();
            assert_eq!(wrong, 0, "pixels of {} in pieces of {piece}", recorded.name);
        }
    }
}

#[test]
fn every_recorded_stream_shows_what_the_second_decoder_shows() {
    for recorded in recorded::all() {
        let mut viewer = recorded.replay(usize::MAX);
        let reference = recorded.reference();
        let canvas = &reference.decoder.canvas;
        let pairs = viewer.picture.pixels.iter().zip(&canvas.pixels);
        let furthest = pairs.map(|(a, b)| distance(*a, *b)).max();
        let allowed = if recorded.is_lossy { JPEG_APART } else { 0 };
        assert!(furthest <= Some(allowed), "{}: {furthest:?}", recorded.name);
        assert_eq!(viewer.picture.pixels.len(), canvas.pixels.len());
        let cursor = cursor(viewer.events());
        let expected = reference.cursor.unwrap_or_default();
        assert_eq!(cursor.pixels, expected.pixels, "{}", recorded.name);
    }
}

#[test]
fn photographs_come_near_the_true_picture() {
    let streams = recorded::all();
    let lossy: Vec<_> = streams
        .iter()
        .filter(|recorded| recorded.is_lossy)
        .collect();
    assert!(5 <= lossy.len());
    for recorded in lossy {
        assert!(recorded.reference().decoder.seen.contains("tight jpeg"));
        for piece in PIECES {
            let shown = recorded.replay(piece).picture.pixels;
            assert_eq!(shown.len(), recorded.truth.pixels.len());
            let pairs = shown.iter().zip(&recorded.truth.pixels);
            let sum: f64 = pairs
                .flat_map(|(a, b)| parts_apart(*a, *b))
                .map(f64::from)
                .sum();
            let mean = sum / shown.len() as f64 / 3.0;
            assert!(mean < JPEG_MEAN, "{}: {mean}", recorded.name);
        }
    }
}

#[test]
fn the_cursor_is_the_one_that_the_desktop_had() {
    const SHAPE: [&str; 9] = [
        "##.........",
        "###........",
        "#..#...    ",
        "#...#..    ",
        "#....#.    ",
        "#.....#    ",
        "#...####   ",
        "#.##       ",
        "##         ",
    ];
    let from_x_servers = |recorded: &&Recorded| {
        let [tiger, tight] = ["tigervnc", "tightvnc"].map(|name| recorded.name.starts_with(name));
        // Two colours are not always enough for the desktop's, so that servers choose others.
        (tiger || tight) && !recorded.name.contains("xcursor")
    };
    for recorded in recorded::all().iter().filter(from_x_servers) {
        let shape = cursor(recorded.replay(usize::MAX).events());
        let rounding = match Rounding::of(recorded) {
            _ if recorded.name.contains("alpha") => Rounding::NONE,
            // It makes pixels of X's colours for cursors in a way of its own.
            rounding if recorded.name.starts_with("tightvnc") => Rounding {
                cuts: true,
                ..rounding
            },
            rounding => rounding,
        };
        let pixel = |dot| match dot {
            b'#' => 0xff00_0000 | rounding.color(0x00_2040),
            b'.' => 0xff00_0000 | rounding.color(0xff_c080),
            _ => 0,
        };
        let expected: Vec<u32> = SHAPE.concat().bytes().map(pixel).collect();
        assert_eq!((shape.hotspot_x, shape.hotspot_y), (1, 1));
        assert_eq!((shape.width, shape.height), (11, 9));
        assert!(shape.pixels == expected, "{}", recorded.name);
    }
}

#[test]
fn the_recorded_streams_have_all_that_these_servers_send() {
    let mut seen = BTreeSet::new();
    for recorded in recorded::all() {
        seen.extend(recorded.reference().decoder.seen);
    }
    let expected = [
        "colour map",
        "copyrect",
        "cursor",
        "cursor of two colours",
        "cursor with alpha",
        "hextile background",
        "hextile coloured",
        "hextile foreground",
        "hextile raw",
        "last rectangle",
        "new size",
        "raw",
        "rre or corre",
        "tight copy",
        "tight fill",
        "tight gradient",
        "tight jpeg",
        "tight palette",
        "tight two colours",
        "tile packed",
        "tile palette runs",
        "tile plain runs",
        "tile raw",
        "tile solid",
        "zlib",
        "zrle",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}

/// What becomes of a true colour on its way to a client that asked for fewer bits.
struct Rounding {
    /// The largest red, green and blue.
    max: [u32; 3],
    /// Added before a division, in 255ths.
    bias: u32,
    /// Whether the lower bits are cut off instead.
    cuts: bool,
    /// Whether the colours of a map are cut off when they are spread over eight bits again.
    spreads_down: bool,
}

impl Rounding {
    const NONE: Self = Self {
        max: [255; 3],
        bias: 127,
        cuts: false,
        spreads_down: false,
    };

    /// QEMU and wayvnc shift; TigerVNC and all that come from the first VNC look up a table that was made by
    /// division, with a half in two spellings.
    fn of(recorded: &Recorded) -> Self {
        let is_tiger = recorded.name.starts_with("tigervnc");
        let depth = recorded.config.color_depth;
        Self {
            max: match depth {
                ColorDepth::Bits15 => [31, 31, 31],
                ColorDepth::Bits16 => [31, 63, 31],
                ColorDepth::Bits8 | ColorDepth::Indexed8 => [7, 7, 3],
                _ => return Self::NONE,
            },
            bias: if is_tiger { 128 } else { 127 },
            cuts: ["qemu", "wayvnc"]
                .iter()
                .any(|name| recorded.name.starts_with(name)),
            spreads_down: is_tiger && depth == ColorDepth::Indexed8,
        }
    }

    fn color(&self, color: u32) -> u32 {
        let [_, parts @ ..] = color.to_be_bytes();
        let parts = parts.into_iter().zip(self.max);
        parts.fold(0, |color, (part, max)| {
            color << 8 | self.part(part.into(), max)
        })
    }

    fn part(&self, part: u32, max: u32) -> u32 {
        let few = if self.cuts {
            part * (max + 1) / 256
        } else {
            (part * max + self.bias) / 255
        };
        let half = if self.spreads_down { 0 } else { max / 2 };
        (few * 255 + half) / max
    }
}

/// How far two colours are apart in red, green and blue.
fn parts_apart(a: u32, b: u32) -> [u8; 3] {
    let (a, b) = (a.to_be_bytes(), b.to_be_bytes());
    [1, 2, 3].map(|part| a[part].abs_diff(b[part]))
}

/// How far two colours are apart in the part where they are furthest apart.
fn distance(a: u32, b: u32) -> u8 {
    parts_apart(a, b).into_iter().max().unwrap_or_default()
}

/// The newest shape of the cursor.
fn cursor(events: Vec<Event>) -> CursorShape {
    let mut shapes = events.into_iter().filter_map(|event| match event {
        Event::Cursor(shape) => Some(shape),
        _ => None,
    });
    shapes.next_back().unwrap_or_default()
}
