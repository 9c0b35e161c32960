//! Whole streams of a server, from the first message after the handshake on.

use std::ops::Range;

use super::{Area, Canvas, Cursor, CursorKind, Decoder, Reader, Stop};

/// What a stream has made of the client's side.
#[derive(Debug, Clone)]
pub struct Session {
    /// The picture and what it depends on.
    pub decoder: Decoder,
    /// The newest shape of the cursor.
    pub cursor: Option<Cursor>,
    /// How many updates are complete.
    pub updates: usize,
    /// The rectangles of the last message that had some.
    pub rectangles: Vec<Rectangle>,
}

/// A rectangle that was read.
#[derive(Debug, Clone)]
pub struct Rectangle {
    /// Its encoding, or what else it is.
    pub encoding: i32,
    /// Its place.
    pub area: Area,
    /// Where its data is in its message.
    pub data: Range<usize>,
}

impl Session {
    /// A session at its start.
    #[must_use]
    pub fn new(decoder: Decoder) -> Self {
        Self {
            decoder,
            cursor: None,
            updates: 0,
            rectangles: Vec::new(),
        }
    }

    /// Reads one message. Gives its length.
    ///
    /// # Errors
    /// When the message is not all there, or makes no sense. The session is of no use then: where
    /// more may arrive, a clone of it takes the message first.
    pub fn message(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            0 => self.update(&mut input)?,
            1 => self.color_map(&mut input)?,
            2 | 150 => {}
            3 => {
                input.take(3)?;
                // A negative length announces an extended clipboard.
                let length = i32::from_be_bytes(input.array()?);
                input.take(length.unsigned_abs() as usize)?;
            }
            248 => {
                input.take(7)?;
                let length = input.u8()?;
                input.take(length.into())?;
            }
            250 => {
                input.take(3)?;
            }
            _ => return Err(Stop::Wrong("a message that nobody asked for")),
        }
        Ok(input.position())
    }

    fn color_map(&mut self, input: &mut Reader<'_>) -> Result<(), Stop> {
        self.decoder.seen.insert("colour map");
        input.u8()?;
        let first = usize::from(input.u16()?);
        let count = usize::from(input.u16()?);
        for index in first..first + count {
            // Sixteen bits for each part, of which a picture has the upper eight.
            let [r, _, g, _, b, _] = input.array()?;
            if let Some(color) = self.decoder.format.map.get_mut(index) {
                *color = u32::from_be_bytes([0, r, g, b]);
            }
        }
        Ok(())
    }

    fn update(&mut self, input: &mut Reader<'_>) -> Result<(), Stop> {
        input.u8()?;
        let count = input.u16()?;
        self.rectangles.clear();
        for _ in 0..count {
            let [x, y, width, height] = [input.u16()?, input.u16()?, input.u16()?, input.u16()?];
            let area = Area::new(x.into(), y.into(), width.into(), height.into());
            let encoding = i32::from_be_bytes(input.array()?);
            if encoding == -224 {
                self.decoder.seen.insert("last rectangle");
                break;
            }
            let start = input.position();
            self.rectangle(encoding, area, input)?;
            self.rectangles.push(Rectangle {
                encoding,
                area,
                data: start..input.position(),
            });
        }
        self.updates += 1;
        Ok(())
    }

    fn rectangle(&mut self, encoding: i32, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
        let format = &self.decoder.format;
        if let Some(kind) = CursorKind::ALL
            .iter()
            .find(|kind| kind.number() == encoding)
        {
            let cursor = Cursor::read(*kind, area.width, area.height, format, input)?;
            self.cursor = Some(cursor);
            self.decoder.seen.insert(match kind {
                CursorKind::Rich => "cursor",
                CursorKind::TwoColours => "cursor of two colours",
                CursorKind::Alpha => "cursor with alpha",
            });
            return Ok(());
        }
        match encoding {
            // Where the pointer is, and what a server can do: nothing to read.
            -232 | -258 | -312 | -313 => Ok(()),
            // The state of the lock keys.
            -261 => input.u8().map(|_| ()),
            -307 => {
                self.decoder.seen.insert("desktop name");
                let length = input.u32()?;
                input.take(length as usize).map(|_| ())
            }
            -223 => {
                self.resize(area);
                Ok(())
            }
            -308 => {
                let [screens, ..] = input.array::<4>()?;
                input.take(usize::from(screens) * 16)?;
                // A refusal has the size of nothing.
                if area.x != 1 || area.y == 0 {
                    self.resize(area);
                }
                Ok(())
            }
            _ => {
                let canvas = &self.decoder.canvas;
                if !area.fits(canvas.width, canvas.height) {
                    return Err(Stop::Wrong("a rectangle outside the framebuffer"));
                }
                self.decoder.rectangle(encoding, area, input)
            }
        }
    }

    fn resize(&mut self, area: Area) {
        let canvas = &mut self.decoder.canvas;
        if (area.width, area.height) != (canvas.width, canvas.height) {
            self.decoder.seen.insert("new size");
            *canvas = Canvas::new(area.width, area.height);
        }
    }
}
