//! Whatever was painted, however it was encoded and wherever the network cut it: the picture is
//! the same.

use guac_vnc::{ByteOrder, ClientConfig, ColorDepth, Encoding, Event, Rect};
use proptest::prelude::*;

use crate::{
    encoder::{Block, Encoder, Wire, cut, map_color, paste},
    server::{Viewer, rectangle, update},
};

pub(crate) const SIDE: u16 = 100;

/// One thing that a server paints.
#[derive(Debug, Clone)]
pub(crate) struct Stroke {
    pub(crate) encoding: Encoding,
    pub(crate) rect: Rect,
    /// Where a copy comes from.
    from: (u16, u16),
    pub(crate) variant: u8,
    colors: u8,
    run: u8,
    seed: u32,
}

impl Stroke {
    /// Runs of a few colours or of many.
    pub(crate) fn pixels(&self, wire: Wire) -> Vec<u32> {
        let mut state = self.seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let palette: Vec<u32> = (0..self.colors)
            .map(|_| wire.color(next() & 0xff_ffff))
            .collect();
        let mut pixels = Vec::with_capacity(self.rect.area());
        while pixels.len() < self.rect.area() {
            let color = palette.iter().cycle().nth(next() as usize % palette.len());
            let length = 1 + next() as usize % (usize::from(self.run) * 20 + 1);
            pixels.extend(std::iter::repeat_n(color.unwrap_or(&0), length));
        }
        pixels.truncate(self.rect.area());
        pixels
    }
}

fn rects() -> impl Strategy<Value = Rect> {
    (0..SIDE, 0..SIDE).prop_flat_map(|(x, y)| {
        (1..=SIDE - x, 1..=SIDE - y).prop_map(move |(width, height)| Rect {
            x,
            y,
            width,
            height,
        })
    })
}

fn strokes() -> impl Strategy<Value = Vec<Stroke>> {
    strokes_of(&Encoding::DEFAULT)
}

/// Some strokes in these encodings.
pub(crate) fn strokes_of(encodings: &[Encoding]) -> impl Strategy<Value = Vec<Stroke>> + use<> {
    let encoding = proptest::sample::select(encodings.to_vec());
    let look = (
        any::<u8>(),
        prop_oneof![1..6_u8, 1..255_u8],
        0..20_u8,
        any::<u32>(),
    );
    let stroke = (encoding, rects(), (0..SIDE, 0..SIDE), look).prop_map(
        |(encoding, rect, (x, y), (variant, colors, run, seed))| {
            let from = (x.min(SIDE - rect.width), y.min(SIDE - rect.height));
            Stroke {
                encoding,
                rect,
                from,
                variant,
                colors,
                run,
                seed,
            }
        },
    );
    proptest::collection::vec(stroke, 1..8)
}

/// Any format of pixels.
pub(crate) fn wires() -> impl Strategy<Value = Wire> {
    use ColorDepth::{Bits8, Bits15, Bits16, Bits24, Indexed8};
    let depth = prop_oneof![4 => Just(Bits24), 1 => Just(Bits8), 1 => Just(Indexed8),
        1 => Just(Bits15), 1 => Just(Bits16)];
    let order = prop_oneof![3 => Just(ByteOrder::Little), 1 => Just(ByteOrder::Big)];
    (depth, order).prop_map(|(depth, order)| Wire { depth, order })
}

/// A configuration that asks for such pixels.
pub(crate) fn config(wire: Wire) -> ClientConfig {
    ClientConfig {
        color_depth: wire.depth,
        byte_order: wire.order,
        ..ClientConfig::default()
    }
}

/// The message in which the server says what its colours are.
pub(crate) fn color_map() -> Vec<u8> {
    let mut map = vec![1, 0, 0, 0, 1, 0];
    for [_, r, g, b] in (0..=255).map(|index| map_color(index).to_be_bytes()) {
        map.extend([r, r, g, g, b, b]);
    }
    map
}

/// A viewer that asked for such pixels, with the colours that the server has.
pub(crate) fn viewer(wire: Wire) -> Viewer {
    let mut viewer = Viewer::connected(config(wire), SIDE, SIDE);
    viewer.feed(&color_map());
    viewer
}

/// The server's bytes, and the picture that they mean.
pub(crate) fn paint(strokes: &[Stroke], wire: Wire) -> (Vec<u8>, Vec<u32>) {
    let stride = usize::from(SIDE);
    let mut encoder = Encoder::new(wire);
    let mut picture = vec![0; stride * stride];
    let mut stream = Vec::new();
    // Two updates, so that a stream crosses from one to the other.
    for half in strokes.chunks(strokes.len().div_ceil(2)) {
        let mut rectangles = Vec::new();
        for stroke in half {
            let (pixels, data) = if stroke.encoding == Encoding::CopyRect {
                let (x, y) = stroke.from;
                let pixels = cut(
                    &picture,
                    stride,
                    Rect {
                        x,
                        y,
                        ..stroke.rect
                    },
                );
                (pixels, [x.to_be_bytes(), y.to_be_bytes()].concat())
            } else {
                let pixels = stroke.pixels(wire);
                let block = Block {
                    pixels: &pixels,
                    width: stroke.rect.width.into(),
                };
                let data = encoder.encode(stroke.encoding, block, stroke.variant);
                (pixels, data)
            };
            paste(&mut picture, stride, stroke.rect, &pixels);
            rectangles.push(rectangle(stroke.rect, stroke.encoding.number(), &data));
        }
        stream.extend(update(&rectangles));
    }
    stream.push(2);
    (stream, picture)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_stream_in_any_split_gives_the_picture_that_was_painted(
        strokes in strokes(),
        wire in wires(),
        sizes in proptest::collection::vec(prop_oneof![1..4_usize, 1..5000_usize], 1..20),
    ) {
        let (stream, picture) = paint(&strokes, wire);
        let mut whole = viewer(wire);
        whole.feed(&stream);
        prop_assert_eq!(whole.events(), [Event::FrameEnd, Event::Bell]);
        prop_assert!(whole.picture.pixels == picture, "fed at once");

        let mut split = viewer(wire);
        let mut rest = &stream[..];
        for size in sizes.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*size));
            split.feed(piece);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert!(split.picture == whole.picture, "pixels, damage and copies in pieces");
        prop_assert_eq!(split.client.held_bytes().max(1 << 20), 1 << 20);
    }

    #[test]
    fn damage_covers_everything_that_changed(strokes in strokes(), wire in wires()) {
        let (stream, picture) = paint(&strokes, wire);
        let mut viewer = viewer(wire);
        viewer.feed(&stream);
        let rects: Vec<Rect> = strokes.iter().map(|stroke| stroke.rect).collect();
        prop_assert_eq!(&viewer.picture.damage, &rects);
        prop_assert!(viewer.picture.pixels == picture);
    }

    #[test]
    fn a_damaged_stream_neither_panics_nor_depends_on_the_split(
        strokes in strokes(),
        wire in wires(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..5),
    ) {
        let (mut stream, _) = paint(&strokes, wire);
        for (place, value) in changes {
            let place = place % stream.len();
            stream[place] = value;
        }
        let mut whole = viewer(wire);
        let outcome = whole.try_feed(&stream);
        let mut split = viewer(wire);
        let in_pieces = stream.chunks(7).try_for_each(|piece| split.try_feed(piece));
        // Of two mistakes in one rectangle, the split decides which is seen first.
        prop_assert_eq!(
            outcome.map_err(|error| std::mem::discriminant(&error)),
            in_pieces.map_err(|error| std::mem::discriminant(&error))
        );
        // After an error the picture is of no use, and may have been written further or less far.
        if outcome.is_ok() {
            prop_assert!(whole.picture == split.picture);
        }
    }
}
