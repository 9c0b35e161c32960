//! Tight: fills, filtered pixels over four zlib streams, and JPEG (RFC 6143 leaves it to the
//! community specification, "Tight Encoding").

mod filter;
mod jpeg;

use flate2::Decompress;

use super::{
    Canvas, Decoder, Progress,
    inflate::{Deflated, Inflated, STREAM_BYTES},
};
use crate::{DecodeError, Rect, input::Input, pixel::Format};
use filter::Filter;
use jpeg::Jpeg;

/// Data shorter than this is sent as it is, without a length.
const MIN_COMPRESSED: usize = 12;

/// The decoder of Tight rectangles.
#[derive(Debug, Default)]
pub(super) struct Tight {
    rect: Rect,
    /// Whether the rectangle is a JPEG.
    lossy: bool,
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
    fn control(&mut self, control: u8, format: Format<'_>) -> Result<State, DecodeError> {
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
            // There are no photographs in pixels of one byte.
            9 if format.parts_max().is_some() => Ok(State::JpegLength),
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
        self.lossy = false;
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
                    Some(control) => Ok(self.control(control, format)?),
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
                        self.lossy = true;
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

    fn is_lossy(&self) -> bool {
        self.lossy
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ByteOrder, ColorDepth,
        decode::testing::{Table, deflated, stored},
    };

    const RED: [u8; 3] = [0xff, 0, 0];
    const BLUE: [u8; 3] = [0, 0, 0xff];
    const R: u32 = 0xff0000;
    const B: u32 = 0x0000ff;

    fn table(width: u16, height: u16) -> Table {
        Table::new(width.into(), height.into(), Rect::new(0, 0, width, height))
    }

    /// Data after its length in one byte.
    fn short(data: &[u8]) -> Vec<u8> {
        assert!(data.len() < 128);
        [&[u8::try_from(data.len()).unwrap()], data].concat()
    }

    #[test]
    fn lengths_have_one_to_three_bytes() {
        let rows: [(&[u8], Option<usize>); 7] = [
            (&[0x7f], Some(127)),
            (&[0x90, 0x4e], Some(10_000)),
            (&[0xff, 0xff, 0xff], Some((1 << 22) - 1)),
            (&[0x80, 0x80, 0x01], Some(1 << 14)),
            (&[], None),
            (&[0x80], None),
            (&[0x80, 0x80], None),
        ];
        for (bytes, length) in rows {
            assert_eq!(compact_length(&mut Input::new(bytes)), length, "{bytes:x?}");
        }
    }

    #[test]
    fn a_fill_is_one_pixel() {
        table(3, 2).expect::<Tight>(&[0x80, 0x11, 0x22, 0x33], &[[0x112233; 3]; 2]);
        let sixteen = table(1, 1).depth(ColorDepth::Bits16);
        sixteen.expect::<Tight>(&[0x80, 0x00, 0xf8], &[[R]]);
        let big = sixteen.order(ByteOrder::Big);
        big.expect::<Tight>(&[0x80, 0xf8, 0x00], &[[R]]);
        let indexed = table(1, 1).depth(ColorDepth::Indexed8);
        indexed.expect::<Tight>(&[0x80, 2], &[[0x020406]]);
        // Three bytes have red first whatever the order of the whole pixel is.
        let big = table(1, 1).order(ByteOrder::Big);
        big.expect::<Tight>(&[0x80, 0x11, 0x22, 0x33], &[[0x112233]]);
    }

    #[test]
    fn less_than_twelve_bytes_are_sent_as_they_are() {
        let data = [&[0x00][..], &RED, &BLUE, &RED].concat();
        table(3, 1).expect::<Tight>(&data, &[[R, B, R]]);
        // The same with the filter named.
        let data = [&[0x40, 0][..], &RED, &BLUE, &RED].concat();
        table(3, 1).expect::<Tight>(&data, &[[R, B, R]]);
    }

    #[test]
    fn pixels_are_inflated_from_the_stream_that_is_named() {
        let pixels = [RED, BLUE, RED, BLUE].concat();
        for (control, data) in [(0x00, stored(&pixels)), (0x30, deflated(&pixels))] {
            let data = [&[control][..], &short(&data)].concat();
            table(2, 2).expect::<Tight>(&data, &[[R, B], [R, B]]);
        }
    }

    #[test]
    fn streams_go_on_until_they_are_reset() {
        let rect = Rect::new(0, 0, 2, 2);
        let (mut tight, mut pixels) = (Tight::default(), [0; 4]);
        let mut run = |data: &[&[u8]]| {
            tight.begin(rect);
            let result = table(2, 2).run(&mut tight, &[&data.concat()], &mut pixels);
            result.map(|()| pixels)
        };
        let red = stored(&RED.repeat(4));
        let blue = stored(&BLUE.repeat(4));
        assert_eq!(run(&[&[0x10], &short(&red)]), Ok([R; 4]));
        assert_eq!(
            run(&[&[0x10], &short(&blue[2..])]),
            Ok([B; 4]),
            "stream 1 goes on"
        );
        assert_eq!(
            run(&[&[0x12], &short(&red)]),
            Ok([R; 4]),
            "stream 1 starts anew"
        );
        assert_eq!(
            run(&[&[0x2d], &short(&blue)]),
            Ok([B; 4]),
            "stream 2 starts, others reset"
        );
        assert_eq!(
            run(&[&[0x10], &short(&blue[2..])]),
            Ok([B; 4]),
            "stream 1 was not reset"
        );
        assert_eq!(
            run(&[&[0x10], &short(&red)]),
            Err(DecodeError::Inflate),
            "a second start"
        );
    }

    #[test]
    fn two_colours_have_a_bit_each_and_more_a_byte() {
        let palette = [&[0x40, 1, 1][..], &RED, &BLUE].concat();
        let data = [&palette[..], &[0b0110_0000, 0b1000_0000]].concat();
        table(3, 2).expect::<Tight>(&data, &[[R, B, B], [B, R, R]]);

        let palette = [&[0x50, 1, 2][..], &RED, &BLUE, &[1, 2, 3]].concat();
        let data = [&palette[..], &[0, 1, 2, 2, 1, 0]].concat();
        table(3, 2).expect::<Tight>(&data, &[[R, B, 0x010203], [0x010203, B, R]]);

        let indices = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2];
        let data = [&palette[..], &short(&stored(&indices))].concat();
        table(3, 4).expect::<Tight>(&data, &[[R, B, 0x010203]; 4]);
    }

    #[test]
    fn a_gradient_adds_to_what_the_neighbours_suggest() {
        // First row: each pixel is the one before plus the difference. Second row: what is
        // above, and the change from above left to left.
        let differences = [
            [10, 20, 250],
            [5, 0, 10], // 10,20,250 then 15,20,4 (wrapped)
            [1, 1, 1],
            [0, 0, 0], // 11,21,251 then 16,21,5 by clamping and prediction
        ]
        .concat();
        let rows = [[0x0a14fa, 0x0f1404], [0x0b15fb, 0x101505]];
        let data = [&[0x60, 2][..], &short(&stored(&differences))].concat();
        table(2, 2).expect::<Tight>(&data, &rows);
    }

    #[test]
    fn a_gradient_is_clamped_at_both_ends() {
        // Above left 100, above 0, left 10: suggests -90, taken as 0.
        let data = [
            &[0x40, 2][..],
            &short(&stored(&[
                100, 0, 0, 156, 0, 0, // 100, then 100 + 156 wrapped to 0
                166, 255, 0, 7, 255, 0, // 100 + 166 wrapped to 10, then 0 + 7
            ])),
        ]
        .concat();
        let rows = [[0x640000, 0], [0x0aff00, 0x07fe00]];
        table(2, 2).expect::<Tight>(&data, &rows);
    }

    #[test]
    fn sixteen_bit_gradients_count_in_the_pixels_own_parts() {
        // Red 31 then plus 1 (wrapped to 0); green 32 then 32 + 32 (wrapped to 0); blue 1, 2.
        let bytes = |r: u16, g: u16, b: u16| (r << 11 | g << 5 | b).to_le_bytes();
        let data = [&[0x40, 2][..], &bytes(31, 32, 1), &bytes(1, 32, 1)].concat();
        let rows = [[0xff8208, 0x000010]];
        table(2, 1)
            .depth(ColorDepth::Bits16)
            .expect::<Tight>(&data, &rows);
        // Five bits of each, the higher byte first: green 16 wraps around at 32.
        let bytes = |r: u16, g: u16, b: u16| (r << 10 | g << 5 | b).to_be_bytes();
        let data = [&[0x40, 2][..], &bytes(31, 16, 1), &bytes(1, 16, 1)].concat();
        let rows = [[0xff8408, 0x000010]];
        table(2, 1)
            .depth(ColorDepth::Bits15)
            .order(ByteOrder::Big)
            .expect::<Tight>(&data, &rows);
    }

    #[test]
    fn the_variant_without_zlib_has_a_length_all_the_same() {
        let data = [&[0xa0][..], &short(&[RED, BLUE, RED, BLUE].concat())].concat();
        table(2, 2).expect::<Tight>(&data, &[[R, B], [R, B]]);
        let indices = [&[0xe0, 1, 2][..], &RED, &BLUE, &RED, &short(&[1; 12])].concat();
        table(12, 1).expect::<Tight>(&indices, &[[B; 12]]);
        // Too little to compress has no length here either, and streams are reset as ever.
        table(2, 1).expect::<Tight>(&[&[0xaf][..], &RED, &BLUE].concat(), &[[R, B]]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refuse = |data: &[&[u8]], error| table(2, 2).refuse::<Tight>(&data.concat(), error);
        refuse(&[&[0xb0]], DecodeError::UnknownSubencoding(0xb0));
        refuse(&[&[0xf0]], DecodeError::UnknownSubencoding(0xf0));
        refuse(&[&[0x40, 3]], DecodeError::UnknownSubencoding(3));
        let index = DecodeError::PaletteIndex {
            index: 3,
            colors: 3,
        };
        refuse(&[&[0x40, 1, 2], &[0; 9], &[0, 1, 3, 0]], index);
        let index = DecodeError::PaletteIndex {
            index: 1,
            colors: 1,
        };
        refuse(&[&[0x40, 1, 0], &[0; 3], &[0x40, 0]], index);
        refuse(&[&[0x00], &short(&stored(&[0; 11]))], DecodeError::TooShort);
        refuse(&[&[0x00], &short(&stored(&[0; 13]))], DecodeError::TooLong);
        refuse(&[&[0xa0, 11], &[0; 11]], DecodeError::TooShort);
        for depth in [ColorDepth::Bits8, ColorDepth::Indexed8] {
            let eight = table(2, 2).depth(depth);
            eight.refuse::<Tight>(&[0x40, 2], DecodeError::UnknownSubencoding(2));
            eight.refuse::<Tight>(&[0x90, 1], DecodeError::UnknownSubencoding(0x90));
        }
    }
}
