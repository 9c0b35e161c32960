//! JPEG rectangles, decoded by `zune-jpeg` without unsafe code.

use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use crate::{
    DecodeError, Rect,
    collect::Collect,
    decode::Canvas,
    input::Input,
    limits::{MAX_JPEG_BYTES, MAX_JPEG_PIXELS},
};

/// What JPEGs need beside the picture: their compressed bytes, if they come in parts, and their
/// pixels, because the decoder cannot write into a picture with longer rows.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    data: Collect,
    pixels: Vec<u8>,
}

impl Jpeg {
    pub(super) fn begin(&mut self, rect: Rect, length: usize) -> Result<(), DecodeError> {
        if MAX_JPEG_BYTES < length || MAX_JPEG_PIXELS < rect.area() {
            return Err(DecodeError::JpegTooLarge);
        }
        self.data.restart(length, length);
        Ok(())
    }

    /// Takes the JPEG's bytes, and writes its pixels once they are complete, which it tells.
    pub(super) fn decode(
        &mut self,
        rect: Rect,
        length: usize,
        input: &mut Input<'_>,
        canvas: &mut Canvas<'_>,
    ) -> Result<bool, DecodeError> {
        if self.data.bytes().is_empty()
            && let Some(bytes) = input.take(length)
        {
            self.pixels(rect, bytes, canvas)?;
            return Ok(true);
        }
        if !self.data.feed(input) {
            return Ok(false);
        }
        let data = std::mem::take(&mut self.data);
        let result = self.pixels(rect, data.bytes(), canvas);
        self.data = data;
        result.map(|()| true)
    }

    pub(super) const fn held_bytes(&self) -> usize {
        self.data.capacity() + self.pixels.capacity()
    }

    fn pixels(
        &mut self,
        rect: Rect,
        bytes: &[u8],
        canvas: &mut Canvas<'_>,
    ) -> Result<(), DecodeError> {
        let options = DecoderOptions::new_safe()
            .set_max_width(rect.width.into())
            .set_max_height(rect.height.into())
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(|_| DecodeError::Jpeg)?;
        // What the decoder would allocate is known now: compare it with what may be.
        if decoder.dimensions() != Some((rect.width.into(), rect.height.into())) {
            return Err(DecodeError::JpegSize);
        }
        let bytes = rect.area() * 3;
        if self.pixels.capacity() < bytes {
            // As much as is needed and no more, and not beside what was there.
            self.pixels = Vec::new();
            self.pixels.reserve_exact(bytes);
        }
        self.pixels.resize(bytes, 0);
        if decoder.output_buffer_size() != Some(self.pixels.len()) {
            return Err(DecodeError::Jpeg);
        }
        decoder
            .decode_into(&mut self.pixels)
            .map_err(|_| DecodeError::Jpeg)?;

        let format = canvas.formats.tight.rgb();
        let rows = self.pixels.chunks_exact(usize::from(rect.width).max(1) * 3);
        for (y, bytes) in (usize::from(rect.y)..).zip(rows) {
            let row = canvas.surface.span(rect.x.into(), y, rect.width.into());
            format.convert(bytes, row);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        DecodeError, Rect,
        decode::{testing::Table, tight::Tight},
        limits::MAX_JPEG_BYTES,
    };

    /// A grey JPEG of one block made by hand: quantisation by 8, one code for the mean
    /// (difference 7), one for the end of a block. Its pixels are 128 + 7.
    fn grey(width: u8, height: u8) -> Vec<u8> {
        let mut jpeg = vec![0xff, 0xd8]; // start
        jpeg.extend([0xff, 0xdb, 0, 67, 0]); // one quantisation table
        jpeg.extend([8; 64]);
        jpeg.extend([0xff, 0xc0, 0, 11, 8, 0, height, 0, width, 1, 1, 0x11, 0]); // frame
        jpeg.extend([0xff, 0xc4, 0, 20, 0x00]); // code 0 is a mean of three bits
        jpeg.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
        jpeg.extend([0xff, 0xc4, 0, 20, 0x10]); // code 0 is the end of a block
        jpeg.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        jpeg.extend([0xff, 0xda, 0, 8, 1, 1, 0x00, 0, 63, 0]); // scan
        jpeg.extend([0b0111_0111, 0xff, 0xd9]); // 0 111, 0, padding; end
        jpeg
    }

    /// A JPEG rectangle, its length in two bytes.
    fn rectangle(jpeg: &[u8]) -> Vec<u8> {
        let (low, high) = (jpeg.len() & 0x7f | 0x80, jpeg.len() >> 7);
        [
            &[
                0x90,
                u8::try_from(low).unwrap(),
                u8::try_from(high).unwrap(),
            ],
            jpeg,
        ]
        .concat()
    }

    #[test]
    fn a_jpeg_is_written_into_its_rectangle() {
        let mut rows = [[0; 8]; 5];
        for row in &mut rows[1..4] {
            row[2..7].fill(0x878787);
        }
        let table = Table::new(8, 5, Rect::new(2, 1, 5, 3));
        table.expect::<Tight>(&rectangle(&grey(5, 3)), &rows);
    }

    #[test]
    fn a_jpeg_of_another_size_is_refused_before_it_is_decoded() {
        let table = Table::new(8, 8, Rect::new(0, 0, 5, 3));
        table.refuse::<Tight>(&rectangle(&grey(4, 3)), DecodeError::JpegSize);
        // Larger than the rectangle: the decoder itself is told the limit.
        table.refuse::<Tight>(&rectangle(&grey(255, 255)), DecodeError::Jpeg);
        table.refuse::<Tight>(&rectangle(&[0; 130]), DecodeError::Jpeg);
        table.refuse::<Tight>(&[0x90, 0], DecodeError::Jpeg);
    }

    #[test]
    fn a_jpeg_is_refused_by_its_announced_size_alone() {
        let large = Table::new(1, 1, Rect::new(0, 0, 8192, 65));
        large.refuse::<Tight>(&[0x90, 1], DecodeError::JpegTooLarge);
        let long = [
            0x90,
            0x81,
            0x80,
            u8::try_from(MAX_JPEG_BYTES >> 14).unwrap(),
        ];
        Table::new(1, 1, Rect::new(0, 0, 1, 1)).refuse::<Tight>(&long, DecodeError::JpegTooLarge);
    }
}
