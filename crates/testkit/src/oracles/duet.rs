//! One server, three clients: the client with all bytes at once, the client with the same bytes in
//! pieces, and the second decoder.

use super::pieces::Pieces;
use super::viewer::{Viewer, config};
use crate::reference::{Area, Decoder, PixelFormat};

/// Width of the framebuffer: of several tiles, and of less than a byte names.
pub(super) const WIDTH: u16 = 160;

/// Height of the framebuffer.
pub(super) const HEIGHT: u16 = 128;

/// A session without authentication and a framebuffer of that size.
const OPENING: &[u8] = b"RFB 003.008\n\x01\x01\0\0\0\0\0\xa0\0\x80\
    \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\0";

/// The clients.
pub(super) struct Duet {
    whole: Viewer,
    split: Viewer,
    pub(super) reference: Decoder,
    swapped: bool,
}

impl Duet {
    /// Connects clients whose pixels look as [`config`] has it.
    pub(super) fn new(look: u8) -> Self {
        let config = config(look);
        let swapped = config.swap_red_blue;
        let (mut whole, mut split) = (Viewer::new(config.clone()), Viewer::new(config));
        let output = whole.feed(OPENING);
        split.feed(OPENING);
        let mut duet = Self {
            whole,
            split,
            reference: Decoder::new(asked_for(&output), WIDTH.into(), HEIGHT.into()),
            swapped,
        };
        // What an index means before a server says it is nobody's word but the client's.
        let color = |index: u16| {
            let [_, index] = index.to_be_bytes();
            [index.reverse_bits(), index, !index]
        };
        let colors = (0..256).map(color);
        assert!(duet.feed(&color_map(colors.clone())));
        duet.reference.format.map = colors
            .map(|[r, g, b]| u32::from_be_bytes([0, r, g, b]))
            .collect();
        duet
    }

    /// Has both clients see bytes. Both take them, or neither; gives whether they do.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> bool {
        self.whole.feed(bytes);
        for piece in Pieces::new(bytes) {
            self.split.feed(piece);
        }
        assert_eq!(
            self.whole.failed, self.split.failed,
            "errors do not depend on the split"
        );
        !self.whole.failed
    }

    /// Checks that all show the same.
    pub(super) fn compare_all(&self) {
        assert!(
            self.whole.picture.shows_the_same_as(&self.split.picture),
            "pixels do not depend on the split"
        );
        self.compare(Area::new(0, 0, WIDTH.into(), HEIGHT.into()));
    }

    /// What the client shows in a place.
    pub(super) fn shown(&self, area: Area) -> Vec<u32> {
        let pixel = |(x, y): (usize, usize)| self.whole.picture.pixels[y * usize::from(WIDTH) + x];
        area.places().map(pixel).collect()
    }

    /// How often the client was told of pixels, and its newest cursor.
    pub(super) fn damages(&self) -> usize {
        self.whole.picture.damages
    }

    /// The client's newest cursor.
    pub(super) fn cursor(&self) -> Option<&[u32]> {
        self.whole.picture.cursor.as_deref()
    }

    /// How many updates ended.
    pub(super) fn frames(&self) -> usize {
        self.whole.picture.frames
    }

    /// A colour of the second decoder as the client has to show it.
    pub(super) fn as_shown(&self, color: u32) -> u32 {
        let [a, r, g, b] = color.to_be_bytes();
        u32::from_be_bytes(if self.swapped {
            [a, b, g, r]
        } else {
            [a, r, g, b]
        })
    }

    /// Checks that both show the same in a place.
    pub(super) fn compare(&self, area: Area) {
        let expected = area.places().map(|(x, y)| self.reference.canvas.at(x, y));
        let expected: Vec<u32> = expected.map(|color| self.as_shown(color)).collect();
        assert!(
            self.shown(area) == expected,
            "two decoders differ in {area:?}"
        );
    }
}

/// The message that gives indices their colours, from the first on.
fn color_map(colors: impl ExactSizeIterator<Item = [u8; 3]>) -> Vec<u8> {
    let count = u16::try_from(colors.len()).expect("there are 256");
    let mut message = vec![1, 0, 0, 0];
    message.extend(count.to_be_bytes());
    // Sixteen bits for each part, of which the lower eight do not matter.
    message.extend(colors.flat_map(|[r, g, b]| [r, 0xff, g, 0, b, 7]));
    message
}

/// The pixel format that a client asked for first of all.
fn asked_for(output: &[u8]) -> PixelFormat {
    // The banner, the security type and the wish to share come before.
    let message = &output[14..34];
    assert_eq!(message[0], 0, "the first message sets the pixel format");
    let mut format = [0; 16];
    format.copy_from_slice(&message[4..]);
    PixelFormat::parse(format)
}
