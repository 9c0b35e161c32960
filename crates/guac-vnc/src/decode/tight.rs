//! Tight: fills, filtered pixels over four zlib streams, and JPEG (RFC 6143 leaves it to the
//! community specification, "Tight Encoding").

mod filter;
mod jpeg;

use flate2::Decompress;

use super::{
    Canvas, Decoder, Progress,
    inflate::{Deflated, Inflated, STREAM_BYTES},
};
use crate::{DecodeError, Rect, input::Input};
use filter::Filter;
use jpeg::Jpeg;

/// Data shorter than this is sent as it is, without a length.
const MIN_COMPRESSED: usize = 12;

/// The decoder of Tight rectangles.
#[derive(Debug, Default)]
pub(super) struct Tight {
    rect: Rect,
    state: State,
    filter: Filter,
    streams: [Option<Decompress>; 4],
    inflated: Inflated,
    jpeg: Jpeg,
}

/// What comes next of a rectangle.
#[derive(Debug, Default)]
enum State {
    #[default]
    Control,
    Fill,
    JpegLength,
    Jpeg(usize),
    FilterNumber(Source),
    PaletteSize(Source),
    Palette(Source, usize),
    Length(Source),
    /// Filtered pixels without compression, this many bytes.
    Plain(usize),
    Deflated(usize, Deflated),
    Done,
}

/// Where filtered pixels come from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Stream(usize),
    /// No compression: a variant that TightVNC has.
    Stored,
}

impl Tight {
    pub(super) fn held_bytes(&self) -> usize {
        let streams = self.streams.iter().flatten().count() * STREAM_BYTES;
        streams + self.inflated.held_bytes() + self.filter.held_bytes() + self.jpeg.held_bytes()
    }

    /// Takes the first byte: which streams start anew, and what the rectangle is made of.
    fn control(&mut self, control: u8) -> Result<State, DecodeError> {
        for (index, stream) in self.streams.iter_mut().enumerate() {
            if let (1, Some(stream)) = (control >> index & 1, stream) {
                stream.reset(true);
            }
        }
        let source = Source::Stream(usize::from(control >> 4 & 3));
        match control >> 4 {
            0..=3 => Ok(self.filtered(source, Filter::copy(self.rect))),
            4..=7 => Ok(State::FilterNumber(source)),
            8 => Ok(State::Fill),
            9 => Ok(State::JpegLength),
            10 => Ok(self.filtered(Source::Stored, Filter::copy(self.rect))),
            14 => Ok(State::FilterNumber(Source::Stored)),
            _ => Err(DecodeError::UnknownSubencoding(control)),
        }
    }

    fn filtered(&mut self, source: Source, filter: Filter) -> State {
        self.filter = filter;
        State::Length(source)
    }

    fn filter_number(
        &mut self,
        number: u8,
        source: Source,
        canvas: &Canvas<'_>,
    ) -> Result<State, DecodeError> {
        match number {
            0 => Ok(self.filtered(source, Filter::copy(self.rect))),
            1 => Ok(State::PaletteSize(source)),
            2 => {
                let filter = Filter::gradient(self.rect, canvas.formats.tight)?;
                Ok(self.filtered(source, filter))
            }
            other => Err(DecodeError::UnknownSubencoding(other)),
        }
    }

    /// Takes the length of the data, unless there is too little to have one.
    fn length(&self, source: Source, input: &mut Input<'_>, canvas: &Canvas<'_>) -> Option<State> {
        let plain = self.filter.data_bytes(canvas.formats.tight);
        if plain < MIN_COMPRESSED {
            return Some(State::Plain(plain));
        }
        let length = compact_length(input)?;
        Some(match source {
            Source::Stream(index) => State::Deflated(index, Deflated::new(length)),
            Source::Stored => State::Plain(length),
        })
    }

    /// Takes filtered pixels that are not compressed, exactly `left` bytes of them.
    fn plain(
        &mut self,
        left: &mut usize,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<bool, DecodeError> {
        let mut data = Input::new(input.rest().get(..*left).unwrap_or(input.rest()));
        let before = data.len();
        let complete = self.filter.decode(&mut data, canvas)?;
        let used = before - data.len();
        input.up_to(used);
        let all_here = before == *left;
        *left -= used;
        match (complete, *left) {
            (true, 0) => Ok(true),
            (true, _) => Err(DecodeError::TooLong),
            (false, _) if all_here => Err(DecodeError::TooShort),
            (false, _) => Ok(false),
        }
    }
}

impl Decoder for Tight {
    fn begin(&mut self, rect: Rect) {
        self.rect = rect;
        self.state = State::Control;
        self.inflated.clear();
    }

    fn decode(
        &mut self,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<Progress, DecodeError> {
        loop {
            let format = canvas.formats.tight;
            // The state is taken out while it is worked on, and put back if it has to wait.
            let next = match std::mem::take(&mut self.state) {
                State::Control => match input.u8() {
                    None => Err(State::Control),
                    Some(control) => Ok(self.control(control)?),
                },
                State::Fill => match format.take(input) {
                    None => Err(State::Fill),
                    Some(color) => {
                        canvas.surface.fill(self.rect, color);
                        Ok(State::Done)
                    }
                },
                State::JpegLength => match compact_length(input) {
                    None => Err(State::JpegLength),
                    Some(length) => {
                        self.jpeg.begin(self.rect, length)?;
                        Ok(State::Jpeg(length))
                    }
                },
                State::Jpeg(length) => match self.jpeg.decode(self.rect, length, input, canvas)? {
                    false => Err(State::Jpeg(length)),
                    true => Ok(State::Done),
                },
                State::FilterNumber(source) => match input.u8() {
                    None => Err(State::FilterNumber(source)),
                    Some(number) => Ok(self.filter_number(number, source, canvas)?),
                },
                State::PaletteSize(source) => match input.u8() {
                    None => Err(State::PaletteSize(source)),
                    Some(last) => Ok(State::Palette(source, usize::from(last) + 1)),
                },
                State::Palette(source, colors) => match input.take(colors * format.bytes()) {
                    None => Err(State::Palette(source, colors)),
                    Some(bytes) => {
                        let filter = Filter::palette(self.rect, bytes, format);
                        Ok(self.filtered(source, filter))
                    }
                },
                State::Length(source) => self
                    .length(source, input, canvas)
                    .ok_or(State::Length(source)),
                State::Plain(mut left) => match self.plain(&mut left, input, canvas)? {
                    false => Err(State::Plain(left)),
                    true => Ok(State::Done),
                },
                State::Deflated(index, mut deflated) => {
                    let Some(stream) = self.streams.get_mut(index) else {
                        return Err(DecodeError::Inflate);
                    };
                    let stream = stream.get_or_insert_with(|| Decompress::new(true));
                    let done = deflated.drive(stream, &mut self.inflated, input, |bytes| {
                        self.filter.decode(bytes, canvas)
                    })?;
                    if done {
                        Ok(State::Done)
                    } else {
                        Err(State::Deflated(index, deflated))
                    }
                }
                State::Done => return Ok(Progress::Done),
            };
            match next {
                Ok(state) => self.state = state,
                Err(state) => {
                    self.state = state;
                    return Ok(Progress::Wait);
                }
            }
        }
    }
}

/// A length in one to three bytes, seven bits in each of the first two, lowest first.
fn compact_length(input: &mut Input<'_>) -> Option<usize> {
    input.whole(|input| {
        let mut length = 0;
        for shift in [0, 7, 14] {
            let byte = input.u8()?;
            let bits = if shift == 14 { byte } else { byte & 0x7f };
            length |= usize::from(bits) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(length)
    })
}
