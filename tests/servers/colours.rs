//! What a picture looks like after it has gone through fewer colours.

use testkit::Picture;

/// How a server makes many colours of few, and few of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// A byte of fewer bits.
    pub(crate) widen: Widen,
    /// Fewer bits of a byte.
    pub(crate) narrow: Narrow,
}

/// How a server spreads a small number over 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Widen {
    /// To the nearest.
    Nearest,
    /// Downwards.
    Down,
}

/// How a server makes a small number of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Narrow {
    /// The nearest.
    Nearest,
    /// The nearest, but the higher one even when it is a little further off: 128 is added before the
    /// division by 255, and not 127.
    Up,
    /// The highest bits.
    Cut,
}

/// The highest red, green and blue of 8 and of 16 bits.
const BITS_8: [u32; 3] = [7, 7, 3];
const BITS_16: [u32; 3] = [31, 63, 31];

impl Rules {
    /// A screen of so many bits as a client shows it that was sent `depth` bits for each pixel.
    pub(crate) fn apply(self, picture: &Picture, screen: u8, depth: &str) -> Picture {
        match (screen, depth) {
            // Nothing has to be made of anything else.
            (16, "16") => picture.clone(),
            (16, _) => {
                let part = |byte: u32, most: u32| self.widen.apply((byte * most + 127) / 255, most);
                let wide = each_part(picture, BITS_16, part);
                self.apply(&wide, 24, depth)
            }
            // The client spreads what it gets to the nearest.
            (_, "8" | "16") => {
                let most = if depth == "8" { BITS_8 } else { BITS_16 };
                let part = |byte: u32, most: u32| {
                    Widen::Nearest.apply(self.narrow.apply(byte, most), most)
                };
                each_part(picture, most, part)
            }
            _ => picture.clone(),
        }
    }
}

impl Widen {
    const fn apply(self, value: u32, most: u32) -> u32 {
        match self {
            Self::Nearest => (value * 255 + most / 2) / most,
            Self::Down => value * 255 / most,
        }
    }
}

impl Narrow {
    const fn apply(self, byte: u32, most: u32) -> u32 {
        match self {
            Self::Nearest => (byte * most + 127) / 255,
            Self::Up => (byte * most + 128) / 255,
            Self::Cut => byte * (most + 1) / 256,
        }
    }
}

fn each_part(picture: &Picture, most: [u32; 3], part: impl Fn(u32, u32) -> u32) -> Picture {
    let [red, green, blue] = most;
    let pixel = |colour: &u32| {
        part(colour >> 16, red) << 16
            | part(colour >> 8 & 0xff, green) << 8
            | part(colour & 0xff, blue)
    };
    Picture {
        pixels: picture.pixels.iter().map(pixel).collect(),
        ..*picture
    }
}

#[test]
fn fewer_colours_are_the_nearest_or_the_highest_bits() {
    let picture = Picture::filled(1, 1, 0xf0_815b);
    let pixel = |narrow, widen, screen, depth| {
        let rules = Rules { widen, narrow };
        rules.apply(&picture, screen, depth).pixels[0]
    };
    use {Narrow::*, Widen::Down};
    assert_eq!(pixel(Cut, Down, 24, "24"), 0xf0_815b);
    // Of 31, 0xf0 is 29.2 and 0x5b is 11.1, and 29 and 11 of 31 are 239 and 90 of 255. Of 63, 0x81
    // is 31.9, and 32 of 63 are 130 of 255.
    assert_eq!(pixel(Narrow::Nearest, Down, 24, "16"), 0xef_825a);
    // The highest five bits of 0xf0 are 30, which is 247 of 255.
    assert_eq!(pixel(Cut, Down, 24, "16"), 0xf7_825a);
    assert_eq!(pixel(Narrow::Nearest, Down, 16, "24"), 0xee_815a);
    assert_eq!(pixel(Narrow::Nearest, Down, 16, "16"), 0xf0_815b);
    // 0x5b of 255 is a little less than 2.5 of 7.
    let picture = Picture::filled(1, 1, 0x5b_5b5b);
    let up = Rules {
        widen: Down,
        narrow: Up,
    };
    assert_eq!(up.apply(&picture, 24, "8").pixels[0], 0x6d_6d55);
}
