//! One framebuffer update: its rectangles, and what only looks like a rectangle.

use super::{Context, Session, State, cursor, locks::Leds};
use crate::{
    DecodeError, Encoding, Error, Event, ProtocolError, Rect,
    collect::Collect,
    decode::{Canvas, Progress},
    encoding::Pseudo,
    input::Input,
    limits::MAX_CLAIMED_NAME,
    message::Screen,
};

/// How far the update is.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// Rectangles to come, the current one included.
    left: u16,
    part: Part,
}

/// What the server has to send next within an update.
#[derive(Debug, Default)]
enum Part {
    #[default]
    Header,
    CopySource(Rect),
    Pixels(Encoding, Rect),
    Cursor(cursor::Cursor),
    /// The locks of the server's keyboard, in a number of so many bytes.
    Leds {
        bytes: u8,
    },
    NameLength,
    Name(Collect),
    ScreenCount(Rect),
    Screens {
        rect: Rect,
        first: Option<Screen>,
        left: u8,
    },
}

/// What comes after a part.
enum Next {
    Part(Part),
    /// A rectangle is complete.
    Done,
    /// This was the last rectangle, whatever the header said.
    Last,
    Wait,
}

impl Update {
    pub(crate) fn begin(&mut self, rectangles: u16) {
        *self = Self {
            left: rectangles,
            part: Part::Header,
        };
    }

    pub(crate) fn held_bytes(&self) -> usize {
        match &self.part {
            Part::Cursor(cursor) => cursor.held_bytes(),
            Part::Name(name) => name.capacity(),
            _ => 0,
        }
    }
}

impl Session {
    /// Does what the bytes at hand allow within an update. `None` waits for more.
    pub(super) fn update_step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<State>, Error> {
        if self.update.left == 0 {
            self.refinement.update_ended();
            context.outbox.event(Event::FrameEnd);
            return Ok(Some(State::MessageType));
        }
        match self.part(input, context)? {
            Next::Wait => return Ok(None),
            Next::Part(part) => self.update.part = part,
            Next::Done => {
                self.update.left -= 1;
                self.update.part = Part::Header;
            }
            Next::Last => self.update.left = 0,
        }
        Ok(Some(State::Update))
    }

    fn part(&mut self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Next, Error> {
        match &mut self.update.part {
            Part::Header => self.rectangle_header(input, context),
            Part::CopySource(rect) => {
                let rect = *rect;
                self.copy_rect(rect, input, context)
            }
            Part::Pixels(encoding, rect) => {
                let (encoding, rect) = (*encoding, *rect);
                self.pixels(encoding, rect, input, context)
            }
            Part::Cursor(cursor) => {
                let format = Self::formats(&self.colours, context.config).full;
                Ok(match cursor.feed(input, format)? {
                    cursor::Progress::Wait => Next::Wait,
                    cursor::Progress::Dropped => Next::Done,
                    cursor::Progress::Shape(shape) => {
                        context.outbox.event(Event::Cursor(shape));
                        Next::Done
                    }
                })
            }
            Part::Leds { bytes } => Ok(match led_bits(*bytes, input) {
                None => Next::Wait,
                Some(bits) => {
                    self.controls.report(Leds::from_bits(bits), context.outbox);
                    Next::Done
                }
            }),
            Part::NameLength => match input.u32() {
                None => Ok(Next::Wait),
                Some(length) if MAX_CLAIMED_NAME < length => {
                    Err(ProtocolError::NameTooLong(length).into())
                }
                Some(length) => {
                    let keep = context.config.limits.max_name_bytes;
                    Ok(Next::Part(Part::Name(Collect::new(length.into(), keep))))
                }
            },
            Part::Name(name) => Ok(if name.feed(input) {
                context.outbox.event(Event::DesktopName(name.line()));
                Next::Done
            } else {
                Next::Wait
            }),
            Part::ScreenCount(rect) => Ok(match input.array() {
                None => Next::Wait,
                Some([left, _, _, _]) => Next::Part(Part::Screens {
                    rect: *rect,
                    first: None,
                    left,
                }),
            }),
            Part::Screens { rect, first, left } => {
                while 0 < *left {
                    let Some(screen) = Screen::take(input) else {
                        return Ok(Next::Wait);
                    };
                    first.get_or_insert(screen);
                    *left -= 1;
                }
                let (rect, first) = (*rect, *first);
                self.extended_size(rect, first, context)?;
                Ok(Next::Done)
            }
        }
    }

    fn rectangle_header(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Next, Error> {
        let header = input.whole(|input| {
            let rect = Rect::new(input.u16()?, input.u16()?, input.u16()?, input.u16()?);
            Some((rect, input.i32()?))
        });
        let Some((rect, number)) = header else {
            return Ok(Next::Wait);
        };
        if let Some(pseudo) = Pseudo::from_number(number) {
            return self.pseudo(pseudo, rect, context);
        }
        let encoding =
            Encoding::from_number(number).ok_or(ProtocolError::UnknownEncoding(number))?;
        if !rect.fits(self.width, self.height) {
            let Rect {
                x,
                y,
                width,
                height,
            } = rect;
            return Err(ProtocolError::OutsideFramebuffer {
                x,
                y,
                width,
                height,
            }
            .into());
        }
        Ok(Next::Part(match self.decoders.of(encoding) {
            None => Part::CopySource(rect),
            Some(decoder) => {
                decoder.begin(rect);
                Part::Pixels(encoding, rect)
            }
        }))
    }

    fn pseudo(
        &mut self,
        pseudo: Pseudo,
        rect: Rect,
        context: &mut Context<'_>,
    ) -> Result<Next, Error> {
        let limit = context.config.limits.max_cursor_side;
        let cursor = |kind| Next::Part(Part::Cursor(cursor::Cursor::new(kind, rect, limit)));
        Ok(match pseudo {
            Pseudo::Cursor => cursor(cursor::Kind::Masked {
                bytes: Self::formats(&self.colours, context.config).full.bytes(),
            }),
            Pseudo::XCursor => cursor(cursor::Kind::TwoColours),
            Pseudo::CursorWithAlpha => cursor(cursor::Kind::Alpha),
            Pseudo::PointerPos => {
                let Rect { x, y, .. } = rect;
                context.outbox.event(Event::PointerMoved { x, y });
                Next::Done
            }
            // None carries data, and none means anything here: they have messages of their own.
            Pseudo::Fence
            | Pseudo::ContinuousUpdates
            | Pseudo::ExtendedClipboard
            | Pseudo::TightWithoutZlib
            | Pseudo::Xvp => Next::Done,
            Pseudo::DesktopSize => {
                self.resize(rect.width, rect.height, context)?;
                Next::Done
            }
            Pseudo::ExtendedDesktopSize => Next::Part(Part::ScreenCount(rect)),
            Pseudo::QemuKeyEvent => {
                self.controls.takes_scancodes = true;
                Next::Done
            }
            Pseudo::ExtendedMouseButtons => {
                self.controls.takes_many_buttons = true;
                Next::Done
            }
            Pseudo::QemuLedState => Next::Part(Part::Leds { bytes: 1 }),
            Pseudo::VmwareLedState => Next::Part(Part::Leds { bytes: 4 }),
            Pseudo::DesktopName => Next::Part(Part::NameLength),
            Pseudo::LastRect => Next::Last,
        })
    }

    fn copy_rect(
        &mut self,
        rect: Rect,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Next, Error> {
        let Some((x, y)) = input.whole(|input| Some((input.u16()?, input.u16()?))) else {
            return Ok(Next::Wait);
        };
        let source = Rect { x, y, ..rect };
        if !source.fits(self.width, self.height) {
            let error = DecodeError::CopySource { x, y };
            return Err(Error::Decode {
                encoding: Encoding::CopyRect,
                error,
            });
        }
        let mut surface = context.sink.surface();
        if !surface.holds(self.width, self.height) {
            return Err(Error::SurfaceTooSmall);
        }
        surface.copy(source, rect.x, rect.y);
        if !rect.is_empty() {
            self.refinement.copied(source, rect.x, rect.y);
            context.sink.copied(source, rect.x, rect.y);
            context.sink.damage(rect);
        }
        Ok(Next::Done)
    }

    fn pixels(
        &mut self,
        encoding: Encoding,
        rect: Rect,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Next, Error> {
        let Some(decoder) = self.decoders.of(encoding) else {
            return Ok(Next::Done);
        };
        let surface = context.sink.surface();
        if !surface.holds(self.width, self.height) {
            return Err(Error::SurfaceTooSmall);
        }
        let mut canvas = Canvas {
            surface,
            formats: Self::formats(&self.colours, context.config),
        };
        let progress = decoder
            .decode(input, &mut canvas)
            .map_err(|error| Error::Decode { encoding, error })?;
        if progress == Progress::Wait {
            return Ok(Next::Wait);
        }
        if !rect.is_empty() {
            self.refinement.drawn(rect, decoder.is_lossy());
            context.sink.damage(rect);
        }
        Ok(Next::Done)
    }
}

/// The lowest byte of a number of one or four bytes.
fn led_bits(bytes: u8, input: &mut Input<'_>) -> Option<u8> {
    input.take(bytes.into())?.last().copied()
}
