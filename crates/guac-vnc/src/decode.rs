//! Decoders: from the bytes of a rectangle to pixels in the caller's picture.
//!
//! Each is a state machine that takes bytes in any split and writes what they mean at once. None
//! holds a rectangle's pixels; only a JPEG has to be whole before it is decoded, and is bounded.

mod hextile;
mod inflate;
mod raster;
mod raw;
mod rre;
mod tight;
mod tiles;
mod trle;
mod zlib;
mod zrle;

pub(crate) use inflate::STREAM_BYTES;

#[cfg(test)]
mod testing;

use crate::{DecodeError, Encoding, Rect, Surface, input::Input, pixel::Formats};

/// What became of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The rectangle is complete.
    Done,
    /// The server has to send more.
    Wait,
}

/// Where a decoder writes, and what pixels look like on the wire.
#[derive(Debug)]
pub(crate) struct Canvas<'a> {
    /// Holds the framebuffer, and so each rectangle in it: checked before decoding.
    pub(crate) surface: Surface<'a>,
    pub(crate) formats: Formats<'a>,
}

/// A decoder of one encoding.
pub(crate) trait Decoder {
    /// Starts a rectangle, which was checked to lie within the framebuffer.
    fn begin(&mut self, rect: Rect);

    /// Writes what the bytes at hand allow, and takes only those that it used.
    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError>;

    /// Whether the rectangle has pixels that are not quite the server's.
    fn is_lossy(&self) -> bool {
        false
    }
}

/// All decoders of a session, with what they keep from one rectangle to the next.
#[derive(Debug, Default)]
pub(crate) struct Decoders {
    raw: raw::Raw,
    rre: rre::Rre,
    co_rre: rre::CoRre,
    hextile: hextile::Hextile,
    zlib: zlib::Zlib,
    tight: tight::Tight,
    trle: trle::Trle,
    zrle: zrle::Zrle,
}

impl Decoders {
    /// The decoder of an encoding; none for CopyRect, which has no pixels.
    pub(crate) fn of(&mut self, encoding: Encoding) -> Option<&mut dyn Decoder> {
        match encoding {
            Encoding::CopyRect => None,
            Encoding::Raw => Some(&mut self.raw),
            Encoding::Rre => Some(&mut self.rre),
            Encoding::CoRre => Some(&mut self.co_rre),
            Encoding::Hextile => Some(&mut self.hextile),
            Encoding::Zlib => Some(&mut self.zlib),
            Encoding::Tight => Some(&mut self.tight),
            Encoding::Trle => Some(&mut self.trle),
            Encoding::Zrle => Some(&mut self.zrle),
        }
    }

    /// Bytes of memory held.
    pub(crate) fn held_bytes(&self) -> usize {
        self.zlib.held_bytes() + self.zrle.held_bytes() + self.tight.held_bytes()
    }
}
