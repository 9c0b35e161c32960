//! A second decoder, deliberately simple: whole buffers, one pixel after the other, written from
//! the specifications ([RFC 6143] and the [community specification]) and not from `guac-vnc`.
//!
//! The same bytes have to give the same picture in both, or be refused by both. Three differences
//! are none:
//!
//! - Bytes that are both incomplete and wrong are [`Stop::Short`] here where `guac-vnc`, which
//!   decodes what has arrived, may have seen already that they are wrong; and the other way
//!   round, where a bound that `guac-vnc` knows beforehand is looked at only in the end here.
//!   Neither ever completes such a rectangle.
//! - Compressed data that is damaged after all that a rectangle needs may be refused with that
//!   rectangle or with the next one: [`Decoder::is_doubtful`].
//! - JPEGs are not decoded here. A caller gives a decoder for them, or takes their place from
//!   [`Decoder::take_undecoded`].
//!
//! [RFC 6143]: https://www.rfc-editor.org/rfc/rfc6143
//! [community specification]: https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst

mod canvas;
mod cursor;
mod hextile;
mod inflate;
mod pixel;
mod reader;
mod rre;
mod session;
mod tight;
mod tiles;

use std::collections::BTreeSet;

pub use canvas::{Area, Canvas};
pub use cursor::{Cursor, CursorKind};
pub use pixel::PixelFormat;
pub use reader::{Reader, Stop};
pub use session::{Rectangle, Session};

use inflate::Stream;
use tiles::Palette;

/// Decodes a JPEG into rows of `0x00RRGGBB`, if it is one of this width and height.
pub type Jpeg = fn(bytes: &[u8], width: usize, height: usize) -> Option<Vec<u32>>;

/// All that one connection's pixels depend on.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// What has been drawn.
    pub canvas: Canvas,
    /// How pixels look on the wire, and the colours of their indices.
    pub format: PixelFormat,
    /// What kinds of rectangles and tiles there were.
    pub seen: BTreeSet<&'static str>,
    jpeg: Option<Jpeg>,
    undecoded: Vec<Area>,
    zlib: Stream,
    zrle: Stream,
    tight: [Stream; 4],
}

impl Decoder {
    /// A decoder of an empty picture of this size.
    #[must_use]
    pub fn new(format: PixelFormat, width: usize, height: usize) -> Self {
        Self {
            canvas: Canvas::new(width, height),
            format,
            seen: BTreeSet::new(),
            jpeg: None,
            undecoded: Vec::new(),
            zlib: Stream::default(),
            zrle: Stream::default(),
            tight: Default::default(),
        }
    }

    /// Has JPEGs decoded by this function.
    #[must_use]
    pub fn with_jpeg(self, jpeg: Jpeg) -> Self {
        Self {
            jpeg: Some(jpeg),
            ..self
        }
    }

    /// Whether compressed data is damaged after what was needed of it: whoever decodes the same may have refused
    /// it, and refuses what follows.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let mut streams = [&self.zlib, &self.zrle].into_iter().chain(&self.tight);
        streams.any(Stream::is_damaged)
    }

    /// The places of JPEGs that nobody decoded.
    pub fn take_undecoded(&mut self) -> Vec<Area> {
        std::mem::take(&mut self.undecoded)
    }

    /// Decodes one rectangle that lies within the picture.
    ///
    /// # Errors
    /// When its bytes are not all there, or make no sense.
    pub fn rectangle(
        &mut self,
        encoding: i32,
        area: Area,
        input: &mut Reader<'_>,
    ) -> Result<(), Stop> {
        match encoding {
            0 => self.raw(area, input),
            1 => self.copy(area, input),
            2 => rre::decode(self, area, input, |input| input.u16().map(usize::from)),
            4 => rre::decode(self, area, input, |input| input.u8().map(usize::from)),
            5 => hextile::decode(self, area, input),
            6 => self.zlib(area, input),
            7 => tight::decode(self, area, input),
            15 => {
                self.seen.insert("trle");
                let mut palette = Palette::default();
                for tile in area.tiles(16) {
                    tiles::decode(self, tile, input, Some(&mut palette))?;
                }
                Ok(())
            }
            16 => self.zrle(area, input),
            _ => Err(Stop::Wrong("an encoding that nobody asked for")),
        }
    }

    fn raw(&mut self, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
        self.seen.insert("raw");
        for (x, y) in area.places() {
            let color = self.format.pixel(input)?;
            self.canvas.set(x, y, color);
        }
        Ok(())
    }

    fn copy(&mut self, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
        self.seen.insert("copyrect");
        let (x, y) = (input.u16()?.into(), input.u16()?.into());
        let source = Area { x, y, ..area };
        if !source.fits(self.canvas.width, self.canvas.height) {
            return Err(Stop::Wrong("a copy from outside"));
        }
        let colors: Vec<u32> = source.places().map(|(x, y)| self.canvas.at(x, y)).collect();
        self.canvas.draw(area, &colors);
        Ok(())
    }

    fn zlib(&mut self, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
        self.seen.insert("zlib");
        let length = input.u32()? as usize;
        let plain = self.zlib.inflate(input.take(length)?)?;
        let mut plain = Reader::new(&plain);
        for (x, y) in area.places() {
            let color = plain.whole(|plain| self.format.pixel(plain))?;
            self.canvas.set(x, y, color);
        }
        plain.at_end()
    }

    fn zrle(&mut self, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
        self.seen.insert("zrle");
        let length = input.u32()? as usize;
        let plain = self.zrle.inflate(input.take(length)?)?;
        let mut plain = Reader::new(&plain);
        for tile in area.tiles(64) {
            plain.whole(|plain| tiles::decode(self, tile, plain, None))?;
        }
        plain.at_end()
    }
}
