//! What a server really sent: the encoding of the first pixels, out of the bytes themselves.
//!
//! The daemon asks for an encoding and a server may answer in another. This little reader knows the
//! protocol by itself, so that a row cannot claim what never was on the wire.

use anyhow::{Context, Result, bail};

/// What a server's first pixels tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The number of their encoding.
    pub(crate) encoding: i32,
    /// Whether the server has said before that it can be asked for another size.
    pub(crate) takes_sizes: bool,
}

/// Reads what a server has sent. `None` while no pixels have come.
///
/// # Errors
/// When the bytes are no session in the clear, with cursors of so many bytes for each pixel.
pub(crate) fn opening(bytes: &[u8], pixel: usize) -> Result<Option<Opening>> {
    let mut reader = Reader {
        rest: bytes,
        takes_sizes: false,
    };
    match reader.session(pixel) {
        Err(Stop::Found(encoding)) => Ok(Some(Opening {
            encoding,
            takes_sizes: reader.takes_sizes,
        })),
        Err(Stop::Short) => Ok(None),
        Err(Stop::Wrong(what)) => bail!("{what}"),
        Ok(never) => match never {},
    }
}

enum Stop {
    Found(i32),
    Short,
    Wrong(String),
}

enum Never {}

struct Reader<'a> {
    rest: &'a [u8],
    takes_sizes: bool,
}

impl<'a> Reader<'a> {
    fn session(&mut self, pixel: usize) -> Result<Never, Stop> {
        self.handshake()?;
        loop {
            match self.number(1)? {
                0 => self.update(pixel)?,
                // Colour map, bell, cut text, end of continuous updates, fence.
                1 => {
                    self.skip(3)?;
                    let colours = self.number(2)?;
                    self.skip(colours * 6)?;
                }
                2 | 150 => {}
                3 => {
                    self.skip(3)?;
                    let length = self.number(4)? as u32 as i32;
                    self.skip(length.unsigned_abs() as usize)?;
                }
                248 => {
                    self.skip(7)?;
                    let length = self.number(1)?;
                    self.skip(length)?;
                }
                other => return Err(Stop::Wrong(format!("a message of type {other}"))),
            }
        }
    }

    fn handshake(&mut self) -> Result<(), Stop> {
        let banner = self.take(12)?;
        if banner != b"RFB 003.008\n" {
            return Err(Stop::Wrong(format!("the banner is {banner:?}")));
        }
        let count = self.number(1)?;
        let is_asking = !self.take(count)?.contains(&1);
        self.skip(if is_asking { 16 } else { 0 })?;
        self.skip(4 + 20)?;
        let name = self.number(4)?;
        self.skip(name)
    }

    fn update(&mut self, pixel: usize) -> Result<(), Stop> {
        self.skip(1)?;
        for _ in 0..self.number(2)? {
            self.skip(4)?;
            let (width, height) = (self.number(2)?, self.number(2)?);
            let mask = width.div_ceil(8) * height;
            match self.number(4)? as u32 as i32 {
                encoding @ 0.. => return Err(Stop::Found(encoding)),
                // RichCursor, XCursor, ExtendedDesktopSize, DesktopName, LED state, LastRect.
                -239 => self.skip(width * height * pixel + mask)?,
                -240 if mask == 0 => {}
                -240 => self.skip(6 + 2 * mask)?,
                -308 => {
                    self.takes_sizes = true;
                    let screens = self.number(1)?;
                    self.skip(3 + screens * 16)?;
                }
                -307 => {
                    let length = self.number(4)?;
                    self.skip(length)?;
                }
                -261 => self.skip(1)?,
                -224 => return Ok(()),
                // CursorWithAlpha in raw pixels.
                -314 => self.skip(4 + width * height * 4)?,
                // PointerPos, DesktopSize, QEMU's keys and pointer: nothing follows.
                -232 | -223 | -258 | -257 => {}
                other => return Err(Stop::Wrong(format!("a rectangle of type {other}"))),
            }
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Stop::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<(), Stop> {
        self.take(count).map(drop)
    }

    fn number(&mut self, bytes: usize) -> Result<usize, Stop> {
        let taken = self.take(bytes)?.iter();
        Ok(taken.fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }
}

/// The number of an encoding's name.
pub(crate) fn number(name: &str) -> Result<i32> {
    let numbers = [
        ("raw", 0),
        ("rre", 2),
        ("corre", 4),
        ("hextile", 5),
        ("zlib", 6),
        ("tight", 7),
        ("trle", 15),
        ("zrle", 16),
    ];
    let found = numbers.iter().find(|(known, _)| *known == name);
    Ok(found.with_context(|| format!("{name} has a number"))?.1)
}

#[test]
fn the_first_pixels_come_after_what_has_none() -> Result<()> {
    let bytes = b"RFB 003.008\n\x01\x01\0\0\0\0\0\x08\0\x08\
        \x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\x02hi\
        \x02\x03\0\0\0\xff\xff\xff\xfe12\0\0\0\x03\
        \0\0\0\0\0\x02\0\x02\xff\xff\xff\x1112345678abcdefgh12\
        \0\0\0\0\0\x02\0\x02\xff\xff\xfe\xcc\x01\0\0\x001234567890abcdef\
        \0\0\0\0\0\x08\0\x08\0\0\0\x10";
    let wanted = Opening {
        encoding: number("zrle")?,
        takes_sizes: true,
    };
    assert_eq!(opening(bytes, 4)?, Some(wanted));
    assert_eq!(opening(&bytes[..bytes.len() - 1], 4)?, None);
    Ok(())
}
